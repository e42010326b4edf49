/// Reads JSON values one by one, so that a table of any length passes through in constant memory.
///
/// Beyond RFC 8259 it takes the NaN and Infinity that Python writes, as nothing.
struct JSONReader {
  let input: ByteReader

  /// Calls `body` with every object of a JSON array, or of JSON Lines.
  func forEachRecord(
    _ body: (DataRecord) throws(DataError) -> Void
  ) throws(DataError) {
    try skipBlank()
    let isArray = try input.peek() == UInt8(ascii: "[")
    if isArray {
      _ = try input.next()
      try skipBlank()
      if try take(UInt8(ascii: "]")) { return try expectEnd() }
    }
    while true {
      try skipBlank()
      if !isArray, try input.peek() == nil { return }
      let line = input.line
      input.beginRecord()
      guard try input.peek() == UInt8(ascii: "{") else {
        throw syntax(found: try input.found(), expected: "an object, {\"audio\": …}")
      }
      guard case .object(let fields) = try value(depth: 1, began: line) else { continue }
      try body(DataRecord(file: input.file, line: line, fields: fields))
      guard isArray else { continue }
      try skipBlank()
      if try take(UInt8(ascii: "]")) { return try expectEnd() }
      guard try take(UInt8(ascii: ",")) else {
        throw syntax(found: try input.found(), expected: "\",\" or \"]\" after an object")
      }
    }
  }

