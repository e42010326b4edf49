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
  private struct Pages {
    let column: ParquetColumn
    let codec: Int
    var dictionary: ParquetPageHeader?
    var pages: [(header: ParquetPageHeader, firstRow: Int)] = []
  }

  /// The content of a page: the place of each value, nil for a missing one.
  private struct Content {
    let key: Key
    let page: Int
    var bytes: [UInt8]
    var values: [Range<Int>?] = []
  }

  private struct State {
    var tables: [String: ParquetMetadata] = [:]
    var pages: [Key: Pages] = [:]
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
    let pages = try pages(key, file)
    guard let index = pages.pages.lastIndex(where: { $0.firstRow <= place.row }) else {
      throw ParquetFault("fewer values than rows")
    }
    var content = state.withLock { $0.last }
    if content?.key != key || content?.page != index {
      content = try Self.content(index, of: pages, key, file)
      state.withLock { [content] in $0.last = content }
    }
    let row = place.row - pages.pages[index].firstRow
    guard let content, row < content.values.count else {
      throw ParquetFault("fewer values than rows")
    }
    return content.values[row].map { Array(content.bytes[$0]) }
  }

  // MARK: Pages

  private func pages(_ key: Key, _ file: RandomAccessFile) throws(ParquetFault) -> Pages {
    if let known = state.withLock({ $0.pages[key] }) { return known }
    let metadata: ParquetMetadata
    if let known = state.withLock({ $0.tables[key.table] }) {
      metadata = known
    } else {
      metadata = try ParquetFault.wrapping { () throws(FileError) in try ParquetMetadata(file) }
    }
    let schema = try ParquetSchema(metadata.elements)
    guard schema.columns.indices.contains(key.column),
      metadata.rowGroups.indices.contains(key.rowGroup),
      metadata.rowGroups[key.rowGroup].chunks.count == schema.columns.count
    else { throw ParquetFault("a table that has changed since it was read") }
    let chunk = metadata.rowGroups[key.rowGroup].chunks[key.column]
    var pages = Pages(column: schema.columns[key.column], codec: chunk.codec)
    var (place, row) = (chunk.start, 0)
    while row < chunk.valueCount {
      let end = chunk.start + chunk.byteCount
      guard place < end else { throw ParquetFault("fewer values than promised") }
      let header = try ParquetPageHeader(file, at: place, end: end)
      place = header.start + header.byteCount
      switch header.kind {
      case .dictionary: pages.dictionary = header
      case .index: continue
      case .data, .dataV2:
        guard header.valueCount <= chunk.valueCount - row else {
          throw ParquetFault("more values than promised")
        }
        pages.pages.append((header, row))
        row += header.valueCount
      }
    }
    state.withLock { [pages] state in
      state.tables[key.table] = metadata
      state.pages[key] = pages
    }
    return pages
  }

  private static func content(
    _ index: Int, of pages: Pages, _ key: Key, _ file: RandomAccessFile
  ) throws(ParquetFault) -> Content {
    let (column, header) = (pages.column, pages.pages[index].header)
    let page = try ParquetPage(header, of: column, codec: pages.codec, in: file)
    var values = try ParquetValues(
      page.bytes, page.values, encoding: header.encoding, type: column.type, byteCount: 0)
    var levels = try ParquetColumnReader.levels(
      page, page.definition, highest: column.definitionLevel)
    var content = Content(key: key, page: index, bytes: page.bytes)
    var dictionary: [Range<Int>] = []
    if [2, 8].contains(header.encoding), let header = pages.dictionary {
      (content.bytes, dictionary) = try self.dictionary(header, of: pages, file)
    }
    for _ in 0..<header.valueCount {
      if var decoder = levels {
        let level = try decoder.next()
        levels = decoder
        guard level == column.definitionLevel else {
          content.values.append(nil)
          continue
        }
      }
      switch try values.next() {
      case .bytes(let slice) where header.encoding != 7:
        content.values.append(slice.startIndex..<slice.endIndex)
      case .place(let place) where place < dictionary.count:
        content.values.append(dictionary[place])
      default:
        throw ParquetFault(
          "embedded files in the encoding number \(header.encoding)",
          expected: "PLAIN; write the file again with pyarrow")
      }
    }
    return content
  }

  private static func dictionary(
    _ header: ParquetPageHeader, of pages: Pages, _ file: RandomAccessFile
  ) throws(ParquetFault) -> (bytes: [UInt8], values: [Range<Int>]) {
    let page = try ParquetPage(header, of: pages.column, codec: pages.codec, in: file)
    var entries = try ParquetValues(
      page.bytes, page.values, encoding: 0, type: pages.column.type, byteCount: 0)
    var values: [Range<Int>] = []
    for _ in 0..<header.valueCount {
      guard case .bytes(let slice) = try entries.next() else { throw .endsEarly }
      values.append(slice.startIndex..<slice.endIndex)
    }
    return (page.bytes, values)
  }
}
