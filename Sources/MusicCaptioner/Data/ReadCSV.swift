/// Reads rows of comma-separated values (RFC 4180): fields in double quotes may hold commas, line
/// breaks and doubled quotes; lines end with LF or CR LF.
struct CSVReader {
  let input: ByteReader
  let separator: UInt8

  init(input: ByteReader, separator: UInt8 = UInt8(ascii: ",")) {
    self.input = input
    self.separator = separator
  }

  /// Calls `body` with every row after the first, whose fields are the names.
  func forEachRecord(
    _ body: (DataRecord) throws(DataError) -> Void
  ) throws(DataError) {
    guard let header = try row() else { return }
    let names = header.fields.map { $0.trimmingASCIIWhitespace() }
    if let repeated = names.first(where: { name in names.count { $0 == name } > 1 }),
      !repeated.isEmpty
    {
      throw DataError(
        file: input.file, line: header.line,
        reason: .syntax(
          found: "two columns named \"\(excerpt(repeated))\"", expected: "different names"))
    }
    while let row = try row() {
      guard row.fields.count == names.count else {
        throw DataError(
          file: input.file, line: row.line,
          reason: .syntax(
            found: "\(row.fields.count) fields",
            expected: "\(names.count), as in the first line; fields with commas need quotes"))
      }
      var fields: [String: FieldValue] = [:]
      for (name, text) in zip(names, row.fields) where !text.isEmpty { fields[name] = .text(text) }
      try body(DataRecord(file: input.file, line: row.line, fields: fields))
    }
  }

  /// The next row that isn't an empty line; nil at the end.
  private func row() throws(DataError) -> (line: Int, fields: [String])? {
    while let byte = try input.peek(), byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
      _ = try input.next()
    }
    guard try input.peek() != nil else { return nil }
    input.beginRecord()
    let line = input.line
    var fields: [String] = []
    while true {
      let bytes = try input.peek() == UInt8(ascii: "\"") ? quoted() : plain()
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw DataError(
          file: input.file, line: line,
          reason: .syntax(found: "bytes that are not UTF-8", expected: "a table in UTF-8"))
      }
      fields.append(text)
      switch try input.next() {
      case separator: continue
      case nil, UInt8(ascii: "\n"): return (line, fields)
      case UInt8(ascii: "\r"):
        if try input.peek() == UInt8(ascii: "\n") { _ = try input.next() }
        return (line, fields)
      case let byte?:
        throw DataError(
          file: input.file, line: line,
          reason: .syntax(
            found: "\(ByteReader.describe(byte)) after a closing quote",
            expected: "a comma or the end of the line; quotes inside a field are doubled"))
      }
    }
  }

  private func plain() throws(DataError) -> [UInt8] {
    var bytes: [UInt8] = []
    try input.takeRun(into: &bytes) { [separator] byte in
      byte == separator || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
    return bytes
  }

  private func quoted() throws(DataError) -> [UInt8] {
    let line = input.line
    _ = try input.next()
    var bytes: [UInt8] = []
    while let byte = try input.next() {
      if byte != UInt8(ascii: "\"") {
        bytes.append(byte)
        try input.takeRun(into: &bytes) { byte in
          byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
        }
      } else if try input.peek() == UInt8(ascii: "\"") {
        bytes.append(byte)
        _ = try input.next()
      } else {
        return bytes
      }
    }
    throw DataError(
      file: input.file, line: line,
      reason: .syntax(
        found: "the end of the file inside a quoted field",
        expected: "its closing quote: is the file cut short?"))
  }
}

/// Calls `body` with every row of a table; the name's ending says CSV or TSV, the content tells a
/// JSON array from JSON Lines.
func forEachRecord(
  in input: ByteReader, _ body: (DataRecord) throws(DataError) -> Void
) throws(DataError) {
  switch input.file.split(separator: ".").last?.lowercased() {
  case "csv": try CSVReader(input: input).forEachRecord(body)
  case "tsv": try CSVReader(input: input, separator: UInt8(ascii: "\t")).forEachRecord(body)
  case "json", "jsonl", "ndjson": try JSONReader(input: input).forEachRecord(body)
  default:
    throw DataError(
      file: input.file,
      reason: .syntax(
        found: "a name that tells no format", expected: ".jsonl, .json, .csv or .tsv"))
  }
}
