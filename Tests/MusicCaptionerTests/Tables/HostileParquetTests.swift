import Foundation
import Testing

@testable import MusicCaptioner

/// Files put together by hand.
@Suite struct HostileParquetTests {
  /// A structure in Thrift's compact protocol: fields in ascending order.
  private enum Thrift {
    static func field(_ step: Int, _ kind: UInt8, _ bytes: [UInt8]) -> [UInt8] {
      [UInt8(step << 4) | kind] + bytes
    }

    static func number(_ value: Int) -> [UInt8] { unsigned(value << 1 ^ value >> 63) }

    static func unsigned(_ value: Int) -> [UInt8] {
      var (rest, bytes) = (UInt64(bitPattern: Int64(value)), [UInt8]())
      while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
      }
      return bytes + [UInt8(rest)]
    }

    static func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
  }

  /// A file of one column whose metadata promise whatever is asked.
  ///
  /// - Parameters:
  ///   - type: Of the column; 1 is int32, and 6 is bytes.
  ///   - chunkType: Of the values in the row group.
  ///   - location: The file in which the row group's values are said to be.
  private func file(
    rows: Int, values: Int, size: Int, elements: [UInt8]? = nil, page: [UInt8] = [],
    type: Int = 1, chunkType: Int? = nil, isOptional: Bool = false, location: String? = nil
  ) -> [UInt8] {
    let root =
      Thrift.field(4, 8, Thrift.text("root")) + Thrift.field(1, 5, Thrift.number(1)) + [0]
    let leaf =
      Thrift.field(1, 5, Thrift.number(type))
      + Thrift.field(2, 5, Thrift.number(isOptional ? 1 : 0))
      + Thrift.field(1, 8, Thrift.text("a")) + [0]
    let contents =
      Thrift.field(1, 5, Thrift.number(chunkType ?? type)) + Thrift.field(3, 5, Thrift.number(0))
      + Thrift.field(1, 6, Thrift.number(values)) + Thrift.field(2, 6, Thrift.number(size))
      + Thrift.field(2, 6, Thrift.number(4)) + [0]
    let place = location.map { Thrift.field(1, 8, Thrift.text($0)) } ?? []
    let chunk = place + Thrift.field(place.isEmpty ? 3 : 2, 12, contents) + [0]
    let group = Thrift.field(1, 9, [0x1C] + chunk) + Thrift.field(2, 6, Thrift.number(rows)) + [0]
    let metadata =
      Thrift.field(1, 5, Thrift.number(1)) + Thrift.field(1, 9, elements ?? [0x2C] + root + leaf)
      + Thrift.field(1, 6, Thrift.number(rows)) + Thrift.field(1, 9, [0x1C] + group) + [0]
    let count = (0..<4).map { UInt8(metadata.count >> (8 * $0) & 0xFF) }
    return Array("PAR1".utf8) + page + metadata + count + Array("PAR1".utf8)
  }

  private func page(values: Int, _ content: [UInt8]) -> [UInt8] {
    let data =
      Thrift.field(1, 5, Thrift.number(values)) + Thrift.field(1, 5, Thrift.number(0))
      + Thrift.field(1, 5, Thrift.number(3)) + Thrift.field(1, 5, Thrift.number(3)) + [0]
    return Thrift.field(1, 5, Thrift.number(0)) + Thrift.field(1, 5, Thrift.number(content.count))
      + Thrift.field(1, 5, Thrift.number(content.count)) + Thrift.field(2, 12, data) + [0] + content
  }

  @Test func promisesThatAreNotKeptAreErrors() throws {
    let good = page(values: 2, [1, 0, 0, 0, 2, 0, 0, 0])
    let whole = file(rows: 2, values: 2, size: good.count, page: good)
    #expect(
      try ParquetTableTests.rows(whole) == [
        .object(["a": .number("1")]), .object(["a": .number("2")]),
      ])
    for bytes in [
      file(rows: 1 << 40, values: 1 << 40, size: good.count, page: good),
      file(rows: 3, values: 3, size: good.count, page: good),
      file(rows: 1, values: 2, size: good.count, page: good),
      file(rows: 2, values: 2, size: 1 << 40, page: good),
      file(rows: 2, values: 2, size: good.count - 1, page: good),
      file(rows: 2, values: 2, size: good.count, page: page(values: 1 << 30, [1, 2, 3])),
      // A tree of columns that promises more than it has, and one that nests without end.
      file(
        rows: 2, values: 2, size: good.count,
        elements: [0x1C] + [0x25, 2, 0x18, 1, 97, 0x15, 126, 0]),
    ] {
      #expect(throws: FileError.self) { try ParquetTableTests.rows(bytes) }
    }
    let deep = Array(repeating: [0x35, 2, 0x18, 1, 97, 0x15, 2, 0] as [UInt8], count: 200)
      .flatMap(\.self)
    let nested = file(rows: 2, values: 2, size: 8, elements: [0xFC, 200, 1] + deep, page: good)
    #expect(throws: FileError.self) { try ParquetTableTests.rows(nested) }
    // Structures within structures, passed over.
    let many = [UInt8](repeating: 0xFC, count: 100_000)
    let count = (0..<4).map { UInt8(many.count >> (8 * $0) & 0xFF) }
    #expect(throws: FileError.self) {
      try ParquetTableTests.rows(Array("PAR1".utf8) + many + count + Array("PAR1".utf8))
    }
  }

  /// Each element is a list that is the element of the one before it.
  @Test func listsWithinListsWithoutEndAreAnError() throws {
    for count in [100, 150_000] {
      let root = Thrift.field(4, 8, Thrift.text("root")) + Thrift.field(1, 5, Thrift.number(1))
      let list =
        Thrift.field(3, 5, Thrift.number(2)) + Thrift.field(1, 8, Thrift.text("a"))
        + Thrift.field(1, 5, Thrift.number(1)) + Thrift.field(1, 5, Thrift.number(3)) + [0]
      let leaf =
        Thrift.field(1, 5, Thrift.number(1)) + Thrift.field(2, 5, Thrift.number(0))
        + Thrift.field(1, 8, Thrift.text("v")) + [0]
      let all = count + 2
      let head = [0xFC, UInt8(all & 0x7F) | 0x80, UInt8(all >> 7 & 0x7F) | 0x80, UInt8(all >> 14)]
      let lists = Array(repeating: list, count: count).flatMap(\.self)
      let bytes = file(
        rows: 0, values: 0, size: 0, elements: head + root + [0] + lists + leaf)
      let error = #expect(throws: FileError.self) { try ParquetTableTests.rows(bytes) }
      #expect(error?.description.contains("nest") == true, "\(String(describing: error))")
    }
  }

  // MARK: Embedded files

  private func embedded(_ bytes: [UInt8], row: Int = 0) throws -> [UInt8]? {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "t.parquet")
      try Data(bytes).write(to: url)
      return try EmbeddedFiles().bytes(
        of: EmbeddedFile(table: url.path, column: 0, rowGroup: 0, row: row))
    }
  }

  @Test func embeddedFilesAreCheckedAsOtherColumnsAre() throws {
    let page = page(values: 1, [2, 0, 0, 0, 7, 8])
    func found(_ chunkType: Int? = nil, in location: String? = nil) throws -> [UInt8]? {
      try embedded(
        file(
          rows: 1, values: 1, size: page.count, page: page, type: 6, chunkType: chunkType,
          location: location))
    }
    #expect(try found() == [7, 8])
    #expect(throws: FileError.self) { try found(1) }
    let elsewhere = #expect(throws: FileError.self) { try found(in: "b.parquet") }
    #expect(elsewhere?.description.contains("another file") == true)
  }

  /// Four bytes stand for any number of rows without a file.
  @Test func moreMissingFilesThanRowsAreAnError() throws {
    let count = 1 << 20
    let run = Thrift.unsigned(count << 1) + [0]
    let page = page(values: count, [UInt8(run.count), 0, 0, 0] + run)
    func found(rows: Int) throws -> [UInt8]? {
      try embedded(
        file(rows: rows, values: count, size: page.count, page: page, type: 6, isOptional: true))
    }
    #expect(try found(rows: count) == nil)
    #expect(throws: FileError.self) { try found(rows: 1) }
  }
}
