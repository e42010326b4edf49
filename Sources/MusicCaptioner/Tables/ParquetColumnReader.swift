/// Reads the values of one column of a row group in order, page by page.
final class ParquetColumnReader {
  private var pages: ParquetPages
  private let file: RandomAccessFile
  private var leftInPage = 0
  private var dictionary: [JSONValue]?
  private var repetitions: RunLengthDecoder?
  private var definitions: RunLengthDecoder?
  private var values: ParquetValues?

  private var isLoaded = false
  /// Of the next value: at which level something repeats, and to which level it is there.
  private var levels = (repetition: 0, definition: 0)

  init(
    _ column: ParquetColumn, of group: ParquetMetadata.RowGroup, in file: RandomAccessFile
  ) throws(ParquetFault) {
    self.file = file
    pages = try ParquetPages(column, of: group)
  }

  private var column: ParquetColumn { pages.column }

  /// Whether all values have been taken.
  var isAtEnd: Bool { pages.left == 0 && leftInPage == 0 && !isLoaded }

  /// The levels of the next value; nil at the end.
  func peek() throws(ParquetFault) -> (repetition: Int, definition: Int)? {
    if isLoaded { return levels }
    if leftInPage == 0 {
      guard let header = try pages.next(in: file) else { return nil }
      try open(header)
    }
    levels = (try repetitions?.next() ?? 0, try definitions?.next() ?? column.definitionLevel)
    guard levels.repetition <= column.repetitionLevel,
      levels.definition <= column.definitionLevel
    else { throw ParquetFault("levels that are too high") }
    isLoaded = true
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
    guard case .dictionaryIndex(let index) = value else { return try column.value(value) }
    guard let dictionary, index < dictionary.count else {
      throw ParquetFault("a value that is not in its dictionary")
    }
    return dictionary[index]
  }

  private func open(_ header: ParquetPageHeader) throws(ParquetFault) {
    if dictionary == nil, let header = pages.dictionary { dictionary = try entries(header) }
    let page = try pages.page(header, in: file)
    leftInPage = header.valueCount
    repetitions = try pages.repetitions(page)
    definitions = try pages.definitions(page)
    values = try pages.values(page)
  }

  private func entries(_ header: ParquetPageHeader) throws(ParquetFault) -> [JSONValue] {
    guard header.valueCount <= 1 << 20 + header.byteCount else {
      throw ParquetFault("a dictionary of \(header.valueCount) values")
    }
    var values = try pages.values(try pages.page(header, in: file))
    var entries: [JSONValue] = []
    for _ in 0..<header.valueCount { entries.append(try column.value(try values.next())) }
    return entries
  }
}
