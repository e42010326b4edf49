/// A summary of ratings as JSON.
package struct RatingReport: Sendable {
  package let summary: RatingSummary
  /// For the intervals.
  package var resampling: ResamplingOptions
  /// True preferences minus ½ for which to report sample sizes.
  package var differences: [Double]

  package static let standardDifferences = [0.05, 0.1, 0.15]

  package init(
    _ summary: RatingSummary, resampling: ResamplingOptions = .init(),
    differences: [Double] = RatingReport.standardDifferences
  ) {
    self.summary = summary
    self.resampling = resampling
    self.differences = differences
  }

  /// One object, formatted like `json.dump(…, indent=4)`.
  package var json: String {
    let counts = summary.counts
    let report: JSONObject = [
      "page": .text(summary.page), "a": .text(summary.key.a), "b": .text(summary.key.b),
      "clips": .init(summary.key.isSwapped.count), "clips_rated": .init(summary.clips.count),
      "ratings": .init(counts.total), "a_preferred": .init(counts.a),
      "b_preferred": .init(counts.b), "ties": .init(counts.ties),
      "preference": .object(preference), "sign_test": .object(signTest),
      "first_chosen": .object(firstChosen), "agreement": .object(agreement),
      "raters": .list(raters), "sample_size": .object(sampleSize),
    ]
    return JSONWriter.text(.object(report), .report) + "\n"
  }

  private var preference: JSONObject {
    let counts = summary.counts
    return [
      "share": .init(counts.preference), "level": .number("0.95"),
      "wilson": .init(PreferenceStatistics.wilson(counts.a, of: counts.decided)),
      "bootstrap": .init(summary.preferenceInterval(resampling)),
      "samples": .init(resampling.sampleCount), "seed": .number("\(resampling.seed)"),
    ]
  }

  private var signTest: JSONObject {
    let votes = summary.clipVotes
    return [
      "clips_for_a": .init(votes.a), "clips_for_b": .init(votes.b),
      "p_value": .init(PreferenceStatistics.signTest(votes.a, votes.b)),
    ]
  }

  /// Far from ½ if raters choose by position.
  private var firstChosen: JSONObject {
    let (chosen, count) = summary.first
    return [
      "share": count == 0 ? .null : .init(Double(chosen) / Double(count)),
      "wilson": .init(PreferenceStatistics.wilson(chosen, of: count)),
    ]
  }

  private var agreement: JSONObject {
    let alpha = summary.agreement
    var members: JSONObject = [
      "krippendorff_alpha": .init(alpha.value), "interval": .init(alpha.interval(resampling)),
      "clips": .init(alpha.unitCount),
    ]
    if alpha.value == nil {
      members.set(
        "reason",
        alpha.unitCount == 0 ? "no clip has two raters" : "all answers to these clips are the same")
    }
    return members
  }

  private var raters: [JSONValue] {
    summary.raters.map { rater in
      .object([
        "rater": .text(rater.name), "ratings": .init(rater.counts.total),
        "a_preferred": .init(rater.counts.a), "b_preferred": .init(rater.counts.b),
        "ties": .init(rater.counts.ties), "preference": .init(rater.counts.preference),
        "unheard": .init(rater.unheardCount),
      ])
    }
  }

  /// Ties decide nothing, so the answers needed are more than the decided ones.
  private var sampleSize: JSONObject {
    let counts = summary.counts
    let decidedShare = counts.total == 0 ? 0 : Double(counts.decided) / Double(counts.total)
    var sizes: JSONObject = ["level": .number("0.05"), "power": .number("0.8")]
    for difference in differences {
      let answers = PreferenceStatistics.sampleSize(difference: difference)
      let withTies =
        decidedShare > 0 ? JSONValue(Int((Double(answers) / decidedShare).rounded(.up))) : .null
      // Without the extra digits of binary fractions, such as those of 0.5 + 0.15.
      let share = "\(((0.5 + difference) * 1e6).rounded() / 1e6)"
      sizes.append(share, .object(["decided": .init(answers), "with_ties": withTies]))
    }
    return sizes
  }
}
