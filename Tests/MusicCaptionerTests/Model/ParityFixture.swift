import Foundation
import Testing

@testable import MusicCaptioner

/// The small model in the official layout, with all that the official code computed from it:
/// `../shared/parity/tiny-a`, which has a README.
struct ParityFixture: Sendable {
  static let path = "parity/tiny-a"
  static let isThere = SharedData.has(path)
  /// Read once for all tests.
  static let shared = Result { try ParityFixture() }

  let golden: Golden
  let tensors: NamedTensors
  /// The log-mel of all chunks, `[chunks, frames, mels]`, in both variants.
  private let logMels: [AudioFeatureOptions.Spectrum: Tensor]

  private init() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    golden = try decoder.decode(
      Golden.self, from: Data(contentsOf: Self.url("golden.json")))
    tensors = try CheckpointFile.read(Self.url("golden.safetensors"))
    logMels = try [
      .power: Self.logMel(golden.chunks, .power), .realPart: Self.logMel(golden.chunks, .realPart),
    ]
  }

  static func url(_ name: String) -> URL { SharedData.url(path).appending(path: name) }

  static func bundle(_ weights: String) throws -> ModelBundle {
    try ModelBundle(contentsOf: url(weights), tokenizer: url("tokenizer"))
  }

  func tensor(_ name: String) throws -> Tensor {
    try #require(tensors[name], "golden.safetensors has no \(name)")
  }

  func logMel(_ spectrum: AudioFeatureOptions.Spectrum) throws -> Tensor {
    try #require(logMels[spectrum])
  }

  private static func logMel(
    _ chunks: [Golden.Chunk], _ spectrum: AudioFeatureOptions.Spectrum
  ) throws -> Tensor {
    var options = AudioFeatureOptions()
    options.spectrum = spectrum
    let extractor = try LogMelExtractor(options)
    let mels = try chunks.map { chunk in
      let clip = try AudioClip(contentsOf: url(chunk.file))
      let first = chunk.index * options.clipSamples
      let samples = Array(clip.samples[first...].prefix(options.clipSamples))
      return extractor(
        samples + Array(repeating: 0, count: options.clipSamples - samples.count))
    }
    return Tensor([mels.count] + mels[0].shape, mels.flatMap(\.values))
  }

  /// The captions of teacher forcing as token ids, one for each row.
  func captions(_ tokenizer: Tokenizer) -> [[Int]] {
    golden.teacherForced.texts.map { tokenizer.encode($0) }
  }

  /// The rows of a parameter that the goldens hold.
  func storedRows(_ name: String, of tensor: Tensor) throws -> [Float] {
    guard let rows = try #require(golden.paramRows.first { $0.name == name }).rows else {
      return tensor.values
    }
    let values = tensor.values
    let width = tensor.count / tensor.shape[0]
    return rows.flatMap { values[$0 * width..<($0 + 1) * width] }
  }
}

/// `golden.json`, as far as the tests need it.
struct Golden: Decodable, Sendable {
  struct Chunk: Decodable {
    let file: String
    let index: Int
  }
  struct TeacherForced: Decodable {
    let chunkOfRow: [Int]
    let texts: [String]
  }
  struct Rows: Sendable {
    let name: String
    /// All rows where `nil`.
    let rows: [Int]?
  }
  struct Setting: Decodable {
    struct Arguments: Decodable {
      let maxLength: Int
      let minLength: Int
      let repetitionPenalty: Double
      let numBeams: Int
      let noRepeatNgramSize: Int
      let earlyStopping: Bool
      let lengthPenalty: Double
    }
    struct Outcome: Decodable {
      let sequences: [[Int]]
      let scores: [Double]?
      let sumLogprobs: [Double]
      let textsRaw: [String]?
      let textsOfficial: [String]?
    }
    let arguments: Arguments
    let chunks: [Outcome]
  }

  let chunks: [Chunk]
  let teacherForced: TeacherForced
  let logmelFrames: [Int]
  let paramRows: [Rows]
  let trainLosses: [Double]
  let officialCaptions: [String]
  let generation: [String: [String: Setting]]

  private enum CodingKeys: CodingKey {
    case chunks, teacherForced, logmelFrames, paramRows, trainLosses, officialCaptions, generation
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    chunks = try values.decode([Chunk].self, forKey: .chunks)
    teacherForced = try values.decode(TeacherForced.self, forKey: .teacherForced)
    logmelFrames = try values.decode([Int].self, forKey: .logmelFrames)
    trainLosses = try values.decode([Double].self, forKey: .trainLosses)
    officialCaptions = try values.decode([String].self, forKey: .officialCaptions)
    generation = try values.decode([String: [String: Setting]].self, forKey: .generation)
    paramRows = try values.decode([String: [Int]?].self, forKey: .paramRows)
      .map { Rows(name: $0.key, rows: $0.value) }
  }
}

extension Golden.Setting {
  var options: DecodingOptions {
    var options = DecodingOptions()
    options.beamWidth = arguments.numBeams
    options.best = arguments.numBeams
    options.maximumLength = arguments.maxLength
    options.minimumLength = arguments.minLength
    options.repetitionPenalty = arguments.repetitionPenalty
    options.noRepeatNgramSize = arguments.noRepeatNgramSize
    options.earlyStopping = arguments.earlyStopping
    options.lengthPenalty = arguments.lengthPenalty
    return options
  }
}
