/// What the end of a Parquet file says about its columns and row groups, as in `parquet.thrift`.
struct ParquetMetadata {
  /// A column, or a group of columns, of the tree that is written as a list.
  struct Element {
    enum Repetition: Int { case required, optional, repeated }

    var name = ""
    var type: PhysicalType?
    var byteCount = 0
    var repetition = Repetition.required
    var childCount = 0
    var logicalType = ParquetLogicalType.none
  }

  enum PhysicalType: Int, Equatable {
    case boolean, int32, int64, int96, float, double, bytes, fixedBytes
  }

  /// A column of a row group.
  struct Chunk {
    var type = PhysicalType.boolean
    var codec = 0
    var valueCount = 0
    var byteCount = 0
    var dataStart = 0
    var dictionaryStart: Int?
    var nullCount: Int?
    /// Whether the data are encrypted or in another file.
    var isElsewhere = false

    /// Where its first page begins.
    var start: Int { min(dataStart, dictionaryStart ?? dataStart) }
  }

  struct RowGroup {
    var rowCount = 0
    var chunks: [Chunk] = []
  }

  private(set) var elements: [Element] = []
  private(set) var rowGroups: [RowGroup] = []
  private var isEncrypted = false

  private static let magic = Array("PAR1".utf8)

  /// - Throws: `FileError` if the file is not Parquet, is damaged, or promises more than it can hold.
  init(_ file: RandomAccessFile) throws(FileError) {
    do throws(ParquetFault) {
      try self.init(reading: file)
    } catch {
      throw error.error(in: file.name)
    }
  }

