import Foundation

@testable import MusicCaptioner

/// A very small random model with what Hugging Face generates from it: `Fixtures/tiny-bart`, made by
/// the `make.py` that lies there.
struct TinyBart: Sendable {
  private struct Outcomes: Decodable {
    let generation: [String: Golden.Setting]
  }

  let model: CaptionModel
  let settings: [String: Golden.Setting]
  /// `[clips, frames, mels]`
  let logMel: Tensor
  /// The encoder's output, `[clips, time, model]`.
  let memory: Tensor

  init() throws {
    func url(_ name: String) -> URL { Fixtures.url("tiny-bart").appending(path: name) }
    let configuration = try ConfigurationNodeDecoder.decode(
      ModelConfiguration.self,
      ConfigurationNode(JSONReader.document(of: url("config.json"), dialect: .strict)),
      from: .json("config.json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    settings = try decoder.decode(
      Outcomes.self, from: Data(contentsOf: url("golden.json"))
    ).generation
    let golden = try CheckpointFile.read(url("golden.safetensors"))
    logMel = try golden.tensor("mel", shape: [6, 39, 4])
    memory = try golden.tensor("memory", shape: [6, 20, 16])
    model = CaptionModel(configuration, melCount: 4, frameCount: 39)
    try model.load(CheckpointFile.read(url("model.safetensors")))
  }

  func run(
    clips: Range<Int>? = nil, _ change: (inout DecodingOptions) -> Void = { _ in }
  ) throws -> [DecodingResult] {
    var options = DecodingOptions()
    options.maximumLength = 30
    change(&options)
    let clips = clips ?? 0..<logMel.shape[0]
    return try DecodingTask(model, options)
      .run(logMel: logMel.rows(clips), clipNumbers: clips.map(UInt64.init))
  }
}
