import Foundation

/// Rows of a table, one by one; the name's ending says CSV or TSV, the content tells a JSON array
/// from JSON Lines.
struct TableReader {
  private var json: JSONReader?
  private var csv: CSVReader?

  /// - Parameter name: What messages call the file.
  init(_ url: URL, name: String) throws(FileError) {
    try self.init(try ByteReader(url, name: name))
  }

  init(_ input: ByteReader) throws(FileError) {
    switch Self.ending(of: input.file) {
    case "csv": csv = try CSVReader(input)
    case "tsv": csv = try CSVReader(input, separator: UInt8(ascii: "\t"))
    case "json", "jsonl", "ndjson": json = JSONReader(input)
    default:
      throw FileError(
        path: input.file, operation: .read,
        cause: .value(
          place: "", found: "a name that tells no format", expected: ".jsonl, .json, .csv or .tsv"))
    }
  }

  /// Of a file's name, in lower case.
  static func ending(of name: String) -> String? {
    name.split(separator: ".").last?.lowercased()
  }

  /// The next row, with the line on which it begins; nil at the end.
  mutating func next() throws(FileError) -> (line: Int, fields: JSONObject)? {
    if csv != nil { return try csv?.next() }
    guard let (line, value) = try json?.nextElement() else { return nil }
    guard case .object(let fields) = value else {
      throw FileError(
        path: json?.input.file ?? "", operation: .read,
        cause: .syntax(line: line, found: value.kind, expected: "an object, {\"audio\": …}"))
    }
    return (line, fields)
  }
}
