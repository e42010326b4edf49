/// What stands before each page of a column.
struct ParquetPageHeader {
  enum Kind: Int { case data, index, dictionary, dataV2 }

  private(set) var kind = Kind.data
  /// Where the page itself begins in the file.
  private(set) var start = 0
  /// As it is in the file.
  private(set) var byteCount = 0
  private(set) var decompressedCount = 0
  private(set) var checksum: UInt32?
  private(set) var valueCount = 0
  private(set) var encoding = ParquetEncoding.plain
  /// Of version 2, whose levels are not compressed.
  private(set) var (repetitionBytes, definitionBytes) = (0, 0)
  private(set) var isCompressed = true
  /// Of version 1: whether levels have the deprecated encoding.
  private(set) var (hasPackedRepetition, hasPackedDefinition) = (false, false)

  /// Reads the header at a place of a file.
  ///
  /// - Parameter end: The end of the column.
  init(_ file: RandomAccessFile, at place: Int, end: Int) throws(ParquetFault) {
    // A header may hold the smallest and the largest value, which are short as a rule.
    var size = 1 << 12
    while true {
      let range = place..<min(end, place + size)
      let bytes = try ParquetFault.wrapping { () throws(FileError) in try file.bytes(range) }
      var reader = ThriftReader(bytes)
      do throws(ParquetFault) {
        try read(&reader)
      } catch {
        guard error == .endsEarly, range.upperBound < end, size < 1 << 24 else { throw error }
        size *= 16
        continue
      }
      start = place + reader.position
      guard byteCount <= end - start else { throw .endsEarly }
      guard decompressedCount <= Int32.max else { throw ParquetFault("a page of 2 GiB or more") }
      // A bomb expands further than the pages that writers make of real values.
      guard decompressedCount <= 1 << 26 + 8 * byteCount else {
        throw ParquetFault(
          "a page of \(byteCount) bytes that expands to \(decompressedCount)",
          expected: "smaller pages; write the file again with pyarrow")
      }
      return
    }
  }

  private mutating func read(_ reader: inout ThriftReader) throws(ParquetFault) {
    var header = self
    try reader.fields { (reader, field, kind) throws(ParquetFault) in
      switch (field, kind) {
      case (1, .int32):
        let number = try reader.integer()
        guard let kind = Kind(rawValue: number) else {
          throw ParquetFault("a page of the unknown type \(number)")
        }
        header.kind = kind
      case (2, .int32): header.decompressedCount = try reader.count()
      case (3, .int32): header.byteCount = try reader.count()
      case (4, .int32): header.checksum = UInt32(truncatingIfNeeded: try reader.integer())
      case (5, .structure), (7, .structure), (8, .structure):
        try header.readContents(&reader, field)
      default: return false
      }
      return true
    }
    self = header
  }

  private mutating func readContents(
    _ reader: inout ThriftReader, _ page: Int
  ) throws(ParquetFault) {
    var header = self
    try reader.fields { (reader, field, kind) throws(ParquetFault) in
      switch (page, field) {
      case (_, 1): header.valueCount = try reader.count()
      case (5, 2), (7, 2), (8, 4): header.encoding = try ParquetEncoding(number: reader.integer())
      case (5, 3): header.hasPackedDefinition = try Self.isPacked(&reader)
      case (5, 4): header.hasPackedRepetition = try Self.isPacked(&reader)
      case (8, 5): header.definitionBytes = try reader.count()
      case (8, 6): header.repetitionBytes = try reader.count()
      case (8, 7): header.isCompressed = kind == .boolTrue
      default: return false
      }
      return true
    }
    self = header
  }

  private static func isPacked(_ reader: inout ThriftReader) throws(ParquetFault) -> Bool {
    try reader.integer() == ParquetEncoding.bitPacked.rawValue
  }
}

/// A page of a column, decompressed.
struct ParquetPage {
  let header: ParquetPageHeader
  let bytes: [UInt8]
  /// Where the levels are, and the values behind them.
  private(set) var (repetition, definition, values) = (0..<0, 0..<0, 0..<0)

  /// - Parameter column: Whether its values repeat or are missing decides which levels there are.
  init(
    _ header: ParquetPageHeader, of column: ParquetColumn, codec: Int, in file: RandomAccessFile
  ) throws(ParquetFault) {
    self.header = header
    let range = header.start..<header.start + header.byteCount
    let raw = try ParquetFault.wrapping { () throws(FileError) in try file.bytes(range) }
    if let checksum = header.checksum, raw.withUnsafeBytes(CRC32.of) != checksum {
      throw ParquetFault("a page whose checksum is wrong")
    }
    let codec = try ParquetCodec(number: codec)
    switch header.kind {
    case .dictionary, .index:
      bytes = try codec.decompressed(raw, count: header.decompressedCount)
      values = 0..<bytes.count
    case .data:
      bytes = try codec.decompressed(raw, count: header.decompressedCount)
      repetition = try Self.levels(
        bytes, from: 0, column.repetitionLevel, isPacked: header.hasPackedRepetition)
      definition = try Self.levels(
        bytes, from: repetition.upperBound, column.definitionLevel,
        isPacked: header.hasPackedDefinition)
      values = definition.upperBound..<bytes.count
    case .dataV2:
      let (first, second) = (header.repetitionBytes, header.definitionBytes)
      guard first <= raw.count, second <= raw.count - first,
        header.decompressedCount >= first + second
      else { throw .endsEarly }
      let levels = first + second
      repetition = 0..<first
      definition = first..<levels
      let rest = Array(raw[levels...])
      bytes =
        Array(raw[..<levels])
        + (header.isCompressed
          ? try codec.decompressed(rest, count: header.decompressedCount - levels) : rest)
      values = levels..<bytes.count
    }
  }

  /// The range of levels, whose length stands before them; empty if the column has none.
  private static func levels(
    _ bytes: [UInt8], from start: Int, _ highest: Int, isPacked: Bool
  ) throws(ParquetFault) -> Range<Int> {
    guard highest > 0 else { return start..<start }
    guard !isPacked else {
      throw ParquetFault(
        "levels in the encoding \(ParquetEncoding.bitPacked.name)",
        expected: "RLE; write the file again with pyarrow")
    }
    return try ParquetValues.sized(bytes, start..<bytes.count)
  }
}
