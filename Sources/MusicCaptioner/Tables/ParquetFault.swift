/// Why a Parquet file can't be read.
struct ParquetFault: Error, Equatable {
  private let found: String
  private let expected: String
  /// What happened to the file itself.
  private let file: FileError?

  init(_ found: String, expected: String = "a Parquet file that is whole; copy it again") {
    (self.found, self.expected, file) = (found, expected, nil)
  }

  init(_ error: FileError) { (found, expected, file) = ("", "", error) }

  static let endsEarly = ParquetFault("the end of the data inside a value")

  /// Values in a form that is allowed but rare.
  static func unsupported(_ found: String) -> ParquetFault {
    ParquetFault(
      found, expected: "PLAIN, a dictionary or a usual one; write the file again with pyarrow")
  }

  static func unsupportedCodec(_ name: String) -> ParquetFault {
    ParquetFault(
      "pages in the codec \(name)",
      expected: "SNAPPY, GZIP, ZSTD or none; write it again with pyarrow, compression=\"zstd\"")
  }

  /// - Parameter row: Counted from 1.
  func error(in name: String, row: Int? = nil) -> FileError {
    if let file { return file }
    return FileError(
      row.map { .syntax(line: $0, found: found, expected: expected) }
        ?? .value(place: "", found: found, expected: expected), .read, name)
  }

  /// The result of `body`, whose errors become faults.
  static func wrapping<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(ParquetFault) -> Result {
    do {
      return try body()
    } catch {
      throw ParquetFault(error)
    }
  }
}
