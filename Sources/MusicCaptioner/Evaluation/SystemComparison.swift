/// Two systems that captioned the same clips, score by score.
package struct SystemComparison: Sendable {
  package struct Difference: Sendable, Equatable {
    package let name: String
    /// The other system's score.
    package let other: Double
    /// The first system's score minus the other's.
    package let difference: Double
    /// The interval of the difference, from a bootstrap that draws the same captions of both.
    package let interval: ScoreInterval
    /// The probability of at least such a difference if the systems were equally good, estimated by
    /// exchanging captions between them (Noreen 1989). Two-sided, and never 0.
    package let pValue: Double
  }

  /// In the order of the official results.
  package let differences: [Difference]

  /// - Parameters:
  ///   - first: An evaluation.
  ///   - other: Another one by the same evaluator, with the same number of captions.
  package init(
    _ first: CaptionEvaluation, against other: CaptionEvaluation, _ options: ResamplingOptions
  ) {
    precondition(first.count == other.count, "\(first.count) captions against \(other.count)")
    let names = first.scores.map(\.name)
    let observed = zip(first.scores, other.scores).map { $0.value - $1.value }
    var samples = names.map { _ in [Double]() }
    options.forEachSample(of: first.count) { sample in
      let scores = CaptionEvaluation.scores(of: first.statistics, sample)
      let others = CaptionEvaluation.scores(of: other.statistics, sample)
      for index in names.indices {
        samples[index].append(scores[index].value - others[index].value)
      }
    }
    let extremes = Self.extremes(of: observed, first, other, options)
    differences = names.indices.map { index in
      let center = first.scores[index].isBiased || samples[index].isEmpty ? observed[index] : nil
      return Difference(
        name: names[index], other: other.scores[index].value, difference: observed[index],
        interval: ScoreInterval(of: samples[index], center: center),
        pValue: Double(extremes[index] + 1) / Double(max(0, options.sampleCount) + 1))
    }
  }

  /// For each score, how many exchanges give at least the observed difference.
  private static func extremes(
    of observed: [Double], _ first: CaptionEvaluation, _ other: CaptionEvaluation,
    _ options: ResamplingOptions
  ) -> [Int] {
    let joined = zip(first.statistics, other.statistics).map { $0.joined(withSame: $1) }
    var extremes = observed.map { _ in 0 }
    options.forEachExchange(of: first.count) { exchanged in
      // The other system's captions follow the first one's.
      let captions = exchanged.indices.map { exchanged[$0] ? $0 + first.count : $0 }
      let counterparts = exchanged.indices.map { exchanged[$0] ? $0 : $0 + first.count }
      let scores = CaptionEvaluation.scores(of: joined, captions)
      let others = CaptionEvaluation.scores(of: joined, counterparts)
      for index in observed.indices {
        // Exchanges that change nothing must count, regardless of rounding in the sums.
        let difference = abs(scores[index].value - others[index].value)
        if difference >= abs(observed[index]) * (1 - 1e-9) { extremes[index] += 1 }
      }
    }
    return extremes
  }
}

extension CaptionStatistics {
  /// - Precondition: `other` is of the same metric.
  fileprivate func joined(withSame other: any CaptionStatistics) -> any CaptionStatistics {
    guard let other = other as? Self else {
      preconditionFailure("two evaluations of different metrics")
    }
    return joined(with: other)
  }
}
