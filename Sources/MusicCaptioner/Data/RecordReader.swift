import Foundation

/// Reads the rows of a table in any supported format, one by one.
struct RecordReader {
  private var table: TableReader
  private let file: String
  private let what: String

  /// - Parameters:
  ///   - name: The file's name in messages.
  ///   - what: What the file should contain, for the message if it is missing.
  init(_ url: URL, name: String, what: String) throws(DataError) {
    (file, self.what) = (name, what)
    table = try DataError.wrapping(what) { () throws(FileError) in
      try TableReader(url, name: name)
    }
  }

  /// The next row; nil at the end.
  mutating func next() throws(DataError) -> DataRecord? {
    do throws(FileError) {
      guard let (line, fields) = try table.next() else { return nil }
      return DataRecord(file: file, line: line, fields: fields)
    } catch {
      throw DataError(error, what: what)
    }
  }
}
