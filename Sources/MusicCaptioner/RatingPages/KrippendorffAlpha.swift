/// Agreement between raters beyond chance, for unordered answers: Krippendorff's α, nominal (K.
/// Krippendorff, Content Analysis, 2004, chapter 11). 1 is full agreement, 0 that of chance. The
/// number of raters is arbitrary, and answers may be missing.
package struct KrippendorffAlpha: Sendable {
  /// For each unit with at least two answers, how often each value was given.
  private let units: [[Int]]

  /// - Parameter units: For each unit, how often each value was given: `[units][values]`. Units
  ///   with fewer than two answers don't count.
  package init(_ units: [[Int]]) {
    self.units = units.filter { $0.reduce(0, +) >= 2 }
  }

  /// The number of units with at least two answers.
  package var unitCount: Int { units.count }

  /// Nil if no unit has two answers, or all answers are the same, since chance would agree as well.
  package var value: Double? { value(of: units.indices.map { $0 }) }

  /// The value for the units listed, each counted as often as it is listed.
  func value(of sample: [Int]) -> Double? {
    var totals: [Int] = []
    var disagreement = 0.0
    for unit in sample.lazy.map({ units[$0] }) {
      let count = unit.reduce(0, +)
      if totals.isEmpty { totals = unit.map { _ in 0 } }
      for (value, times) in unit.enumerated() {
        totals[value] += times
        // Each ordered pair of different answers in the unit weighs 1 / (answers - 1).
        disagreement += Double(times * (count - times)) / Double(count - 1)
      }
    }
    let total = totals.reduce(0, +)
    let expected = totals.reduce(0.0) { $0 + Double($1) * Double(total - $1) }
    guard expected > 0 else { return nil }
    return 1 - Double(total - 1) * disagreement / expected
  }

  /// The middle 95 % over units drawn with repetition; nil if α is nil.
  package func interval(_ options: ResamplingOptions = .init()) -> ScoreInterval? {
    guard value != nil else { return nil }
    var samples: [Double] = []
    options.forEachSample(of: units.count) { sample in
      if let value = value(of: sample) { samples.append(value) }
    }
    return samples.isEmpty ? nil : ScoreInterval(of: samples)
  }
}
