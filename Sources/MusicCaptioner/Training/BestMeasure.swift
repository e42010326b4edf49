/// How models are compared: by the validation loss, or by a score of their captions.
public struct BestMeasure: RawRepresentable, Codable, Sendable, Hashable {
  /// As in `metrics.jsonl`.
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let validationLoss = BestMeasure(rawValue: "validation_loss")

  /// The loss, and the metrics' scores for which higher is better.
  static func all(of metrics: [CaptionMetric]) -> [BestMeasure] {
    let scores = CaptionMetric.inTraining.filter { $0 != .diversity && metrics.contains($0) }
      .flatMap(\.scoreNames)
    return [validationLoss] + scores.map(BestMeasure.init(rawValue:))
  }

  func isBetter(_ value: Double, than other: Double) -> Bool {
    self == .validationLoss ? value < other : value > other
  }
}

extension CaptionMetric {
  /// The metrics that can be computed at a validation: those that need no model of their own.
  static let inTraining = allCases.filter { $0 != .bertscore }
}
