/// Reads rows of comma-separated values (RFC 4180): fields in double quotes may contain commas,
/// line breaks and doubled quotes; lines end with LF or CR LF.
struct CSVReader {
  private var input: ByteReader
  private let separator: UInt8
  /// The column names from the first row; empty for an empty file.
  private(set) var names: [String] = []

  /// Reads the first row, which contains the column names.
  ///
  /// - Parameter separator: The field separator: a comma or a tab.
  init(_ input: ByteReader, separator: UInt8 = UInt8(ascii: ",")) throws(FileError) {
    self.input = input
    self.separator = separator
    guard let header = try row() else { return }
    names = header.fields.map { $0.trimmingASCIIWhitespace() }
    if names.count == 1, let found = Self.otherSeparator(in: names[0], than: separator) {
      throw self.input.syntax(
        "\(found) between the columns", expected: "commas in a .csv, tabs in a .tsv",
        line: header.line)
    }
    var seen: Set<String> = []
    // Columns without a name, such as an index written by pandas, are ignored.
    for name in names where !name.isEmpty && !seen.insert(name).inserted {
      throw self.input.syntax(
        "two columns named \"\(excerpt(name))\"", expected: "different names", line: header.line)
    }
  }

  /// What seems to separate the columns; spreadsheets write semicolons where the comma is a decimal sign.
  private static func otherSeparator(in header: String, than separator: UInt8) -> String? {
    let names: [(byte: UInt8, name: String)] = [
      (UInt8(ascii: "\t"), "tabs"), (UInt8(ascii: ";"), "semicolons"),
      (UInt8(ascii: "|"), "vertical bars"), (UInt8(ascii: ","), "commas"),
    ]
    return names.first { $0.byte != separator && header.utf8.contains($0.byte) }?.name
  }

  /// The next row, with the line on which it begins; nil at the end.
  ///
  /// - Parameter keepsEmpty: Whether empty fields are included.
  mutating func next(
    keepsEmpty: Bool = false
  ) throws(FileError) -> (line: Int, fields: JSONObject)? {
    guard let row = try row() else { return nil }
    guard row.fields.count == names.count else {
      throw input.syntax(
        "\(row.fields.count) fields",
        expected: "\(names.count), as in the first line; fields with commas need quotes",
        line: row.line)
    }
    var fields = JSONObject()
    for (name, text) in zip(names, row.fields) where keepsEmpty || !text.isEmpty {
      fields.append(name, .text(text))
    }
    return (row.line, fields)
  }

  /// The next row that isn't an empty line; nil at the end.
  private mutating func row() throws(FileError) -> (line: Int, fields: [String])? {
    while let byte = try input.peek(), byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
      _ = try input.next()
    }
    guard try input.peek() != nil else { return nil }
    input.beginRecord()
    let line = input.line
    var fields: [String] = []
    fields.reserveCapacity(names.count)
    while true {
      let bytes = try input.peek() == UInt8(ascii: "\"") ? quoted() : plain()
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw FileError(.notUTF8(line: line), .read, input.file)
      }
      guard fields.count < FileLimits.columns else {
        let limit = "\(FileLimits.columns) columns at most"
        throw FileError(.tooLarge(line: line, limit: limit), .read, input.file)
      }
      fields.append(text)
      switch try input.next() {
      case separator: continue
      case nil, UInt8(ascii: "\n"): return (line, fields)
      case UInt8(ascii: "\r"):
        if try input.peek() == UInt8(ascii: "\n") { _ = try input.next() }
        return (line, fields)
      case let byte?:
        throw input.syntax(
          "\(ByteReader.describe(byte)) after a closing quote",
          expected: "a comma or the end of the line; quotes inside a field are doubled", line: line)
      }
    }
  }

  private mutating func plain() throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    let separator = separator
    try input.takeRun(into: &bytes) { byte in
      byte == separator || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
    return bytes
  }

  private mutating func quoted() throws(FileError) -> [UInt8] {
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
    throw input.syntax(
      "the end of the file inside a quoted field",
      expected: "its closing quote: is the file cut short?", line: line)
  }
}

/// Writes rows according to RFC 4180, but with the line endings of text files.
enum CSVWriter {
  static func line(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\n"
  }

  private static func field(_ text: String) -> String {
    let special: Set<Unicode.Scalar> = ["\"", ",", "\n", "\r"]
    guard text.unicodeScalars.contains(where: special.contains) else { return text }
    // On scalars: a quotation mark with a combining mark is one Character.
    let doubled = text.unicodeScalars.reduce(into: "") { result, scalar in
      if scalar == "\"" { result.unicodeScalars.append(scalar) }
      result.unicodeScalars.append(scalar)
    }
    return "\"" + doubled + "\""
  }
}
