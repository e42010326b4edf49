import Foundation

/// Dates in HTTP's headers (RFC 9110, 5.6.7).
enum HTTPDate {
  /// Reads `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 1123), `Sunday, 06-Nov-94 08:49:37 GMT` (RFC 850) and
  /// `Sun Nov  6 08:49:37 1994` (C's asctime).
  ///
  /// - Parameter now: For years of two digits, which are never more than 50 years ahead.
  /// - Returns: Seconds since 1970, or nil for anything else.
  static func seconds(of text: String, now: Date) -> Double? {
    guard text.utf8.count <= 64 else { return nil }
    var words = text.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
    guard words.count >= 4, weekdays.contains(String(words.removeFirst().prefix(3)).lowercased())
    else { return nil }
    let zones: Set<String> = ["GMT", "UTC", "UT", "Z", "+0000"]
    let isAsctime = words[0].first?.isLetter ?? false
    if isAsctime {
      // The year comes last, and there is no zone.
      guard words.count == 4 else { return nil }
      words = [words[1], words[0], words[3], words[2]]
    } else {
      // The hyphens of RFC 850 divide words; those of a zone "-0000" would too.
      guard words.count == 5, zones.contains(words[4].uppercased()) else { return nil }
    }
    guard let day = number(words[0], 1...31),
      let month = months.firstIndex(of: String(words[1].prefix(3)).lowercased()),
      var year = number(words[2], 0...9999), let time = secondsOfDay(words[3])
    else { return nil }
    if words[2].utf8.count <= 2 {
      // An approximate current year is enough for a window of 50 years.
      let current = 1970 + Int(now.timeIntervalSince1970 / 31_556_952)
      year += current / 100 * 100
      if year > current + 50 { year -= 100 }
      if year <= current - 50 { year += 100 }
    }
    return Double(days(year, month + 1, day)) * 86_400 + time
  }

  private static let weekdays: Set<String> = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  private static func number(_ text: String, _ range: ClosedRange<Int>) -> Int? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text).flatMap { range.contains($0) ? $0 : nil }
  }

  private static func secondsOfDay(_ text: String) -> Double? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let hour = number(parts[0], 0...23),
      let minute = number(parts[1], 0...59), let second = number(parts[2], 0...60)
    else { return nil }
    return Double(hour * 3600 + minute * 60 + second)
  }

  /// The number of days from 1970-01-01 to a date of the Gregorian calendar.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    // Years from March, so that the leap day is the last.
    let (year, month) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469
  }
}
