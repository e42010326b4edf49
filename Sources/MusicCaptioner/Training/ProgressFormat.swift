import Foundation

/// Short forms of quantities, for progress lines and reports.
package enum ProgressFormat {
  /// `12s`, `3m10s`, `1h02m`, `2d03h`; `?` if it is not a valid duration.
  package static func duration(_ seconds: Double) -> String {
    guard seconds >= 0, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
      "\(large)\(largeUnit)\(small < 10 ? "0" : "")\(small)\(smallUnit)"
    }
    switch whole {
    case ..<60: return "\(whole)s"
    case ..<3_600: return pair(whole / 60, "m", whole % 60, "s")
    case ..<86_400: return pair(whole / 3_600, "h", whole % 3_600 / 60, "m")
    default: return pair(whole / 86_400, "d", whole % 86_400 / 3_600, "h")
    }
  }

  /// Three digits without an exponent: `0.0312`, `3.12`, `61.2`, `123`.
  package static func number(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    let decimals =
      switch abs(value) {
      case ..<0.1: 4
      case ..<1: 3
      case ..<9.995: 2
      case ..<99.95: 1
      default: 0
      }
    return String(format: "%.\(decimals)f", value)
  }

  /// `4.5e-04`
  package static func learningRate(_ rate: Double) -> String { String(format: "%.1e", rate) }

  /// Powers of 1,000: `987 B`, `12.3 kB`, `595 MB`, `5.23 GB`.
  package static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["B", "kB", "MB", "GB"] {
      if value < 999.5 { return "\(unit == "B" ? "\(count)" : threeDigits(value)) \(unit)" }
      value /= 1_000
    }
    return "\(threeDigits(value)) TB"
  }

  private static func threeDigits(_ value: Double) -> String {
    String(format: value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f", value)
  }
}
