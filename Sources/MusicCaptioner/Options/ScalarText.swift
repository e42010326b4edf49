/// How plain text is read as a number or a truth value. YAML 1.1 takes `1e-4` for text and `010`
/// for eight; here a number is what a person would take for one, always decimal.
enum ScalarText {
  enum NumberFailure: Error, Equatable {
    case notANumber, notWhole, outOfRange
  }

  static func truthValue(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: nil
    }
  }

  static func isNumber(_ text: String) -> Bool { number(text) != nil }

  /// A whole number: `12`, `-3`, `2_000_000`, `1e6` and `4.0`, if the type can hold it exactly.
  static func integer<Value: FixedWidthInteger>(
    _ text: String, as type: Value.Type = Value.self
  ) throws(NumberFailure) -> Value {
    guard let number = number(text) else { throw .notANumber }
    if number.isDigitsOnly {
      guard let value = Value(number.text) else { throw .outOfRange }
      return value
    }
    guard let value = Double(number.text), value.isFinite else { throw .outOfRange }
    guard value == value.rounded() else { throw .notWhole }
    // Beyond 2^53 a Double no longer says which whole number was written.
    guard value.magnitude <= 9_007_199_254_740_992, let exact = Value(exactly: value) else {
      throw .outOfRange
    }
    return exact
  }

  /// A finite number, rounded to the type; what it cannot hold (`1e39` as `Float`, or a number so
  /// small that it would become zero) is out of range.
  static func real<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ text: String, as type: Value.Type = Value.self
  ) throws(NumberFailure) -> Value {
    guard let number = number(text) else { throw .notANumber }
    guard let value = Value(number.text), value.isFinite else { throw .outOfRange }
    if value == 0 && number.hasNonzeroDigit { throw .outOfRange }
    return value
  }

  private struct Number {
    var text: String
    var isDigitsOnly: Bool { !text.contains { $0 == "." || $0 == "e" } }
    var hasNonzeroDigit: Bool { text.prefix { $0 != "e" }.contains { ("1"..."9").contains($0) } }
  }

  /// `[+-] digits [. digits] [e [+-] digits]`, with `_` allowed between digits; at most 400 long.
  private static func number(_ text: String) -> Number? {
    let bytes = Array(text.utf8.prefix(401))
    guard bytes.count <= 400 else { return nil }
    func isDigit(_ index: Int) -> Bool {
      bytes.indices.contains(index)
        && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index])
    }
    var plain = String.UnicodeScalarView()
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "_"):
        guard isDigit(index - 1), isDigit(index + 1) else { return nil }
      // Of what the standard library takes for a number, neither "nan" nor "0x1p3" gets by.
      case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): plain.append(.init(byte))
      case UInt8(ascii: "e"), UInt8(ascii: "E"): plain.append("e")
      default:
        guard isDigit(index) else { return nil }
        plain.append(.init(byte))
      }
    }
    let number = String(plain)
    return Double(number) == nil ? nil : Number(text: number)
  }
}
