/// The pages of one column of a row group, in order, by their headers: none of them is read here.
struct ParquetPages {
  let column: ParquetColumn
  private let chunk: ParquetMetadata.Chunk

  /// Of the next page.
  private var place: Int
  private let end: Int
  /// The values that no page so far has.
  private(set) var left: Int
  /// Of the page with the dictionary, which comes before the pages that use it.
  private(set) var dictionary: ParquetPageHeader?

  /// - Throws: `ParquetFault` if the row group's column can't be the table's.
  init(
    _ column: ParquetColumn, of group: ParquetMetadata.RowGroup
  ) throws(ParquetFault) {
    guard group.chunks.indices.contains(column.index) else {
      throw ParquetFault("a row group that lacks columns")
    }
    let chunk = group.chunks[column.index]
    (self.column, self.chunk) = (column, chunk)
    (place, end, left) = (chunk.start, chunk.start + chunk.byteCount, chunk.valueCount)
    guard chunk.type == column.type else {
      throw ParquetFault("a column of another type than the table's")
    }
    guard !chunk.isElsewhere else {
      throw ParquetFault(
        "the column \"\(excerpt(column.name))\" encrypted or in another file",
        expected: "all in one file")
    }
    // In a column that doesn't repeat, missing values count too.
    guard column.repetitionLevel > 0 || chunk.valueCount == group.rowCount else {
      throw ParquetFault(
        "\(chunk.valueCount) values in \(group.rowCount) rows of the column "
          + "\"\(excerpt(column.name))\"")
    }
  }

  /// The next page with values; nil at the end.
  mutating func next(in file: RandomAccessFile) throws(ParquetFault) -> ParquetPageHeader? {
    while left > 0 {
      guard place < end else { throw ParquetFault("fewer values than promised") }
      let header = try ParquetPageHeader(file, at: place, end: end)
      place = header.start + header.byteCount
      switch header.kind {
      case .index: continue
      case .dictionary:
        guard dictionary == nil else { throw ParquetFault("two dictionaries in a column") }
        dictionary = header
      case .data, .dataV2:
        guard header.valueCount <= left else { throw ParquetFault("more values than promised") }
        left -= header.valueCount
        if header.valueCount > 0 { return header }
      }
    }
    return nil
  }

  /// The page after a header, decompressed.
  func page(
    _ header: ParquetPageHeader, in file: RandomAccessFile
  ) throws(ParquetFault) -> ParquetPage {
    try ParquetPage(header, of: column, codec: chunk.codec, in: file)
  }

  /// The values of a page. Those of a dictionary are always plain.
  func values(_ page: ParquetPage) throws(ParquetFault) -> ParquetValues {
    try ParquetValues(
      page.bytes, page.values,
      encoding: page.header.kind == .dictionary ? .plain : page.header.encoding,
      type: column.type, byteCount: column.byteCount)
  }

  /// At which level each value of a page repeats; nil if none does.
  func repetitions(_ page: ParquetPage) throws(ParquetFault) -> RunLengthDecoder? {
    try Self.levels(page, page.repetition, highest: column.repetitionLevel)
  }

  /// To which level each value of a page is there; nil if all are.
  func definitions(_ page: ParquetPage) throws(ParquetFault) -> RunLengthDecoder? {
    try Self.levels(page, page.definition, highest: column.definitionLevel)
  }

  private static func levels(
    _ page: ParquetPage, _ range: Range<Int>, highest: Int
  ) throws(ParquetFault) -> RunLengthDecoder? {
    guard highest > 0 else { return nil }
    return try RunLengthDecoder(
      page.bytes, range, width: Int.bitWidth - highest.leadingZeroBitCount)
  }
}
