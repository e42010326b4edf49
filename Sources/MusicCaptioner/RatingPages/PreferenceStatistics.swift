import Foundation

/// Statistics of a proportion.
package enum PreferenceStatistics {
  /// The 0.975 quantile of the standard normal distribution, for 95 % intervals and two-sided tests
  /// at 5 %.
  private static let quantile975 = 1.959_963_984_540_054
  /// The 0.8 quantile, for sample sizes that give a power of 0.8.
  private static let quantile80 = 0.841_621_233_572_914_3

  /// Wilson's 95 % interval of a proportion (1927); nil if `count` is 0.
  package static func wilson(_ successes: Int, of count: Int) -> ScoreInterval? {
    guard count > 0 else { return nil }
    let n = Double(count)
    let share = Double(successes) / n
    let square = quantile975 * quantile975
    let center = share + square / (2 * n)
    let half = quantile975 * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
    let lower = successes == 0 ? 0 : (center - half) / (1 + square / n)
    let upper = successes == count ? 1 : (center + half) / (1 + square / n)
    return ScoreInterval(lower: lower, upper: upper)
  }

  /// The exact two-sided p-value of the sign test: the probability of a division at least as uneven
  /// if both outcomes are equally likely. 1 if there are no outcomes.
  package static func signTest(_ wins: Int, _ losses: Int) -> Double {
    let count = wins + losses
    // Here both tails together cover everything.
    guard abs(wins - losses) > 1 else { return 1 }
    var tail = 0.0
    for outcome in 0...min(wins, losses) {
      let logChoices =
        lgamma(Double(count + 1)) - lgamma(Double(outcome + 1))
        - lgamma(Double(count - outcome + 1))
      tail += exp(logChoices - Double(count) * log(2))
    }
    return min(1, 2 * tail)
  }

  /// The number of answers with which a two-sided test at 5 % shows, with a power of 0.8, that the
  /// true preference is not ½, by the normal approximation of the binomial test.
  ///
  /// - Parameter difference: The true preference minus ½, from 0.001 to 0.4.
  package static func sampleSize(difference: Double) -> Int {
    precondition((0.001...0.4).contains(difference), "a difference of \(difference)")
    let preference = 0.5 + difference
    let deviation = (preference * (1 - preference)).squareRoot()
    let root = (quantile975 * 0.5 + quantile80 * deviation) / difference
    return Int((root * root).rounded(.up))
  }
}
