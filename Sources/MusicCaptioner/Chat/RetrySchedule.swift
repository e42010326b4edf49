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

  /// The wait that a server asks for in `Retry-After`, in seconds or as a date, or in
  /// `retry-after-ms`.
  ///
  /// - Parameter headers: Names in lower case.
  /// - Returns: Seconds, or nil if it doesn't ask for a wait.
  static func asked(_ headers: [String: String], now: Date = Date()) -> Double? {
    if let text = headers["retry-after-ms"], let number = Double(text), number.isFinite {
      return max(0, number / 1000)
    }
    guard let text = headers["retry-after"]?.trimmingASCIIWhitespace() else { return nil }
    if let number = Double(text) { return number.isFinite ? max(0, number) : nil }
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return format.date(from: text).map { max(0, $0.timeIntervalSince(now)) }
  }
}
