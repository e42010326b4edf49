import Foundation

/// Reads JSON values one by one, so that a table of any length is read in constant memory.
package struct JSONReader {
  /// What is accepted beyond RFC 8259.
  package enum Dialect {
    /// JSON as written by Python: NaN and Infinity become null, an unpaired surrogate becomes
    /// U+FFFD.
    case python
    /// For models and our own files, in which such values mean damage.
    case strict
  }

  package var input: ByteReader
  package let dialect: Dialect
  /// Whether an element may not be larger than a row of a table.
  private let limitsElements: Bool
  private var place = Place.beginning
  /// Whether the elements are those of an array; known after the first one.
  private(set) var isArray = false

  /// Of the element that is being read.
  private var valueCount = 0
  private var elementStart = 0

  private enum Place { case beginning, array, lines, end }

  package init(_ input: ByteReader, dialect: Dialect = .python, limitsElements: Bool = true) {
    self.input = input
    self.dialect = dialect
    self.limitsElements = limitsElements
  }

  /// The single value that `bytes` contains.
  ///
  /// - Parameter line: The line of the file on which `bytes` begin.
  package static func document(
    _ bytes: [UInt8], name: String, line: Int = 1, dialect: Dialect = .python
  ) throws(FileError) -> JSONValue {
    var reader = JSONReader(
      try ByteReader(bytes, name: name, line: line), dialect: dialect, limitsElements: false)
    let value = try reader.element()
    try reader.expectEnd()
    return value
  }

  /// The single value in a file.
  package static func document(
    of url: URL, name: String? = nil, dialect: Dialect = .python
  ) throws(FileError) -> JSONValue {
    let name = name ?? url.path
    return try document(
      ByteReader.contents(of: url, name: name), name: name, dialect: dialect)
  }

  /// The next element of an array, or of a sequence of values, with the line on which it begins;
  /// nil at the end.
  package mutating func nextElement() throws(FileError) -> (line: Int, value: JSONValue)? {
    switch place {
    case .beginning:
      try skipBlank()
      guard try take(UInt8(ascii: "[")) else {
        place = .lines
        return try nextElement()
      }
      (place, isArray) = (.array, true)
      try skipBlank()
      if try take(UInt8(ascii: "]")) { return try end() }
    case .array:
      try skipBlank()
      if try take(UInt8(ascii: "]")) { return try end() }
      try expect(UInt8(ascii: ","), "\",\" or \"]\" after an object")
    case .lines: break
    case .end: return nil
    }
    try skipBlank()
    if place == .lines, try input.peek() == nil { return try end() }
    let line = input.line
    return (line, try element())
  }

  private mutating func end() throws(FileError) -> (line: Int, value: JSONValue)? {
    place = .end
    try expectEnd()
    return nil
  }

  /// Calls `body` with the key and each element of an object of lists, `{"a": [1, 2], "b": [3]}`.
  package mutating func forEachListElement(
    _ body: (_ key: String, _ element: JSONValue, _ line: Int) throws(FileError) -> Void
  ) throws(FileError) {
    try skipBlank()
    try expect(UInt8(ascii: "{"), "an object of lists, {\"train_track\": [\"id\", …]}")
    try skipBlank()
    if try take(UInt8(ascii: "}")) { return try expectEnd() }
    while true {
      try skipBlank()
      input.beginRecord()
      let key = try text()
      try skipBlank()
      try expect(UInt8(ascii: ":"), "\":\"")
      try skipBlank()
      try expect(UInt8(ascii: "["), "a list of ids")
      try skipBlank()
      if try !take(UInt8(ascii: "]")) {
        while true {
          try skipBlank()
          let line = input.line
          try body(key, try element(), line)
          try skipBlank()
          if try take(UInt8(ascii: "]")) { break }
          try expect(UInt8(ascii: ","), "\",\" or \"]\" in a list")
        }
      }
      try skipBlank()
      if try take(UInt8(ascii: "}")) { return try expectEnd() }
      try expect(UInt8(ascii: ","), "\",\" or \"}\" after a list")
    }
  }

  // MARK: Values

  /// The value that follows, as an element of a sequence.
  package mutating func element() throws(FileError) -> JSONValue {
    try skipBlank()
    if limitsElements { input.beginRecord() }
    (valueCount, elementStart) = (0, input.consumedBytes)
    return try value(depth: 1, began: input.line)
  }

  /// A value takes 24 bytes of memory, and only two of a file such as `[1,1,1]`: whoever writes millions of
  /// those has no use for this library's tables and models.
  private mutating func countValue() throws(FileError) {
    valueCount += 1
    guard valueCount > FileLimits.smallValues,
      valueCount - FileLimits.smallValues > (input.consumedBytes - elementStart) / 10
    else { return }
    let limit = "a value for every ten bytes at most, beyond \(FileLimits.smallValues) values"
    throw FileError(.tooLarge(line: input.line, limit: limit), .read, input.file)
  }

  private mutating func value(depth: Int, began: Int) throws(FileError) -> JSONValue {
    guard depth <= FileLimits.depth else {
      let limit = "JSON that nests \(FileLimits.depth) deep at most"
      throw FileError(.tooLarge(line: input.line, limit: limit), .read, input.file)
    }
    try countValue()
    switch try input.peek() ?? 0 {
    case UInt8(ascii: "{"): return try object(depth: depth, began: began)
    case UInt8(ascii: "["): return try list(depth: depth, began: began)
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
      return try word()
    default:
      throw input.syntax(
        try input.found(),
        expected: input.line == began
          ? "a JSON value" : "a JSON value (the object began on line \(began))")
    }
  }

  private mutating func object(depth: Int, began: Int) throws(FileError) -> JSONValue {
    var object = JSONObject()
    _ = try input.next()
    try skipBlank()
    if try take(UInt8(ascii: "}")) { return .object(object) }
    while true {
      try skipBlank()
      guard try input.peek() == UInt8(ascii: "\"") else {
        throw input.syntax(try input.found(), expected: "a field name in double quotes")
      }
      let key = try text()
      try skipBlank()
      try expect(UInt8(ascii: ":"), "\":\" after the field \"\(excerpt(key))\"")
      try skipBlank()
      object.append(key, try value(depth: depth + 1, began: began))
      try skipBlank()
      if try take(UInt8(ascii: "}")) { return .object(object) }
      try expect(UInt8(ascii: ","), "\",\" or \"}\" after the field \"\(excerpt(key))\"")
    }
  }

  private mutating func list(depth: Int, began: Int) throws(FileError) -> JSONValue {
    var elements: [JSONValue] = []
    _ = try input.next()
    try skipBlank()
    if try take(UInt8(ascii: "]")) { return .list(elements) }
    while true {
      try skipBlank()
      elements.append(try value(depth: depth + 1, began: began))
      try skipBlank()
      if try take(UInt8(ascii: "]")) { return .list(elements) }
      try expect(UInt8(ascii: ","), "\",\" or \"]\" in a list")
    }
  }

  private mutating func number() throws(FileError) -> JSONValue {
    var text: [UInt8] = []
    while let byte = try input.peek(), Self.isNumberByte(byte), text.count < 1000 {
      text.append(byte)
      _ = try input.next()
    }
    let word = String(decoding: text, as: UTF8.self)
    if word == "-", try input.peek() == UInt8(ascii: "I") { return try self.word() }
    guard JSONNumber.isValid(text) else {
      throw input.syntax("\"\(excerpt(word))\"", expected: "a number")
    }
    return .number(word)
  }

  private static func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private mutating func word() throws(FileError) -> JSONValue {
    var text: [UInt8] = []
    while let byte = try input.peek(), byte | 0x20 >= UInt8(ascii: "a"),
      byte | 0x20 <= UInt8(ascii: "z"), text.count < 16
    {
      text.append(byte)
      _ = try input.next()
    }
    let word = String(decoding: text, as: UTF8.self)
    switch word {
    case "true": return .truth(true)
    case "false": return .truth(false)
    case "null": return .null
    case "NaN" where dialect == .python, "Infinity" where dialect == .python: return .null
    default: throw input.syntax("\"\(word)\"", expected: "a JSON value; texts need double quotes")
    }
  }
}
