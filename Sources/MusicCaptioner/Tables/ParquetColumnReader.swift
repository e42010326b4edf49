/// Reads the values of one column of a row group in order, page by page.
final class ParquetColumnReader {
  private let column: ParquetColumn
  private let chunk: ParquetMetadata.Chunk
  private let file: RandomAccessFile

  /// Of the next page.
  private var place: Int
  private let end: Int
  private var leftInChunk: Int
  private var leftInPage = 0
  private var dictionary: [JSONValue]?
  private var repetitions: RunLengthDecoder?
  private var definitions: RunLengthDecoder?
  private var values: ParquetValues?

  private var isLoaded = false
  /// Of the next value: at which level something repeats, and to which level it is there.
  private var levels = (repetition: 0, definition: 0)

  init(
    _ column: ParquetColumn, _ chunk: ParquetMetadata.Chunk, _ file: RandomAccessFile
  ) throws(ParquetFault) {
    (self.column, self.chunk, self.file) = (column, chunk, file)
    (place, end) = (chunk.start, chunk.start + chunk.byteCount)
    leftInChunk = chunk.valueCount
    guard chunk.type == column.type else {
      throw ParquetFault("a column of another type than the table's")
    }
    guard !chunk.isElsewhere else {
      throw ParquetFault(
        "the column \"\(excerpt(column.name))\" encrypted or in another file",
        expected: "all in one file")
    }
  }

  /// Whether all values have been taken.
  var isAtEnd: Bool { leftInChunk == 0 && !isLoaded }

  /// The levels of the next value; nil at the end.
  func peek() throws(ParquetFault) -> (repetition: Int, definition: Int)? {
    if isLoaded { return levels }
    guard leftInChunk > 0 else { return nil }
    while leftInPage == 0 { try openPage() }
    levels = (try repetitions?.next() ?? 0, try definitions?.next() ?? column.definitionLevel)
    guard levels.repetition <= column.repetitionLevel,
      levels.definition <= column.definitionLevel
    else { throw ParquetFault("levels that are too high") }
    isLoaded = true
    leftInChunk -= 1
    leftInPage -= 1
    return levels
  }

  /// Takes the next value; null if it is missing.
  func take() throws(ParquetFault) -> JSONValue {
    guard let levels = try peek() else {
      throw ParquetFault("fewer values than rows in the column \"\(excerpt(column.name))\"")
    }
    isLoaded = false
    guard levels.definition == column.definitionLevel else { return .null }
    guard let value = try values?.next() else { throw .endsEarly }
    guard case .place(let place) = value else { return try column.value(value) }
    guard let dictionary, place < dictionary.count else {
      throw ParquetFault("a value that is not in its dictionary")
    }
    return dictionary[place]
  }

  private func openPage() throws(ParquetFault) {
    guard place < end else { throw ParquetFault("fewer values than promised") }
    let header = try ParquetPageHeader(file, at: place, end: end)
    place = header.start + header.byteCount
    switch header.kind {
    case .index: return
    case .dictionary: return try readDictionary(header)
    case .data, .dataV2: break
    }
    guard header.valueCount <= leftInChunk else { throw ParquetFault("more values than promised") }
    let page = try ParquetPage(header, of: column, codec: chunk.codec, in: file)
    leftInPage = header.valueCount
    repetitions = try Self.levels(page, page.repetition, highest: column.repetitionLevel)
    definitions = try Self.levels(page, page.definition, highest: column.definitionLevel)
    values = try ParquetValues(
      page.bytes, page.values, encoding: header.encoding, type: column.type,
      byteCount: column.byteCount)
  }

  static func levels(
    _ page: ParquetPage, _ range: Range<Int>, highest: Int
  ) throws(ParquetFault) -> RunLengthDecoder? {
    guard highest > 0 else { return nil }
    return try RunLengthDecoder(
      page.bytes, range, width: Int.bitWidth - highest.leadingZeroBitCount)
  }

  private func readDictionary(_ header: ParquetPageHeader) throws(ParquetFault) {
    guard dictionary == nil else { throw ParquetFault("two dictionaries in a column") }
    let page = try ParquetPage(header, of: column, codec: chunk.codec, in: file)
    guard header.valueCount <= 1 << 20 + header.byteCount else {
      throw ParquetFault("a dictionary of \(header.valueCount) values")
    }
    var entries = try ParquetValues(
      page.bytes, page.values, encoding: 0, type: column.type, byteCount: column.byteCount)
    var dictionary: [JSONValue] = []
    for _ in 0..<header.valueCount { dictionary.append(try column.value(try entries.next())) }
    self.dictionary = dictionary
  }
}
