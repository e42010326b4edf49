import Foundation

/// A track in the input that has tags.
struct TagRow: Sendable, Equatable {
  /// Counted from 0, including tracks without tags.
  var number: Int
  /// All columns, including those not used for captions.
  var fields: JSONObject
  var tagColumn: String
  /// One or more, without repetitions.
  var tags: [String]
}

/// A table of tracks with tags: JSON, JSON Lines, CSV, TSV or Parquet, compressed or not.
public struct TagTable: Sendable {
  let path: String
  /// The column of the tags; nil for the first of `tagColumns` that is not empty.
  let tagColumn: String?

  /// The columns of the million song data set, our manifests, MusicCaps and MagnaTagATune.
  static let tagColumns = ["tag", "tags", "aspect_list", "extra_tag", "tag_top188", "tag_top50"]

  /// - Parameters:
  ///   - path: A file that ends in .json, .jsonl, .csv, .tsv or .parquet, with .gz or .zst after
  ///     it if compressed; a folder with tables; or a pattern such as `data/*.parquet`.
  ///   - tagColumn: The column of the tags: a list, a list written as text, or comma-separated
  ///     words.
  public init(path: String, tagColumn: String? = nil) {
    self.path = path
    self.tagColumn = tagColumn
  }

  /// The rows, one by one, in constant memory.
  ///
  /// - Throws: `DataError` if the table can't be read.
  func rows() throws(DataError) -> TagRows { try TagRows(of: self) }

  fileprivate func row(_ number: Int, _ record: DataRecord) throws(DataError) -> TagRow? {
    for column in tagColumn.map({ [$0] }) ?? Self.tagColumns {
      var seen: Set<String> = []
      let tags = try record.words(column).filter { seen.insert($0).inserted }
      if !tags.isEmpty {
        var fields = record.fields
        // The captions are one file, which has no name or key to tell the split.
        if let split = record.split, record.value(["split", "is_audioset_eval"]) == nil {
          fields.append("split", .text(split))
        }
        return TagRow(number: number, fields: fields, tagColumn: column, tags: tags)
      }
    }
    return nil
  }
}

/// Iterates over the rows of a table on demand.
struct TagRows {
  private let table: TagTable
  private var records: RecordReader
  private var number = 0

  fileprivate init(of table: TagTable) throws(DataError) {
    self.table = table
    records = try RecordReader(
      PathName.url(table.path), name: table.path, what: "a table of tracks with tags")
  }

  /// The next row with its number, counted from 0; the row is nil if it has no tags. Nil at the
  /// end.
  ///
  /// - Throws: `DataError` if the table is cut off, or has no rows.
  mutating func next() throws(DataError) -> (number: Int, row: TagRow?)? {
    guard let record = try records.next() else {
      if number == 0 { throw DataError(.empty, file: table.path) }
      return nil
    }
    defer { number += 1 }
    return (number, try table.row(number, record))
  }
}