  /// Calls `body` with the key and each element of an object of lists, `{"a": [1, 2], "b": [3]}`.
  func forEachListElement(
    _ body: (_ key: String, _ element: FieldValue, _ line: Int) throws(DataError) -> Void
  ) throws(DataError) {
    try skipBlank()
    try expect(UInt8(ascii: "{"), "an object of lists, {\"train_track\": [\"id\", …]}")
    try skipBlank()
    if try take(UInt8(ascii: "}")) { return try expectEnd() }
    while true {
      try skipBlank()
      input.beginRecord()
      let key = try string()
      try skipBlank()
      try expect(UInt8(ascii: ":"), "\":\"")
      try skipBlank()
      try expect(UInt8(ascii: "["), "a list of ids")
      try skipBlank()
      if try !take(UInt8(ascii: "]")) {
        while true {
          try skipBlank()
          input.beginRecord()
          let line = input.line
          try body(key, try value(depth: 1, began: line), line)
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

  private func value(depth: Int, began: Int) throws(DataError) -> FieldValue {
    guard depth <= DataLimits.depth else {
      throw DataError(
        file: input.file, line: input.line,
        reason: .tooLarge("JSON that nests \(DataLimits.depth) deep at most"))
    }
    switch try input.peek() ?? 0 {
    case UInt8(ascii: "{"): return try object(depth: depth, began: began)
    case UInt8(ascii: "["): return try list(depth: depth, began: began)
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
      return try word()
    default:
      throw syntax(
        found: try input.found(),
        expected: input.line == began
          ? "a JSON value" : "a JSON value (the object began on line \(began))")
    }
  }

  private func object(depth: Int, began: Int) throws(DataError) -> FieldValue {
    var fields: [String: FieldValue] = [:]
    _ = try input.next()
    try skipBlank()
    if try take(UInt8(ascii: "}")) { return .object(fields) }
    while true {
      try skipBlank()
      guard try input.peek() == UInt8(ascii: "\"") else {
        throw syntax(found: try input.found(), expected: "a field name in double quotes")
      }
      let key = try string()
      try skipBlank()
      try expect(UInt8(ascii: ":"), "\":\" after the field \"\(excerpt(key))\"")
      try skipBlank()
      fields[key] = try value(depth: depth + 1, began: began)
      try skipBlank()
      if try take(UInt8(ascii: "}")) { return .object(fields) }
      try expect(
        UInt8(ascii: ","), "\",\" or \"}\" after the field \"\(excerpt(key))\"")
    }
  }

  private func list(depth: Int, began: Int) throws(DataError) -> FieldValue {
    var elements: [FieldValue] = []
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

  private func number() throws(DataError) -> FieldValue {
    var text: [UInt8] = []
    while let byte = try input.peek(), Self.isNumberByte(byte), text.count < 1000 {
      text.append(byte)
      _ = try input.next()
    }
    let word = String(decoding: text, as: UTF8.self)
    if word == "-", try input.peek() == UInt8(ascii: "I") { return try self.word() }
    guard Double(word) != nil else {
      throw syntax(found: "\"\(excerpt(word))\"", expected: "a number")
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

  private func word() throws(DataError) -> FieldValue {
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
    case "null", "NaN", "Infinity": return .null
    default: throw syntax(found: "\"\(word)\"", expected: "a JSON value; texts need double quotes")
    }
  }

  private func string() throws(DataError) -> String {
    let line = input.line
    try expect(UInt8(ascii: "\""), "a text in double quotes")
    var bytes: [UInt8] = []
    while let byte = try input.peek() {
      switch byte {
      case UInt8(ascii: "\""):
        _ = try input.next()
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw syntax(found: "bytes that are not UTF-8", expected: "a table in UTF-8")
        }
        return text
      case UInt8(ascii: "\\"):
        _ = try input.next()
        bytes.append(contentsOf: Array(try escape().utf8))
      case 0x00..<0x20:
        throw DataError(
          file: input.file, line: line,
          reason: .syntax(
            found: "\(ByteReader.describe(byte)) inside a text", expected: "its closing quote"))
      default:
        try input.takeRun(into: &bytes) { byte in
          byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20
        }
      }
    }
    throw DataError(
      file: input.file, line: line,
      reason: .syntax(
        found: "the end of the file inside a text",
        expected: "its closing quote: is the file cut short?"))
  }

  private func escape() throws(DataError) -> String {
    guard let byte = try input.next() else { return "" }
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return String(Character(UnicodeScalar(byte)))
    case UInt8(ascii: "u"):
      var code = try codeUnit()
      // A first half must be followed by a second; half of a character alone becomes U+FFFD.
      while (0xD800..<0xDC00).contains(code), try input.peek() == UInt8(ascii: "\\") {
        _ = try input.next()
        guard try take(UInt8(ascii: "u")) else { return "\u{FFFD}" + (try escape()) }
        let low = try codeUnit()
        if (0xDC00..<0xE000).contains(low) {
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        } else {
          return "\u{FFFD}" + String(Character(UnicodeScalar(low) ?? "\u{FFFD}"))
        }
      }
      return String(Character(UnicodeScalar(code) ?? "\u{FFFD}"))
    default:
      throw syntax(
        found: "\"\\\" and \(ByteReader.describe(byte))", expected: "an escape that JSON knows")
    }
  }

  private func codeUnit() throws(DataError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = try input.next(), let digit = Character(UnicodeScalar(byte)).hexDigitValue
      else { throw syntax(found: "a short \\u escape", expected: "4 hexadecimal digits") }
      code = code << 4 | UInt32(digit)
    }
    return code
  }

  private func skipBlank() throws(DataError) {
    while let byte = try input.peek(),
      byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    {
      _ = try input.next()
    }
  }

  private func take(_ byte: UInt8) throws(DataError) -> Bool {
    guard try input.peek() == byte else { return false }
    _ = try input.next()
    return true
  }

  private func expect(_ byte: UInt8, _ expected: String) throws(DataError) {
    guard try take(byte) else { throw syntax(found: try input.found(), expected: expected) }
  }

  private func expectEnd() throws(DataError) {
    try skipBlank()
    guard try input.peek() == nil else {
      throw syntax(found: try input.found(), expected: "the end of the file")
    }
  }

  private func syntax(found: String, expected: String) -> DataError {
    DataError(
      file: input.file, line: input.line, reason: .syntax(found: found, expected: expected))
  }
}
