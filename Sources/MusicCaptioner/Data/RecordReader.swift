import Foundation

/// Reads the rows of a table in any supported format, one by one.
struct RecordReader {
  private var table: TableReader
  private let what: String
  /// A row that has one of these names itself.
  private static let idColumns = ["id", "track_id", "ytid", "fname"]

  /// - Parameters:
  ///   - name: The file's name in messages.
  ///   - what: What the file should contain, for the message if it is missing.
  ///   - columns: The columns of Parquet to read; all if nil.
  init(
    _ url: URL, name: String, what: String, columns: Set<String>? = nil
  ) throws(DataError) {
    self.what = what
    table = try DataError.wrapping(what) { () throws(FileError) in
      try TableReader(url, name: name, columns: columns)
    }
  }

  /// The next row; nil at the end.
  mutating func next() throws(DataError) -> DataRecord? {
    do throws(FileError) {
      guard let (row, found) = try table.nextObject() else { return nil }
      var fields = found
      // In a file that is one object, the names of rows are their ids, unless they are numbers that
      // pandas gave them.
      if let key = row.key, Int(key) == nil, Self.idColumns.allSatisfy({ fields[$0] == nil }) {
        fields.append("id", .text(key))
      }
      return DataRecord(
        file: table.file.name, line: row.line, fields: fields, embedded: row.embedded,
        table: table.file, split: row.split ?? table.file.split,
        hasTextsForMissing: table.format.hasTextsForMissing)
    } catch {
      throw DataError(error, what: what)
    }
  }
}
