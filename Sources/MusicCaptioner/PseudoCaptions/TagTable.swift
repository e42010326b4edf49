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

/// A table of tracks with tags: JSON, JSON Lines, CSV or TSV.
package struct TagTable: Sendable {
  let path: String
  /// The column of the tags; nil for the first of `tagColumns` that is not empty.
  let tagColumn: String?

  /// The columns of the million song data set, our manifests, MusicCaps and MagnaTagATune.
  static let tagColumns = ["tag", "tags", "aspect_list", "extra_tag", "tag_top188", "tag_top50"]

  /// - Parameters:
  ///   - path: A file that ends in .json, .jsonl, .csv or .tsv.
  ///   - tagColumn: The column of the tags: a list, a list written as text, or comma-separated
  ///     words.
  package init(path: String, tagColumn: String? = nil) {
    self.path = path
    self.tagColumn = tagColumn
  }

  /// Calls `body` with every row, in constant memory; nil stands for a row without tags.
  ///
  /// - Throws: `DataError` if the table can't be read or is cut off.
  func forEachRow(_ body: (Int, TagRow?) throws(DataError) -> Void) throws(DataError) {
    var records = try RecordReader(
      URL(fileURLWithPath: path), name: path, what: "a table of tracks with tags")
    var number = 0
    while let record = try records.next() {
      try body(number, try row(number, record))
      number += 1
    }
    if number == 0 { throw DataError(file: path, reason: .empty) }
  }

  private func row(_ number: Int, _ record: DataRecord) throws(DataError) -> TagRow? {
    for column in tagColumn.map({ [$0] }) ?? Self.tagColumns {
      var seen: Set<String> = []
      let tags = try record.words(column).filter { seen.insert($0).inserted }
      if !tags.isEmpty {
        return TagRow(number: number, fields: record.fields, tagColumn: column, tags: tags)
      }
    }
    return nil
  }
}
