// Strings in JSON, and the punctuation around values.

extension JSONReader {
  private static func endsRun(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20
  }

  package mutating func text() throws(FileError) -> String {
    let line = input.line
    try expect(UInt8(ascii: "\""), "a text in double quotes")
    if let text = input.takeShortRun(endingIn: UInt8(ascii: "\""), until: Self.endsRun) {
      return text
    }
    var bytes: [UInt8] = []
    while let byte = try input.peek() {
      switch byte {
      case UInt8(ascii: "\""):
        _ = try input.next()
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw FileError(.notUTF8(line: line), .read, input.file)
        }
        return text
      case UInt8(ascii: "\\"):
        _ = try input.next()
        try appendEscape(to: &bytes)
      case 0x00..<0x20:
        throw input.syntax(
          "\(ByteReader.describe(byte)) inside a text", expected: "its closing quote", line: line)
      default: try input.takeRun(into: &bytes, until: Self.endsRun)
      }
    }
    throw input.syntax(
      "the end of the file inside a text", expected: "its closing quote: is the file cut short?",
      line: line)
  }

  private mutating func appendEscape(to bytes: inout [UInt8]) throws(FileError) {
    guard let byte = try input.next() else { return }
    switch byte {
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
    case UInt8(ascii: "u"):
      let unit = try codeUnit()
      let text = try textOfEscapes(unit) { () throws(FileError) in try followingUnit() }
      if dialect == .strict, text.unicodeScalars.contains("\u{FFFD}"), unit != 0xFFFD {
        throw input.syntax("half of an escaped character", expected: "both halves")
      }
      bytes.append(contentsOf: text.utf8)
    default:
      throw input.syntax(
        "\"\\\" and \(ByteReader.describe(byte))", expected: "an escape that JSON knows")
    }
  }

  private mutating func followingUnit() throws(FileError) -> UInt32? {
    guard try input.peek() == UInt8(ascii: "\\"), try input.peekSecond() == UInt8(ascii: "u")
    else { return nil }
    _ = try input.next()
    _ = try input.next()
    return try codeUnit()
  }

  private mutating func codeUnit() throws(FileError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = try input.next(), let digit = Self.hexadecimalDigit(byte) else {
        throw input.syntax("a short \\u escape", expected: "4 hexadecimal digits")
      }
      code = code << 4 | digit
    }
    return code
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }

  // MARK: Signs

  package mutating func skipBlank() throws(FileError) {
    while let byte = try input.peek() {
      switch byte {
      case 0x0A: _ = try input.next()
      case 0x20, 0x0D, 0x09: input.skipRun { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }
      default: return
      }
    }
  }

  package mutating func take(_ byte: UInt8) throws(FileError) -> Bool {
    guard try input.peek() == byte else { return false }
    _ = try input.next()
    return true
  }

  package mutating func expect(
    _ byte: UInt8, _ expected: @autoclosure () -> String
  ) throws(FileError) {
    guard try take(byte) else { throw input.syntax(try input.found(), expected: expected()) }
  }

  package mutating func expectEnd() throws(FileError) {
    try skipBlank()
    guard try input.peek() == nil else {
      throw input.syntax(try input.found(), expected: "the end of the file")
    }
  }
}
