import Foundation

/// Reads the rows of a table one by one. The file extension selects CSV or TSV; otherwise the
/// content distinguishes a JSON array from JSON Lines.
package struct TableReader {
  private var json: JSONReader?
  private var csv: CSVReader?

  /// - Parameter name: The file's name in messages.
  package init(_ url: URL, name: String) throws(FileError) {
    try self.init(try ByteReader(url, name: name))
  }

  package init(_ input: ByteReader) throws(FileError) {
    if let separator = Self.separator(of: input.file) {
      csv = try CSVReader(input, separator: separator)
    } else if ["json", "jsonl", "ndjson"].contains(Self.ending(of: input.file)) {
      json = JSONReader(input)
    } else {
      throw FileError(
        .value(
          place: "", found: "a name that tells no format", expected: ".jsonl, .json, .csv or .tsv"),
        .read, input.file)
    }
  }

  private static func ending(of name: String) -> String? {
    name.split(separator: ".").last?.lowercased()
  }

  /// The field separator for a file name's extension; nil if it isn't CSV or TSV.
  package static func separator(of name: String) -> UInt8? {
    switch ending(of: name) {
    case "csv": UInt8(ascii: ",")
    case "tsv": UInt8(ascii: "\t")
    default: nil
    }
  }

  /// The next row, with the line on which it begins; nil at the end.
  package mutating func next() throws(FileError) -> (line: Int, fields: JSONObject)? {
    if csv != nil { return try csv?.next() }
    guard let (line, value) = try json?.nextElement() else { return nil }
    guard case .object(let fields) = value else {
      throw FileError(
        .syntax(line: line, found: value.kind, expected: "an object, {\"audio\": …}"), .read,
        json?.input.file ?? "")
    }
    return (line, fields)
  }
}
