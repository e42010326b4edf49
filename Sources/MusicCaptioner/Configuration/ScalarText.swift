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
    var text = ""
    var isDigitsOnly = true
    var hasNonzeroDigit = false
  }

  /// `[+-] digits [. digits] [e [+-] digits]`, with `_` allowed between digits; at most 400 long.
  private static func number(_ text: String) -> Number? {
    let bytes = Array(text.utf8.prefix(401))
    guard bytes.count <= 400 else { return nil }
    var result = Number()
    var position = 0
    func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }
    func take() {
      result.text.unicodeScalars.append(Unicode.Scalar(bytes[position]))
      position += 1
    }
    func digits(inMantissa: Bool) -> Int {
      var count = 0
      while let byte = peek() {
        if byte == UInt8(ascii: "_"), count > 0, position + 1 < bytes.count,
          isDigit(bytes[position + 1])
        {
          position += 1
          continue
        }
        guard isDigit(byte) else { break }
        if inMantissa && byte != UInt8(ascii: "0") { result.hasNonzeroDigit = true }
        take()
        count += 1
      }
      return count
    }
    if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { take() }
    var mantissaDigits = digits(inMantissa: true)
    if peek() == UInt8(ascii: ".") {
      result.isDigitsOnly = false
      // `Float(".5")` and `Float("5.")` are both taken by the standard library.
      take()
      mantissaDigits += digits(inMantissa: true)
    }
    guard mantissaDigits > 0 else { return nil }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      result.isDigitsOnly = false
      take()
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { take() }
      guard digits(inMantissa: false) > 0 else { return nil }
    }
    return position == bytes.count ? result : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
