/// Why a text is not a list of texts.
struct PythonListFault: Error {
  let found: String
}

/// Parses a list of texts as Python prints it: `['a', "b's"]`. Also accepts arrays as pandas writes
/// them, `['a' 'b'\n 'c']` without commas, and JSON lists.
func parsePythonList(_ text: String) throws(PythonListFault) -> [String] {
  var parser = PythonListParser(bytes: Array(text.utf8))
  return try parser.list()
}

private struct PythonListParser {
  let bytes: [UInt8]
  var position = 0

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func list() throws(PythonListFault) -> [String] {
    var items: [String] = []
    skipBlank()
    guard current == UInt8(ascii: "[") else { throw PythonListFault(found: "no opening [") }
    position += 1
    while true {
      skipBlank()
      switch current {
      case nil: throw PythonListFault(found: "a list without its closing ]")
      case UInt8(ascii: "]"):
        position += 1
        skipBlank()
        if current != nil { throw PythonListFault(found: "text after the closing ]") }
        return items
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "'"), UInt8(ascii: "\""): items.append(try quoted())
      default: if let item = try bare() { items.append(item) }
      }
    }
  }

  private mutating func skipBlank() {
    while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  /// A number, or a word without quotes; nil for Python's `None` and JSON's `null`.
  private mutating func bare() throws(PythonListFault) -> String? {
    let start = position
    while let byte = current, byte != UInt8(ascii: ","), byte != UInt8(ascii: "]") {
      guard byte != UInt8(ascii: "["), byte != UInt8(ascii: "{") else {
        throw PythonListFault(found: "a list within the list")
      }
      position += 1
    }
    let word = String(decoding: bytes[start..<position], as: UTF8.self).trimmingASCIIWhitespace()
    return ["None", "nan", "null", ""].contains(word) ? nil : word
  }

  private mutating func quoted() throws(PythonListFault) -> String {
    let quote = bytes[position]
    position += 1
    var content: [UInt8] = []
    while let byte = current {
      position += 1
      if byte == quote { return String(decoding: content, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") {
        content.append(contentsOf: try escape().utf8)
      } else {
        content.append(byte)
      }
    }
    throw PythonListFault(found: "a text without its closing quote")
  }

  private mutating func escape() throws(PythonListFault) -> String {
    guard let byte = current else { throw PythonListFault(found: "a text that ends in \\") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "x"): return try scalar(digits: 2)
    case UInt8(ascii: "u"):
      return try textOfEscapes(try code(digits: 4)) { () throws(PythonListFault) in
        guard current == UInt8(ascii: "\\"), position + 1 < bytes.count,
          bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        position += 2
        return try code(digits: 4)
      }
    case UInt8(ascii: "U"): return try scalar(digits: 8)
    default:
      // \' \" \\ \/ stand for themselves; Python keeps the backslash before an unknown character.
      let character = String(decoding: [byte], as: UTF8.self)
      return [0x27, 0x22, 0x5C, 0x2F].contains(byte) ? character : "\\" + character
    }
  }

  private mutating func scalar(digits: Int) throws(PythonListFault) -> String {
    String(Character(UnicodeScalar(try code(digits: digits)) ?? "\u{FFFD}"))
  }

  private mutating func code(digits: Int) throws(PythonListFault) -> UInt32 {
    guard bytes.count - position >= digits,
      let code = UInt32(
        String(decoding: bytes[position..<position + digits], as: UTF8.self), radix: 16)
    else { throw PythonListFault(found: "an escape of fewer than \(digits) hexadecimal digits") }
    position += digits
    return code
  }
}
