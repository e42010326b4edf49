/// Why a text is not a list of texts.
struct PythonListFault: Error {
  let found: String
  var expected = "a list such as ['a', \"b\"]"
  /// Whether it is a list of which a part is missing.
  var isIncomplete = false
}

/// What Python's programs write for a value that is missing; only as the whole of a field or an element.
let pythonWordsForMissing: Set<String> = ["None", "nan", "NaN", "null", "<NA>", "NA", "N/A"]

/// Whether a text begins as a list or an array does when Python prints it.
func beginsPythonArray(_ text: String) -> Bool {
  let text = text.trimmingASCIIWhitespace()
  return text.hasPrefix("[") || text.hasPrefix("array(")
}

/// Whether a text of words is meant as a list as Python prints it: in brackets, or as a tuple, a set or
/// an array of texts.
func beginsPythonList(_ text: String) -> Bool {
  if beginsPythonArray(text) { return true }
  let text = text.trimmingASCIIWhitespace()
  // A set, as Python prints it.
  if text.hasPrefix("{'") || text.hasPrefix("{\"") { return true }
  guard text.hasPrefix("("), let second = text.dropFirst().utf8.first else { return false }
  return second == UInt8(ascii: "'") || second == UInt8(ascii: "\"")
}

/// Parses a list of texts as Python prints it: `['a', "b's"]`. Also accepts tuples, arrays
/// as pandas writes them, `['a' 'b'\n 'c']` without commas, and JSON lists.
func parsePythonList(_ text: String) throws(PythonListFault) -> [String] {
  var parser = PythonListParser(bytes: Array(text.utf8))
  return try parser.list()
}

private struct PythonListParser {
  let bytes: [UInt8]
  var position = 0

  /// What numpy writes in the middle of long arrays.
  private static let omission: Substring = "..."

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func list() throws(PythonListFault) -> [String] {
    var items: [String] = []
    skipBlank()
    let isArray = bytes[position...].starts(with: "array(".utf8)
    if isArray { position += 6 }
    let ends: [UInt8: UInt8] = [0x5B: 0x5D, 0x28: 0x29, 0x7B: 0x7D]
    guard let end = current.flatMap({ ends[$0] }) else {
      throw PythonListFault(found: "no opening [")
    }
    position += 1
    while true {
      skipBlank()
      switch current {
      case nil: throw PythonListFault(found: "a list without its closing \(Unicode.Scalar(end))")
      case end:
        position += 1
        try finish(isArray: isArray)
        return items
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "'"), UInt8(ascii: "\""): items.append(try quoted())
      case UInt8(ascii: ":") where end == 0x7D: throw PythonListFault(found: "a dictionary")
      default:
        if let text = try wrapped() { items.append(text) } else { items += try bare(end: end) }
      }
    }
  }

  /// What follows the list: nothing, or the type of an array, `, dtype=object)`.
  private mutating func finish(isArray: Bool) throws(PythonListFault) {
    if isArray, let end = bytes[position...].firstIndex(of: UInt8(ascii: ")")) {
      position = end + 1
    }
    skipBlank()
    if current != nil { throw PythonListFault(found: "text after the closing bracket") }
  }

  private mutating func skipBlank() {
    while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  /// A text within what Python puts around it: `np.str_('a')` of numpy 2, `b'a'`, `u'a'`, `r'a'`.
  private mutating func wrapped() throws(PythonListFault) -> String? {
    let rest = bytes[position...]
    for name in ["np.str_(", "numpy.str_("] where rest.starts(with: name.utf8) {
      position += name.utf8.count
      guard let quote = current, quote == 0x27 || quote == 0x22 else {
        throw PythonListFault(found: "\(name) without a text")
      }
      let text = try quoted()
      guard current == UInt8(ascii: ")") else {
        throw PythonListFault(found: "\(name) without its )")
      }
      position += 1
      return text
    }
    guard let prefix = rest.first, "bur".utf8.contains(prefix), let quote = rest.dropFirst().first,
      quote == 0x27 || quote == 0x22
    else { return nil }
    position += 1
    return try quoted()
  }

  /// A word or words without quotes, up to a comma. In arrays, there are none between numbers and
  /// Python's `None`, and one in quotes may follow.
  private mutating func bare(end: UInt8) throws(PythonListFault) -> [String] {
    let start = position
    var values: [String] = []
    var areValues = true
    var wordStart = position
    func word(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    while let byte = current, byte != UInt8(ascii: ","), byte != end {
      guard byte != UInt8(ascii: "["), byte != UInt8(ascii: "{") else {
        throw PythonListFault(found: "a list within the list")
      }
      let isBlank = byte == 0x20 || (0x09...0x0D).contains(byte)
      // An apostrophe may be part of a word.
      if areValues, byte == 0x27 || byte == 0x22, wordStart == position { break }
      position += 1
      if isBlank {
        if wordStart < position - 1 {
          areValues = areValues && add(word(wordStart..<position - 1), to: &values)
        }
        wordStart = position
      }
    }
    if wordStart < position {
      areValues = areValues && add(word(wordStart..<position), to: &values)
    }
    let text = word(start..<position).trimmingASCIIWhitespace()
    if text.split(whereSeparator: { $0 == " " || $0 == "\n" }).contains(Self.omission) {
      throw PythonListFault(
        found: "a list of which the middle is left out (...)",
        expected: "all of it; numpy shortens long arrays when they are written as text",
        isIncomplete: true)
    }
    return areValues ? values : [text]
  }

  /// Adds a number, and leaves out what is missing.
  ///
  /// - Returns: Whether it is one of these.
  private func add(_ word: String, to values: inout [String]) -> Bool {
    if pythonWordsForMissing.contains(word) || word == Self.omission { return true }
    guard Double(word) != nil else { return false }
    values.append(word)
    return true
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
