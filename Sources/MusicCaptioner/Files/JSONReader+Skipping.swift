// Values that are passed over: they are not checked, and need no memory.

extension JSONReader {
  /// Passes over the value that follows.
  package mutating func skipValue() throws(FileError) {
    try skipBlank()
    var depth = 0
    repeat {
      switch try input.peek() {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        _ = try input.next()
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard depth > 0 else { throw input.syntax(try input.found(), expected: "a JSON value") }
        depth -= 1
        _ = try input.next()
      case UInt8(ascii: "\""): try skipText()
      case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D:
        guard depth > 0 else { throw input.syntax(try input.found(), expected: "a JSON value") }
        _ = try input.next()
      case nil: throw input.syntax(try input.found(), expected: "a JSON value")
      default: try skipWord()
      }
    } while depth > 0
  }

  private mutating func skipText() throws(FileError) {
    _ = try input.next()
    while let byte = try input.next() {
      if byte == UInt8(ascii: "\"") { return }
      if byte == UInt8(ascii: "\\") { _ = try input.next() }
      input.skipRun { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    }
    throw input.syntax("the end of the file inside a text", expected: "its closing quote")
  }

  /// A number, or a word such as `true`.
  private mutating func skipWord() throws(FileError) {
    var count = 0
    while let byte = try input.peek(),
      byte > 0x20, ![0x22, 0x2C, 0x3A, 0x5B, 0x5D, 0x7B, 0x7D].contains(byte)
    {
      _ = try input.next()
      count += 1
    }
    guard count > 0 else { throw input.syntax(try input.found(), expected: "a JSON value") }
  }
}
