@testable import MusicCaptioner

/// Options shaped as those of the library are, for the tests of `Options` alone.
struct SampleOptions: Options {
  enum Precision: String, Codable, CaseIterable, Sendable { case float32, bfloat16, int8 }

  struct Model: Codable, Equatable, Sendable {
    var layerCount = 6
    var headCount = 12
    var dropout: Float = 0.1
    var precision = Precision.float32
  }

  var model = Model()
  var training = SampleTraining()
  var data = SampleData()
  var initialize: String?
  var labels: [String: Int] = ["base": 1]
}

struct SampleTraining: Codable, Equatable, Sendable {
  struct TagLoss: Options {
    var weight = 0.5
    var tagCount = 50
  }

  var learningRate = 1e-4
  var stepCount = 1_000
  var seed: UInt64 = 0
  var small: Int8 = 1
  var gradientClip: Float? = 1
  var tagLoss: TagLoss?
  var isDryRun = false
  var note = ""
}

struct SampleData: Codable, Equatable, Sendable {
  enum Sampling: String, Codable, CaseIterable, Sendable { case uniform, balanced }
  enum Format: String, Codable, CaseIterable, Sendable {
    case manifest, musiccaps
    case lpMusicCaps = "lp-musiccaps"
  }

  struct Source: Options {
    var manifest = ""
    var format = Format.manifest
    var audio: String?
    var split: String?
    var captions: [String] = ["writing"]
    var sampling = Sampling.uniform
  }

  /// An element that has no defaults: both keys are needed.
  struct Clip: Codable, Equatable, Sendable {
    var path: String
    var startSeconds: Double
  }

  var train: [Source] = [Source(manifest: "default.jsonl")]
  var validation: [Source] = []
  var clips: [Clip] = []
  var mean: [Float] = []
}

func readSample(_ yaml: String, _ overrides: String...) throws -> SampleOptions {
  try ConfigurationFile(yaml: yaml, default: SampleOptions(), overrides: overrides).value
}

/// The one line that reading gives instead of options.
func sampleComplaint(_ yaml: String, _ overrides: String...) -> String {
  do {
    _ = try ConfigurationFile(yaml: yaml, default: SampleOptions(), overrides: overrides)
    return "no error"
  } catch {
    return error.description
  }
}
