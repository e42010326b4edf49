import Foundation
import Synchronization

/// Reads files inside of Parquet files when they are needed, in any order.
///
/// The pages of a row group are counted by their headers, and only the one that holds the file is
/// read. The last page is kept, since the neighbors of a row are usually in the same one.
package final class EmbeddedFiles: Sendable {
  private struct Key: Hashable {
    let table: String
    let column: Int
    let rowGroup: Int
  }

  /// A column of a row group.
  private struct Column {
    /// After the last page.
    var pages: ParquetPages
    var headers: [(header: ParquetPageHeader, firstRow: Int)] = []

    /// The index of the page that has a row; nil if none begins there or before.
    func page(ofRow row: Int) -> Int? {
      var (low, high) = (0, headers.count)
      while low < high {
        let middle = (low + high) / 2
        if headers[middle].firstRow <= row { low = middle + 1 } else { high = middle }
      }
      return low > 0 ? low - 1 : nil
    }
  }

  /// The place of a value in the bytes of a page, in few bytes itself; a missing one begins at -1.
  private struct Place {
    var start: Int32 = -1
    var count: Int32 = 0

    init() {}

    /// - Precondition: Pages are smaller than 2 GiB.
    init(_ bytes: ArraySlice<UInt8>) {
      (start, count) = (Int32(bytes.startIndex), Int32(bytes.count))
    }
  }

  /// The content of a page.
  private struct Content {
    let key: Key
    let page: Int
    var bytes: [UInt8]
    var places: [Place] = []

    func value(_ row: Int) -> [UInt8]? {
      let place = places[row]
      guard place.start >= 0 else { return nil }
      return Array(bytes[Int(place.start)..<Int(place.start) + Int(place.count)])
    }
  }

  private struct State {
    var tables: [String: ParquetMetadata] = [:]
    var columns: [Key: Column] = [:]
    var last: Content?
  }

  private let state = Mutex(State())

  package init() {}

  /// The bytes of a file; nil if the row has none.
  ///
  /// - Throws: `FileError` if the table can't be read, or is damaged.
  package func bytes(of place: EmbeddedFile) throws(FileError) -> [UInt8]? {
    let file = try RandomAccessFile(URL(fileURLWithPath: place.table), name: place.table)
    do throws(ParquetFault) {
      return try bytes(of: place, file)
    } catch {
      throw error.error(in: place.table)
    }
  }

  private func bytes(
    of place: EmbeddedFile, _ file: RandomAccessFile
  ) throws(ParquetFault) -> [UInt8]? {
    let key = Key(table: place.table, column: place.column, rowGroup: place.rowGroup)
    let column = try column(key, file)
    guard let index = column.page(ofRow: place.row) else {
      throw ParquetFault("fewer values than rows")
    }
    var content = state.withLock { $0.last }
    if content?.key != key || content?.page != index {
      content = try Self.content(index, of: column, key, file)
      state.withLock { [content] in $0.last = content }
    }
    let row = place.row - column.headers[index].firstRow
    guard let content, row < content.places.count else {
      throw ParquetFault("fewer values than rows")
    }
    return content.value(row)
  }

  // MARK: Pages

  private func column(_ key: Key, _ file: RandomAccessFile) throws(ParquetFault) -> Column {
    if let known = state.withLock({ $0.columns[key] }) { return known }
    let metadata: ParquetMetadata
    if let known = state.withLock({ $0.tables[key.table] }) {
      metadata = known
    } else {
      metadata = try ParquetFault.wrapping { () throws(FileError) in try ParquetMetadata(file) }
    }
    let schema = try ParquetSchema(metadata.elements)
    guard schema.columns.indices.contains(key.column),
      schema.columns[key.column].type == .bytes, schema.columns[key.column].repetitionLevel == 0,
      metadata.rowGroups.indices.contains(key.rowGroup),
      metadata.rowGroups[key.rowGroup].chunks.count == schema.columns.count
    else { throw ParquetFault("a table that has changed since it was read") }
    var column = Column(
      pages: try ParquetPages(schema.columns[key.column], of: metadata.rowGroups[key.rowGroup]))
    var row = 0
    while let header = try column.pages.next(in: file) {
      column.headers.append((header, row))
      row += header.valueCount
    }
    state.withLock { [column] state in
      state.tables[key.table] = metadata
      state.columns[key] = column
    }
    return column
  }

  private static func content(
    _ index: Int, of column: Column, _ key: Key, _ file: RandomAccessFile
  ) throws(ParquetFault) -> Content {
    let (pages, header) = (column.pages, column.headers[index].header)
    let page = try pages.page(header, in: file)
    var values = try pages.values(page)
    var levels = try pages.definitions(page)
    var content = Content(key: key, page: index, bytes: page.bytes)
    var dictionary: [Place] = []
    if [.plainDictionary, .runLengthDictionary].contains(header.encoding),
      let header = pages.dictionary
    {
      (content.bytes, dictionary) = try self.dictionary(header, of: pages, file)
    }
    content.places.reserveCapacity(header.valueCount)
    for _ in 0..<header.valueCount {
      if let level = try levels?.next(), level != pages.column.definitionLevel {
        content.places.append(Place())
        continue
      }
      switch try values.next() {
      // Those made of parts of their neighbors are not in the page as they are.
      case .bytes(let bytes) where header.encoding != .deltaByteArray:
        content.places.append(Place(bytes))
      case .dictionaryIndex(let index) where index < dictionary.count:
        content.places.append(dictionary[index])
      default:
        throw ParquetFault(
          "embedded files in the encoding \(header.encoding.name)",
          expected: "PLAIN; write the file again with pyarrow")
      }
    }
    return content
  }

  private static func dictionary(
    _ header: ParquetPageHeader, of pages: ParquetPages, _ file: RandomAccessFile
  ) throws(ParquetFault) -> (bytes: [UInt8], values: [Place]) {
    let page = try pages.page(header, in: file)
    var entries = try pages.values(page)
    var places: [Place] = []
    for _ in 0..<header.valueCount {
      guard case .bytes(let bytes) = try entries.next() else { throw .endsEarly }
      places.append(Place(bytes))
    }
    return (page.bytes, places)
  }
}
