import Foundation

/// The wait before a request is sent again.
package struct RetrySchedule: Options {
  /// How many times a failed request is sent again.
  package var retryCount = 7
  /// The first wait, in seconds; each further one is twice as long.
  package var firstSeconds = 1.0
  /// The longest wait that we choose, in seconds.
  package var maximumSeconds = 60.0
  /// The longest wait that a server may ask for, in seconds.
  package var maximumAskedSeconds = 3600.0

  package init() {}

  package var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    checks.check((0...100).contains(retryCount), .retryCount, retryCount, "0 to 100")
    for (key, seconds) in [
      (CodingKeys.firstSeconds, firstSeconds), (.maximumSeconds, maximumSeconds),
      (.maximumAskedSeconds, maximumAskedSeconds),
    ] { checks.check((0...86_400).contains(seconds), key, seconds, "seconds, 0 to 86400") }
    return checks.problems
  }

  /// - Parameters:
  ///   - attempt: The attempt that failed, counted from 0.
  ///   - asked: The wait that the server asks for, in seconds.
  ///   - random: A number in [0, 1), so that requests that failed together are not retried
  ///     together.
  /// - Returns: Seconds.
  func delay(after attempt: Int, asked: Double?, random: Double) -> Double {
    let own = min(maximumSeconds, firstSeconds * pow(2, Double(min(attempt, 30))))
    guard let asked else { return own * (0.5 + random / 2) }
    return min(max(asked, 0), maximumAskedSeconds) + min(own, firstSeconds) * random
  }
}
