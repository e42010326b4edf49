/// Scores as JSON with the official keys in their order, then what else was asked for.
public struct EvaluationReport: Sendable {
  public var scores: [CaptionScore]
  public var intervals: [String: ScoreInterval]?
  public var comparison: SystemComparison?
  /// The file that was compared with.
  public var comparedFile: String?
  /// Of intervals and comparison.
  public var resampling: ResamplingOptions

  public init(scores: [CaptionScore], resampling: ResamplingOptions = .init()) {
    self.scores = scores
    self.resampling = resampling
  }

  /// One object, as `json.dump(…, indent=4)` lays it out.
  public var json: String {
    var members = scores.map { ($0.name, Self.number($0.value, isCount: $0.isCount)) }
    if let intervals {
      let bounds = scores.compactMap { score in
        intervals[score.name].map { (score.name, Self.bounds($0)) }
      }
      members.append(("intervals", Self.object(settings + bounds, depth: 1)))
    }
    if let comparison {
      let file = [("against", Self.text(comparedFile ?? ""))]
      let differences = comparison.differences.map { difference in
        let isCount = CaptionScore(name: difference.name, value: 0).isCount
        return (
          difference.name,
          Self.object(
            [
              ("other", Self.number(difference.other, isCount: isCount)),
              ("difference", Self.number(difference.difference, isCount: isCount)),
              ("interval", Self.bounds(difference.interval)),
              ("p_value", Self.number(difference.pValue)),
            ], depth: 2)
        )
      }
      members.append(("comparison", Self.object(file + settings + differences, depth: 1)))
    }
    return Self.object(members, depth: 0) + "\n"
  }

  private var settings: [(String, String)] {
    [
      ("level", "0.95"), ("samples", "\(resampling.sampleCount)"), ("seed", "\(resampling.seed)"),
    ]
  }

  static func object(_ members: [(String, String)], depth: Int) -> String {
    guard !members.isEmpty else { return "{}" }
    let indent = String(repeating: "    ", count: depth + 1)
    let lines = members.map { name, value in "\(indent)\(text(name)): \(value)" }
    return "{\n" + lines.joined(separator: ",\n") + "\n" + indent.dropLast(4) + "}"
  }

  static func bounds(_ interval: ScoreInterval) -> String {
    "[\(number(interval.lower)), \(number(interval.upper))]"
  }

  /// JSON has no way to write what isn't finite.
  static func number(_ value: Double, isCount: Bool = false) -> String {
    guard value.isFinite else { return "null" }
    if isCount, let count = Int(exactly: value) { return "\(count)" }
    return "\(value)"
  }

  static func text(_ string: String) -> String {
    var quoted = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let code = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

/// The scores of each caption alone, as CSV (RFC 4180, lines end in "\n").
public enum CaptionScoresTable {
  /// Of one caption, the standard deviation of lengths says nothing.
  private static let leftOut: Set<String> = ["length_std"]
  private static let shortNames = ["length_avg": "length"]

  /// A row for each pair: number, id, scores, prediction, references (a column for each).
  public static func csv(_ pairs: [CaptionPair], _ evaluation: CaptionEvaluation) -> String {
    let names = evaluation.scores.map(\.name).filter { !leftOut.contains($0) }
    let referenceCount = pairs.map(\.references.count).max() ?? 0
    let references =
      referenceCount == 1 ? ["reference"] : (0..<referenceCount).map { "reference_\($0 + 1)" }
    var rows = [["index", "id"] + names.map { shortNames[$0] ?? $0 } + ["prediction"] + references]
    for (index, pair) in pairs.enumerated() {
      let scores = evaluation.scores(ofCaption: index).filter { !leftOut.contains($0.name) }
      let missing = [String](repeating: "", count: referenceCount - pair.references.count)
      let numbers = scores.map { $0.isWhole ? "\(Int($0.value))" : "\($0.value)" }
      rows.append(
        ["\(index)", pair.id ?? ""] + numbers + [pair.prediction] + pair.references + missing)
    }
    return rows.map { $0.map(field).joined(separator: ",") + "\n" }.joined()
  }

  private static func field(_ text: String) -> String {
    let needsQuotes = text.unicodeScalars.contains { ["\"", ",", "\n", "\r"].contains($0) }
    guard needsQuotes else { return text }
    // By scalars: a quotation mark with a combining mark is one Character.
    let doubled = text.unicodeScalars.reduce(into: "") { result, scalar in
      if scalar == "\"" { result.unicodeScalars.append(scalar) }
      result.unicodeScalars.append(scalar)
    }
    return "\"" + doubled + "\""
  }
}

extension CaptionScore {
  /// Whether one caption's is a whole number.
  fileprivate var isWhole: Bool { isCount || name == "length_avg" }
}
