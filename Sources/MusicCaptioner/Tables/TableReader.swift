import Foundation

/// Reads the rows of a table one by one: CSV, TSV, JSON, JSON Lines or Parquet, compressed or not,
/// in one file or in several.
package struct TableReader {
  /// What a file is taken for if its name tells no format.
  package enum Fallback {
    /// An error.
    case none
    case json
    /// Text with a row per line, unless it begins like JSON.
    case jsonOrLines
  }

  private enum Rows {
    case csv(CSVReader)
    case json(JSONTable)
    case lines(ByteReader)
    case parquet(ParquetTable)
  }

  private var files: ArraySlice<TableFile>
  private let fallback: Fallback
  private let keepsEmpty: Bool
  private let columns: Set<String>?
  private var rows: Rows?
  /// The file of the last row.
  package private(set) var file: TableFile
  /// The format of that file.
  package private(set) var format: TableFormat

  /// - Parameters:
  ///   - url: A file, a folder with tables, or a pattern such as `data/train-*.parquet`.
  ///   - name: The path in messages.
  ///   - keepsEmpty: Whether empty fields of CSV are part of a row.
  ///   - columns: The columns of Parquet to read; all if nil.
  package init(
    _ url: URL, name: String, fallback: Fallback = .none, keepsEmpty: Bool = false,
    columns: Set<String>? = nil
  ) throws(FileError) {
    files = try TableFiles.at(url, name: name)[...]
    (self.fallback, self.keepsEmpty, self.columns) = (fallback, keepsEmpty, columns)
    file = files.first ?? TableFile(url, name: name)
    format = .json
    files = files.dropFirst()
    try open(try TableInput(file.url, name: file.name))
  }

  /// Reads a table in memory.
  package init(
    _ bytes: [UInt8], name: String, fallback: Fallback = .none
  ) throws(FileError) {
    files = []
    (self.fallback, keepsEmpty, columns) = (fallback, false, nil)
    file = TableFile(URL(fileURLWithPath: name), name: name)
    format = .json
    try open(try TableInput(bytes, name: name))
  }

  private mutating func open(_ input: TableInput) throws(FileError) {
    format = try format(of: input)
    switch format {
    case .commas: rows = .csv(try CSVReader(try input.open()))
    case .tabs: rows = .csv(try CSVReader(try input.open(), separator: UInt8(ascii: "\t")))
    case .json: rows = .json(try JSONTable(input))
    case .lines: rows = .lines(try input.open())
    case .parquet: rows = .parquet(try ParquetTable(try input.openAtRandom(), columns: columns))
    }
  }

  private func format(of input: TableInput) throws(FileError) -> TableFormat {
    if input.signature == .parquet { return .parquet }
    if let format = TableFormat(name: input.name) { return format }
    switch fallback {
    case .json: return .json
    case .jsonOrLines:
      var reader = try input.open()
      while let byte = try reader.peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
        _ = try reader.next()
      }
      let first = try reader.peek()
      return first == UInt8(ascii: "[") || first == UInt8(ascii: "{") ? .json : .lines
    case .none:
      throw FileError(
        .value(
          place: "", found: "a name that tells no format", expected: TableFormat.endings),
        .read, input.name)
    }
  }

  /// The next row; nil at the end.
  package mutating func next() throws(FileError) -> TableRow? {
    while true {
      if let row = try nextOfFile() { return row }
      guard let next = files.popFirst() else { return nil }
      file = next
      try open(try TableInput(next.url, name: next.name))
    }
  }

  private mutating func nextOfFile() throws(FileError) -> TableRow? {
    // Each is taken out while it is changed, so that it isn't copied.
    switch rows {
    case .csv(var reader):
      rows = nil
      defer { rows = .csv(reader) }
      guard let (line, fields) = try reader.next(keepsEmpty: keepsEmpty) else { return nil }
      return TableRow(line: line, value: .object(fields))
    case .json(var reader):
      rows = nil
      defer { rows = .json(reader) }
      return try reader.next()
    case .parquet(var reader):
      rows = nil
      defer { rows = .parquet(reader) }
      return try reader.next()
    case .lines(var reader):
      rows = nil
      defer { rows = .lines(reader) }
      while try reader.peek() != nil {
        var line: [UInt8] = []
        let number = reader.line
        reader.beginRecord()
        try reader.takeRun(into: &line) { $0 == 0x0A || $0 == 0x0D }
        _ = try reader.next()
        guard let text = String(validating: line, as: UTF8.self) else {
          throw FileError(.notUTF8(line: number), .read, file.name)
        }
        if !text.isEmpty { return TableRow(line: number, value: .text(text)) }
      }
      return nil
    case nil: return nil
    }
  }

  /// The next row, which has to be an object; nil at the end.
  package mutating func nextObject() throws(FileError) -> (row: TableRow, fields: JSONObject)? {
    guard let row = try next() else { return nil }
    guard case .object(let fields) = row.value else {
      throw FileError(
        .syntax(line: row.line, found: row.value.kind, expected: "an object, {\"audio\": …}"),
        .read, file.name)
    }
    return (row, fields)
  }
}