  private init(reading file: RandomAccessFile) throws(ParquetFault) {
    let size = file.size
    let head = try ParquetFault.wrapping { () throws(FileError) in
      try file.bytes(0..<min(4, size))
    }
    guard size >= 12, head == Self.magic else {
      throw ParquetFault(
        "a file that doesn't begin as Parquet does", expected: "Parquet, as its name says")
    }
    let tail = try ParquetFault.wrapping { () throws(FileError) in
      try file.bytes(size - 8..<size)
    }
    guard Array(tail[4...]) == Self.magic else {
      throw ParquetFault("a Parquet file that is cut off")
    }
    let length = tail[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= size - 12 else { throw ParquetFault("metadata larger than the file") }
    let bytes = try ParquetFault.wrapping { () throws(FileError) in
      try file.bytes(size - 8 - length..<size - 8)
    }
    var reader = ThriftReader(bytes)
    try read(&reader)
    guard !isEncrypted else { throw ParquetFault("encrypted Parquet", expected: "a plain one") }
    try check(fileSize: size)
  }

  /// Counts are bounded by the size of the file: a run of equal values takes only a few bytes.
  private func check(fileSize size: Int) throws(ParquetFault) {
    let limit = 1 << 20 + size
    var (rowCount, byteCount) = (0, 0)
    for group in rowGroups {
      guard group.rowCount <= limit else {
        throw ParquetFault("\(group.rowCount) rows in a file of \(size) bytes")
      }
      rowCount += group.rowCount
      guard rowCount <= limit else {
        throw ParquetFault("\(rowCount) rows in a file of \(size) bytes")
      }
      for chunk in group.chunks {
        let (end, overflow) = chunk.start.addingReportingOverflow(chunk.byteCount)
        guard !overflow, end <= size else { throw ParquetFault("a column beyond the file's end") }
        byteCount += chunk.byteCount
        guard byteCount <= size else { throw ParquetFault("columns that share their bytes") }
        guard chunk.valueCount <= 16 * limit else {
          throw ParquetFault("\(chunk.valueCount) values in a file of \(size) bytes")
        }
      }
    }
  }

  // MARK: The structures

  private mutating func read(_ reader: inout ThriftReader) throws(ParquetFault) {
    var (elements, groups, isEncrypted) = ([Element](), [RowGroup](), false)
    try reader.fields { (reader, field, kind) throws(ParquetFault) in
      switch (field, kind) {
      case (2, .list):
        try reader.elements { (reader) throws(ParquetFault) in
          guard elements.count < 200_000 else { throw ParquetFault("more than 200000 columns") }
          elements.append(try Self.element(&reader))
        }
      case (4, .list):
        try reader.elements { (reader) throws(ParquetFault) in
          groups.append(try Self.rowGroup(&reader))
        }
      case (8, _):
        isEncrypted = true
        return false
      default: return false
      }
      return true
    }
    (self.elements, rowGroups, self.isEncrypted) = (elements, groups, isEncrypted)
  }

  private static func element(_ reader: inout ThriftReader) throws(ParquetFault) -> Element {
    var element = Element()
    var (converted, scale) = (nil as Int?, 0)
    var logical: ParquetLogicalType?
    try reader.fields { (reader, field, kind) throws(ParquetFault) in
      switch (field, kind) {
      case (1, .int32):
        let number = try reader.integer()
        guard let type = PhysicalType(rawValue: number) else {
          throw ParquetFault("a column of the unknown type \(number)")
        }
        element.type = type
      case (2, .int32): element.byteCount = try reader.count()
      case (3, .int32):
        guard let repetition = Element.Repetition(rawValue: try reader.integer()) else {
          throw ParquetFault("damaged metadata")
        }
        element.repetition = repetition
      case (4, .binary): element.name = try reader.text()
      case (5, .int32): element.childCount = try reader.count()
      case (6, .int32): converted = try reader.integer()
      case (7, .int32): scale = try reader.integer()
      case (10, .structure): logical = try ParquetLogicalType(logical: &reader)
      default: return false
      }
      return true
    }
    element.logicalType =
      logical ?? converted.flatMap { ParquetLogicalType(converted: $0, scale) } ?? .none
    return element
  }

  private static func rowGroup(_ reader: inout ThriftReader) throws(ParquetFault) -> RowGroup {
    var group = RowGroup()
    try reader.fields { (reader, field, kind) throws(ParquetFault) in
      switch (field, kind) {
      case (1, .list):
        try reader.elements { (reader) throws(ParquetFault) in
          group.chunks.append(try Self.chunk(&reader))
        }
      case (3, .int64): group.rowCount = try reader.count()
      default: return false
      }
      return true
    }
    return group
  }

  private static func chunk(_ reader: inout ThriftReader) throws(ParquetFault) -> Chunk {
    var chunk: Chunk?
    var isElsewhere = false
    try reader.fields { (reader, field, kind) throws(ParquetFault) in
      switch (field, kind) {
      case (3, .structure): chunk = try contents(&reader)
      case (1, .binary): isElsewhere = try !reader.text().isEmpty
      case (8, _), (9, _):
        isElsewhere = true
        return false
      default: return false
      }
      return true
    }
    guard var chunk else { throw ParquetFault("a column without its metadata") }
    chunk.isElsewhere = isElsewhere
    return chunk
  }

  private static func contents(_ reader: inout ThriftReader) throws(ParquetFault) -> Chunk {
    var chunk = Chunk()
    var seen = 0
    try reader.fields { (reader, field, kind) throws(ParquetFault) in
      switch (field, kind) {
      case (1, .int32):
        guard let type = PhysicalType(rawValue: try reader.integer()) else {
          throw ParquetFault("damaged metadata")
        }
        chunk.type = type
      case (4, .int32): chunk.codec = try reader.integer()
      case (5, .int64): chunk.valueCount = try reader.count()
      case (7, .int64): chunk.byteCount = try reader.count()
      case (9, .int64): chunk.dataStart = try reader.count()
      case (11, .int64):
        // Some writers put 0 for no dictionary.
        let start = try reader.count()
        if start > 0 { chunk.dictionaryStart = start }
        return true
      case (12, .structure):
        try reader.fields { (reader, field, kind) throws(ParquetFault) in
          guard field == 3, kind == .int64 else { return false }
          chunk.nullCount = try reader.integer()
          return true
        }
        return true
      default: return false
      }
      seen += 1
      return true
    }
    guard seen == 5 else { throw ParquetFault("a column without its metadata") }
    return chunk
  }
}
