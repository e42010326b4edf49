import Foundation
import Synchronization

@testable import MusicCaptioner

/// A run that takes a moment: eight half-second clips, a model 16 wide, ten steps. What it learns
/// means nothing; that it is always the same is what tests ask of it.
enum TinyRun {
  /// The configuration, without its data.
  static let yaml = """
    seed: 3
    tokenizer: {vocabulary_size: 290, minimum_frequency: 1}
    audio:
      sample_rate: 4000
      fft_size: 128
      hop_length: 80
      mel_count: 8
      highest_frequency: 2000
      clip_seconds: 0.5
    standardize_audio: true
    model:
      d_model: 16
      encoder_layers: 1
      decoder_layers: 1
      encoder_attention_heads: 2
      decoder_attention_heads: 2
      encoder_ffn_dim: 32
      decoder_ffn_dim: 32
      max_position_embeddings: 32
      normalize_before: true
      init_std: 0.1
      whiten_input: true
      conv_strides: [2, 2]
    data:
      maximum_tokens: 24
      tag_count: 3
      augmentation: {time_rotation: true, gain_decibels: 3}
    training:
      batch_size: 4
      epochs: 5
      warmup_epochs: 1
      learning_rate: 1.1e-2
      maximum_gradient_norm: 1
      tag_loss_weight: 0.3
      calibration_clips: 4
      log_every_steps: 1
      validate_every_steps: 4
      checkpoint_every_steps: 2
      sample_captions: 1
    generation: {beam_width: 1, maximum_length: 8}

    """

  /// The same with the changes, which are written as `--set` takes them.
  static func configuration(_ overrides: String...) throws -> RunConfiguration {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "tiny.yaml")
      try Data(yaml.utf8).write(to: url)
      return try ConfigurationFile(
        contentsOf: url, default: RunConfiguration(), overrides: overrides
      ).value
    }
  }

  static let sampleRate = 4000

  /// Tones with noise; each index gives another.
  static func samples(_ index: Int) -> [Float] {
    var random = RandomSource(seed: 11, stream: "tiny run", index: UInt64(index))
    let pitch = 200 * Double(1 + index % 4)
    return (0..<sampleRate * 3 / 4).map { sample in
      let time = Double(sample) / Double(sampleRate)
      return Float(0.4 * sin(2 * .pi * pitch * time) * sin(5 * time)) + 0.1 * random.normal()
    }
  }

  static func tags(_ index: Int) -> [String] {
    ["music", index % 4 < 2 ? "low" : "high"] + (index % 3 == 0 ? ["noisy"] : [])
  }

  static func captions(_ index: Int) -> [String] {
    let pitch = ["very low", "low", "high", "very high"][index % 4]
    return [
      "A \(pitch) tone that swells and fades over some noise.",
      "Noise, and over it a tone of \(pitch) pitch that swells.",
    ]
  }

  static let tracks = (0..<8).map(track)
  static let validation = (8..<12).map(track)

  private static func track(_ index: Int) -> Track {
    Track(
      id: "clip \(index)", audio: .samples(samples(index)), tags: tags(index),
      captions: captions(index).map { TrackCaption(.caption, $0) })
  }

  /// A run on the tracks above.
  static func trainer(
    _ configuration: RunConfiguration, output: URL, resumes: Bool = false,
    events: TrainingEvents = TrainingEvents()
  ) throws -> Trainer {
    try Trainer(
      configuration, tracks: tracks, validation: validation, output: output, resumes: resumes,
      onEvent: { events.add($0) })
  }

  /// What a run on the tracks above begins with.
  static func prepared(_ configuration: RunConfiguration) throws -> PreparedRun {
    try RunPreparation(
      configuration: configuration,
      data: RunData(
        training: TrackSet(tracks), validation: TrackSet(validation), heldOut: []),
      folder: FileManager.default.temporaryDirectory, onWarning: { _ in }
    ).prepare()
  }

  /// Writes the tracks as files and `tiny.yaml`, for the command.
  static func writeFiles(to folder: URL) throws {
    var lines = ""
    for index in 0..<12 {
      try AudioClip(samples: samples(index), sampleRate: sampleRate)
        .writeWave(to: folder.appending(path: "\(index).wav"))
      let object: [String: Any] = [
        "id": "clip \(index)", "audio": "\(index).wav", "split": index < 8 ? "train" : "valid",
        "tags": tags(index), "captions": captions(index),
      ]
      lines +=
        String(
          decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self) + "\n"
    }
    try Data(lines.utf8).write(to: folder.appending(path: "manifest.jsonl"))
    let data = """
      data:
        train: [{manifest: manifest.jsonl, split: train}]
        validation: [{manifest: manifest.jsonl, split: valid}]

      """
    try Data(yaml.replacing("data:\n", with: data).utf8)
      .write(to: folder.appending(path: "tiny.yaml"))
  }
}

/// What a run told, in order.
final class TrainingEvents: Sendable {
  private let events = Mutex<[TrainingEvent]>([])

  func add(_ event: TrainingEvent) { events.withLock { $0.append(event) } }

  var all: [TrainingEvent] { events.withLock { $0 } }

  var steps: [MetricsLine] {
    all.compactMap { if case .step(let line) = $0 { line } else { nil } }
  }

  var warnings: [String] {
    all.compactMap { if case .warning(let text) = $0 { text } else { nil } }
  }

  var losses: [Double] { steps.map { $0.loss ?? .nan } }

  var validations: [(line: MetricsLine, isBest: Bool)] {
    all.compactMap { if case .validated(let line, let isBest) = $0 { (line, isBest) } else { nil } }
  }

  var checkpoints: [Int] {
    all.compactMap { if case .checkpoint(_, let step) = $0 { step } else { nil } }
  }

  var resumed: (step: Int, problems: [String])? {
    for case .resumed(let step, let problems) in all { return (step, problems) }
    return nil
  }
}

/// What two runs must have in common to be the same run.
struct RunResult: Equatable {
  /// The files of `model` and `best`, by path.
  var files: [String: Data] = [:]
  /// The lines of `metrics.jsonl` without time and speed, and those of `samples.jsonl`.
  var lines: [String] = []

  init(_ folder: URL) throws {
    for name in ["model", "best"] {
      let url = folder.appending(path: name)
      for file in (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? [] {
        files["\(name)/\(file)"] = try Data(contentsOf: url.appending(path: file))
      }
    }
    let metrics = folder.appending(path: "metrics.jsonl")
    for line in try String(contentsOf: metrics, encoding: .utf8).split(separator: "\n") {
      var object =
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
      for key in ["time", "examples_per_second", "tokens_per_second"] { object[key] = nil }
      let data = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
      lines.append(String(decoding: data, as: UTF8.self))
    }
    let samples = folder.appending(path: "samples.jsonl")
    if FileManager.default.fileExists(atPath: samples.path) {
      lines += try String(contentsOf: samples, encoding: .utf8).split(separator: "\n")
        .map(String.init)
    }
  }

  /// The names of what differs: data itself is no use in a message.
  func differences(from other: RunResult) -> [String] {
    let names = Set(files.keys).union(other.files.keys).sorted()
    var found = names.filter { files[$0] != other.files[$0] }
    for index in 0..<max(lines.count, other.lines.count) {
      let ours = index < lines.count ? lines[index] : "nothing"
      let theirs = index < other.lines.count ? other.lines[index] : "nothing"
      if ours != theirs { found.append("\(ours) for \(theirs)") }
    }
    return found
  }
}
