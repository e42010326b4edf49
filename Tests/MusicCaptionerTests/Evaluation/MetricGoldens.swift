import Foundation
import Testing

@testable import MusicCaptioner

/// The goldens of the metrics, which lie beside the checkout.
enum MetricGoldens {
  static let root = "metrics/dev"
  #if DEBUG
    /// Without optimization, a system takes seconds.
    static let systems = ["baseline_tagconcat"]
  #else
    static let systems = ["caption_writing", "baseline_tagconcat"]
  #endif

  static var areThere: Bool { SharedData.has(root) }

  static var haveWordNet: Bool {
    areThere && FileManager.default.fileExists(atPath: WordNet.standardFolder.path)
  }

  static func path(_ name: String) -> String { SharedData.url("\(root)/\(name)").path }

  static func object(_ name: String) throws -> [String: Any] {
    try #require(try json(name) as? [String: Any])
  }

  static func json(_ name: String) throws -> Any {
    try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// Pairs as the goldens write them.
  static func pairs(_ object: Any?) throws -> [CaptionPair] {
    try (try #require(object as? [[String: Any]])).map { pair in
      let references =
        try pair["references"] as? [String] ?? [#require(pair["ground_truth"] as? String)]
      return CaptionPair(
        prediction: try #require(pair["prediction"] as? String), references: references)
    }
  }

  static func strings(_ words: [Scalars]) -> [String] {
    words.map { String(String.UnicodeScalarView($0)) }
  }

  /// Each number of `expected` within its tolerance (1e-9 if it has none).
  static func check(
    _ found: CaptionEvaluation, _ expected: Any?, tolerance: Any? = nil, _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let tolerance = tolerance as? [String: Double] ?? [:]
    for (name, value) in try #require(expected as? [String: Any])
    where CaptionMetric.scoreNames.contains(name) {
      let value = try #require(value as? Double)
      let score = try #require(found[name], "\(comment): \(name)", sourceLocation: sourceLocation)
      #expect(
        abs(score - value) <= tolerance[name] ?? 1e-9, "\(comment): \(name) \(score) \(value)",
        sourceLocation: sourceLocation)
    }
  }
}
