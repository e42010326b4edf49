import Glibc

/// Paths as text. A file's name may be any bytes, but text is UTF-8: in the text of a name that isn't, `\xe9` stands
/// for the byte 0xE9. The text is what is shown, written into results and read from tables, and the functions of
/// this folder turn it into the same bytes again. A backslash that would be mistaken for such an escape is `\x5c`.
package enum PathText {
  private static let backslash = UInt8(ascii: "\\")

  /// The text of a name or a path.
  package static func text(_ bytes: some RandomAccessCollection<UInt8>) -> String {
    let bytes = Array(bytes)
    if !holdsEscape(bytes), let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = ""
    var index = 0
    while index < bytes.count {
      let end = index + scalarLength(bytes[index])
      if escapedByte(bytes, at: index) == nil, end <= bytes.count,
        let scalar = String(validating: bytes[index..<end], as: UTF8.self)
      {
        text += scalar
        index = end
      } else {
        let digits = String(bytes[index], radix: 16)
        text += "\\x" + (digits.count < 2 ? "0" : "") + digits
        index += 1
      }
    }
    return text
  }

  /// The name or path that a text stands for, for the C library.
  static func bytes(_ text: String) -> [CChar] {
    var bytes = Array(text.utf8)
    // C would take what precedes it for the whole name; no file has an empty one.
    if bytes.contains(0) { bytes = [] }
    if holdsEscape(bytes) { bytes = unescaped(bytes) }
    return bytes.map { CChar(bitPattern: $0) } + [0]
  }

  /// Whether the text, without escapes, is the name of a file.
  static func isLiteralName(_ text: String) -> Bool {
    var status = stat()
    return lstat(text, &status) == 0
  }

  /// Whether the text contains an escape, or what would be mistaken for one.
  static func holdsEscape(_ bytes: [UInt8]) -> Bool {
    var index = bytes.startIndex
    while let next = bytes[index...].firstIndex(of: backslash) {
      if escapedByte(bytes, at: next) != nil { return true }
      index = next + 1
    }
    return false
  }

  private static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if let byte = escapedByte(bytes, at: index) {
        result.append(byte)
        index += 4
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  /// The byte of the escape at `index`, which only stands for a backslash or what isn't ASCII.
  private static func escapedByte(_ bytes: [UInt8], at index: Int) -> UInt8? {
    guard bytes[index] == backslash, index + 4 <= bytes.count, bytes[index + 1] == UInt8(ascii: "x")
    else { return nil }
    let digits = bytes[index + 2..<index + 4].map { UnicodeScalar($0) }.map(Character.init)
    guard digits.allSatisfy(\.isHexDigit), let byte = UInt8(String(digits), radix: 16) else {
      return nil
    }
    return byte >= 0x80 || byte == backslash ? byte : nil
  }

  /// How many bytes a character has that begins with this one.
  private static func scalarLength(_ first: UInt8) -> Int {
    switch first {
    case 0xC0..<0xE0: 2
    case 0xE0..<0xF0: 3
    case 0xF0...: 4
    default: 1
    }
  }
}
