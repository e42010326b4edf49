import Foundation

/// The measurements at one step of a run: a line of `metrics.jsonl`.
public struct MetricsLine: Sendable, Equatable {
  /// The number of steps taken.
  public var step: Int
  /// The number of epochs, including the fraction of the current one.
  public var epoch: Double
  /// Seconds since the run began, in all its sessions.
  public var time: Double
  /// The label-smoothed cross-entropy of the step's captions.
  public var loss: Double?
  public var tagLoss: Double?
  public var learningRate: Double?
  /// The norm before clipping.
  public var gradientNorm: Double?
  public var examplesPerSecond: Double?
  /// Caption tokens in the loss.
  public var tokensPerSecond: Double?
  public var validationLoss: Double?
  /// Further metrics by key, such as `bleu4`. The keys of the properties above are ignored.
  public var extra: [String: Double]

  public init(
    step: Int, epoch: Double, time: Double, loss: Double? = nil, tagLoss: Double? = nil,
    learningRate: Double? = nil, gradientNorm: Double? = nil, examplesPerSecond: Double? = nil,
    tokensPerSecond: Double? = nil, validationLoss: Double? = nil, extra: [String: Double] = [:]
  ) {
    self.step = step
    self.epoch = epoch
    self.time = time
    self.loss = loss
    self.tagLoss = tagLoss
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.examplesPerSecond = examplesPerSecond
    self.tokensPerSecond = tokensPerSecond
    self.validationLoss = validationLoss
    self.extra = extra
  }

  /// The metrics that have a value, with their keys in the file and in file order.
  var metrics: [(key: String, value: Double)] {
    let all: [(key: String, value: Double?)] = [
      ("loss", loss), ("tag_loss", tagLoss), ("learning_rate", learningRate),
      ("gradient_norm", gradientNorm), ("examples_per_second", examplesPerSecond),
      ("tokens_per_second", tokensPerSecond), ("validation_loss", validationLoss),
    ]
    return all.compactMap { key, value in value.map { (key, $0) } }
  }

  /// The metrics of `extra`, sorted by key.
  var extraMetrics: [(key: String, value: Double)] {
    extra.filter { !Self.ownKeys.contains($0.key) }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }

  private static let ownKeys: Set<String> = [
    "step", "epoch", "time", "loss", "tag_loss", "learning_rate", "gradient_norm",
    "examples_per_second", "tokens_per_second", "validation_loss",
  ]

  var json: JSONObject {
    var line = JSONObject()
    line.set("step", step)
    line.set("epoch", epoch)
    line.set("time", (time * 1_000).rounded() / 1_000)
    for (key, value) in metrics + extraMetrics { line.set(key, value) }
    return line
  }
}

/// The `metrics.jsonl` of a run.
struct MetricsLog: Sendable {
  private let file: JSONLinesFile

  init(url: URL) { file = JSONLinesFile(url: url) }

  /// - Throws: `FileError` if the file can't be written.
  func append(_ line: MetricsLine) throws(FileError) { try file.append(line.json) }

  /// Drops the lines that a run resumed from a checkpoint of `step` will write again.
  ///
  /// - Parameter owesValidation: Whether the validation of that step is among them.
  /// - Throws: `FileError` if the file can't be read or written.
  func truncate(afterStep step: Int, owesValidation: Bool = false) throws(FileError) {
    try file.truncate(afterStep: step, orWith: owesValidation ? "validation_loss" : nil)
  }
}
