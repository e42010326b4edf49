/// A row of a table.
package struct TableRow {
  /// The line on which it begins; where a format has no lines, the number of the row from 1.
  package let line: Int
  /// Its name in a file that is one object of rows.
  package var key: String?
  /// The split that the row's list is named after, in a JSON file with a list for each split.
  package var split: String?
  /// An object, except in JSON and plain text.
  package let value: JSONValue
  /// A file inside of the table.
  package var embedded: EmbeddedFile?
}

/// A file, such as a sound, inside of a Parquet file.
package struct EmbeddedFile: Equatable, Sendable {
  /// The path of the Parquet file.
  package let table: String
  /// Counted from 0, among the columns without parts of their own.
  package let column: Int
  package let rowGroup: Int
  /// Within its row group, counted from 0.
  package let row: Int
  /// Where the sound is if the row's structure turns out to have no bytes; known for tables of which some rows
  /// may have none.
  package var path: String?
}
