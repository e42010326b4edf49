import Foundation

/// The wait that a server asks for.
enum RetryAfter {
  /// The wait in a response's header: `Retry-After` in seconds or as a date, `retry-after-ms`, or when
  /// the limit that was reached is lifted.
  ///
  /// - Parameter headers: Names in lower case.
  /// - Returns: Seconds, or nil if it doesn't ask for a wait.
  static func seconds(_ headers: [String: String], now: Date = Date()) -> Double? {
    if let text = headers["retry-after-ms"], let number = number(text) {
      return max(0, number / 1000)
    }
    if let text = headers["retry-after"]?.trimmingASCIIWhitespace() {
      if let number = number(text) { return max(0, number) }
      if let date = HTTPDate.seconds(of: text, now: now) {
        return max(0, date - now.timeIntervalSince1970)
      }
    }
    return secondsUntilReset(headers, now: now)
  }

  /// The time until a limit is lifted, as OpenAI, Groq, OpenRouter and others say it.
  private static func secondsUntilReset(_ headers: [String: String], now: Date) -> Double? {
    var waits = ["requests", "tokens"].compactMap { what -> Double? in
      guard headers["x-ratelimit-remaining-\(what)"] == "0" else { return nil }
      return headers["x-ratelimit-reset-\(what)"].flatMap { seconds(ofDuration: $0) }
    }
    for name in ["x-ratelimit-reset", "ratelimit-reset"] {
      // Gateways send them with every response: what remains tells whether the limit was reached.
      let remaining = headers[name.replacing("reset", with: "remaining")] ?? "0"
      guard remaining == "0", let text = headers[name], let number = number(text), number >= 0
      else { continue }
      // Small numbers are seconds from now, larger ones a time in seconds or milliseconds since 1970.
      let time = now.timeIntervalSince1970
      waits.append(number < 1e9 ? number : max(0, (number < 1e11 ? number : number / 1000) - time))
    }
    return waits.max()
  }

  /// A duration such as "34s", "1.5s", "6m0s", "120ms" or "2"; nil for anything else.
  static func seconds(ofDuration text: String) -> Double? {
    if let number = number(text) { return number >= 0 ? number : nil }
    let units: [(name: Substring, seconds: Double)] = [
      ("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6), ("ns", 1e-9), ("s", 1), ("m", 60), ("h", 3600),
      ("d", 86_400),
    ]
    var rest = text[...]
    var total = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest[digits.endIndex...]
      guard let number = number(String(digits)),
        let unit = units.first(where: { rest.hasPrefix($0.name) })
      else { return nil }
      total += number * unit.seconds
      rest = rest.dropFirst(unit.name.count)
    }
    return text.isEmpty ? nil : total
  }

  /// A decimal number; `Double` would also take "0x10" and "nan".
  private static func number(_ text: String) -> Double? {
    let text = text.trimmingASCIIWhitespace()
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.".utf8.contains($0) }) else {
      return nil
    }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }
}
