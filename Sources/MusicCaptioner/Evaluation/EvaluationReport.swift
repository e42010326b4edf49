/// Scores as JSON with the official keys in their order, followed by anything else requested.
package struct EvaluationReport: Sendable {
  package var scores: [CaptionScore]
  package var intervals: [String: ScoreInterval]?
  package var comparison: SystemComparison?
  /// The file compared with.
  package var comparedFile: String?
  /// For the intervals and the comparison.
  package var resampling: ResamplingOptions

  package init(scores: [CaptionScore], resampling: ResamplingOptions = .init()) {
    self.scores = scores
    self.resampling = resampling
  }

  /// One object, formatted like `json.dump(…, indent=4)`.
  package var json: String {
    var report = JSONObject()
    for score in scores {
      report.append(score.name, score.isCount ? .count(score.value) : .init(score.value))
    }
    if let intervals {
      var object = settings
      for score in scores {
        if let interval = intervals[score.name] { object.append(score.name, .init(interval)) }
      }
      report.append("intervals", .object(object))
    }
    if let comparison {
      var object: JSONObject = ["against": .text(comparedFile ?? "")]
      for member in settings.members { object.append(member.key, member.value) }
      for difference in comparison.differences {
        object.append(difference.name, .object(Self.members(of: difference)))
      }
      report.append("comparison", .object(object))
    }
    return JSONWriter.text(.object(report), .report) + "\n"
  }

  private static func members(of difference: SystemComparison.Difference) -> JSONObject {
    let isCount = CaptionScore(name: difference.name, value: 0).isCount
    func number(_ value: Double) -> JSONValue { isCount ? .count(value) : .init(value) }
    return [
      "other": number(difference.other), "difference": number(difference.difference),
      "interval": .init(difference.interval), "p_value": .init(difference.pValue),
    ]
  }

  private var settings: JSONObject {
    [
      "level": .number("0.95"), "samples": .init(resampling.sampleCount),
      "seed": .number("\(resampling.seed)"),
    ]
  }
}

extension JSONValue {
  /// Written as an integer if it is one.
  fileprivate static func count(_ value: Double) -> JSONValue {
    Int(exactly: value).map { JSONValue($0) } ?? JSONValue(value)
  }

  /// Its bounds; null if there is no interval.
  init(_ interval: ScoreInterval?) {
    self = interval.map { .list([JSONValue($0.lower), JSONValue($0.upper)]) } ?? .null
  }

  init(_ value: Double?) { self = value.map { JSONValue($0) } ?? .null }
}

/// The scores of each caption alone, as CSV (RFC 4180, but lines end in "\n").
package enum CaptionScoresTable {
  /// The standard deviation of lengths is meaningless for one caption.
  private static let leftOut: Set<String> = ["length_std"]
  private static let shortNames = ["length_avg": "length"]

  /// A row for each pair: number, id, scores, prediction, references (a column for each).
  package static func csv(_ pairs: [CaptionPair], _ evaluation: CaptionEvaluation) -> String {
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
    return rows.map(CSVWriter.line).joined()
  }
}

extension CaptionScore {
  /// Whether the value for a single caption is an integer.
  fileprivate var isWhole: Bool { isCount || name == "length_avg" }
}
