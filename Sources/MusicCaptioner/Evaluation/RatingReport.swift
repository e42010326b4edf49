/// A summary of ratings as JSON.
public struct RatingReport: Sendable {
  public let summary: RatingSummary
  /// Of intervals.
  public var resampling: ResamplingOptions
  /// True preferences, less ½, to give sample sizes for.
  public var differences: [Double]

  public static let standardDifferences = [0.05, 0.1, 0.15]

  public init(
    _ summary: RatingSummary, resampling: ResamplingOptions = .init(),
    differences: [Double] = RatingReport.standardDifferences
  ) {
    self.summary = summary
    self.resampling = resampling
    self.differences = differences
  }

  /// One object, as `json.dump(…, indent=4)` lays it out.
  public var json: String {
    let counts = summary.counts
    let members = [
      ("page", text(summary.page)), ("a", text(summary.key.a)), ("b", text(summary.key.b)),
      ("clips", "\(summary.key.isSwapped.count)"), ("clips_rated", "\(summary.clips.count)"),
      ("ratings", "\(counts.total)"), ("a_preferred", "\(counts.a)"),
      ("b_preferred", "\(counts.b)"), ("ties", "\(counts.ties)"), ("preference", preference),
      ("sign_test", signTest), ("first_chosen", firstChosen), ("agreement", agreement),
      ("raters", raters), ("sample_size", sampleSize),
    ]
    return EvaluationReport.object(members, depth: 0) + "\n"
  }

  private var preference: String {
    EvaluationReport.object(
      [
        ("share", number(summary.counts.preference)), ("level", "0.95"),
        (
          "wilson",
          bounds(PreferenceStatistics.wilson(summary.counts.a, of: summary.counts.decided))
        ),
        ("bootstrap", bounds(summary.preferenceInterval(resampling))),
        ("samples", "\(resampling.sampleCount)"), ("seed", "\(resampling.seed)"),
      ], depth: 1)
  }

  private var signTest: String {
    let votes = summary.clipVotes
    return EvaluationReport.object(
      [
        ("clips_for_a", "\(votes.a)"), ("clips_for_b", "\(votes.b)"),
        ("p_value", number(PreferenceStatistics.signTest(votes.a, votes.b))),
      ], depth: 1)
  }

  /// Far from ½ where raters answer by the place.
  private var firstChosen: String {
    let (chosen, count) = summary.first
    return EvaluationReport.object(
      [
        ("share", number(count == 0 ? nil : Double(chosen) / Double(count))),
        ("wilson", bounds(PreferenceStatistics.wilson(chosen, of: count))),
      ], depth: 1)
  }

  private var agreement: String {
    let alpha = summary.agreement
    var members = [
      ("krippendorff_alpha", number(alpha.value)), ("interval", bounds(alpha.interval(resampling))),
      ("clips", "\(alpha.unitCount)"),
    ]
    if alpha.value == nil {
      let reason =
        alpha.unitCount == 0 ? "no clip has two raters" : "all answers to these clips are the same"
      members.append(("reason", text(reason)))
    }
    return EvaluationReport.object(members, depth: 1)
  }

  private var raters: String {
    let indent = String(repeating: " ", count: 8)
    let entries = summary.raters.map { rater in
      indent
        + EvaluationReport.object(
          [
            ("rater", text(rater.name)), ("ratings", "\(rater.counts.total)"),
            ("a_preferred", "\(rater.counts.a)"), ("b_preferred", "\(rater.counts.b)"),
            ("ties", "\(rater.counts.ties)"), ("preference", number(rater.counts.preference)),
            ("unheard", "\(rater.unheardCount)"),
          ], depth: 2)
    }
    return "[\n" + entries.joined(separator: ",\n") + "\n    ]"
  }

  /// Ties decide nothing, so that more clips than answers are needed.
  private var sampleSize: String {
    let counts = summary.counts
    let decidedShare = counts.total == 0 ? 0 : Double(counts.decided) / Double(counts.total)
    let sizes = differences.map { difference in
      let answers = PreferenceStatistics.sampleSize(difference: difference)
      let withTies =
        decidedShare > 0 ? "\(Int((Double(answers) / decidedShare).rounded(.up)))" : "null"
      return (
        // Without the digits that binary fractions add, such as those of 0.5 + 0.15.
        "\(((0.5 + difference) * 1e6).rounded() / 1e6)",
        EvaluationReport.object([("decided", "\(answers)"), ("with_ties", withTies)], depth: 2)
      )
    }
    return EvaluationReport.object([("level", "0.05"), ("power", "0.8")] + sizes, depth: 1)
  }

  private func text(_ string: String) -> String { EvaluationReport.text(string) }

  private func number(_ value: Double?) -> String {
    value.map { EvaluationReport.number($0) } ?? "null"
  }

  private func bounds(_ interval: ScoreInterval?) -> String {
    interval.map { EvaluationReport.bounds($0) } ?? "null"
  }
}
