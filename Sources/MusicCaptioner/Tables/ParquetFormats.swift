/// How values are written in a page, by its number in `parquet.thrift`.
enum ParquetEncoding: Int {
  case plain = 0
  /// Places in a dictionary, by the older number.
  case plainDictionary = 2
  case runLength = 3
  case bitPacked = 4
  case deltaBinaryPacked = 5
  case deltaLengthByteArray = 6
  case deltaByteArray = 7
  /// Places in a dictionary.
  case runLengthDictionary = 8
  case byteStreamSplit = 9

  /// As `parquet.thrift` names it.
  var name: String {
    switch self {
    case .plain: "PLAIN"
    case .plainDictionary: "PLAIN_DICTIONARY"
    case .runLength: "RLE"
    case .bitPacked: "BIT_PACKED"
    case .deltaBinaryPacked: "DELTA_BINARY_PACKED"
    case .deltaLengthByteArray: "DELTA_LENGTH_BYTE_ARRAY"
    case .deltaByteArray: "DELTA_BYTE_ARRAY"
    case .runLengthDictionary: "RLE_DICTIONARY"
    case .byteStreamSplit: "BYTE_STREAM_SPLIT"
    }
  }

  init(number: Int) throws(ParquetFault) {
    guard let encoding = ParquetEncoding(rawValue: number) else {
      throw .unsupported("values in the unknown encoding \(number)")
    }
    self = encoding
  }
}

/// How pages are compressed, by its number in `parquet.thrift`.
enum ParquetCodec: Int {
  case none, snappy, gzip, lzo, brotli, lz4, zstd, lz4Raw

  /// As `parquet.thrift` names it.
  var name: String {
    switch self {
    case .none: "UNCOMPRESSED"
    case .snappy: "SNAPPY"
    case .gzip: "GZIP"
    case .lzo: "LZO"
    case .brotli: "BROTLI"
    case .lz4: "LZ4"
    case .zstd: "ZSTD"
    case .lz4Raw: "LZ4_RAW"
    }
  }

  /// - Parameter number: Checked here and not with the metadata: the column may be one that nobody reads.
  init(number: Int) throws(ParquetFault) {
    guard let codec = ParquetCodec(rawValue: number) else {
      throw .unsupportedCodec("number \(number)")
    }
    self = codec
  }

  /// The content of a page, which has `count` bytes.
  func decompressed(_ raw: [UInt8], count: Int) throws(ParquetFault) -> [UInt8] {
    let content: [UInt8]?
    switch self {
    case .none: content = raw.count == count ? raw : nil
    case .snappy: content = Decompressor.snappyBlock(raw, count: count)
    case .gzip: content = Decompressor.block(raw, .gzip, count: count)
    case .zstd: content = Decompressor.block(raw, .zstd, count: count)
    case .lzo, .brotli, .lz4, .lz4Raw: throw .unsupportedCodec(name)
    }
    guard let content else { throw ParquetFault("a damaged \(name) page") }
    return content
  }
}

/// Whole numbers of any size: seven bits in each byte, the lowest ones first (LEB128).
enum VariableLengthNumber {
  /// - Parameter position: Where it begins, and afterwards where it ends.
  static func unsigned(
    _ bytes: [UInt8], _ position: inout Int, end: Int
  ) throws(ParquetFault) -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw .endsEarly }
      let byte = bytes[position]
      position += 1
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
    }
    throw ParquetFault("a number of more than 64 bits")
  }

  /// A number whose lowest bit is its sign ("zigzag").
  static func signed(
    _ bytes: [UInt8], _ position: inout Int, end: Int
  ) throws(ParquetFault) -> Int64 {
    let number = try unsigned(bytes, &position, end: end)
    return Int64(bitPattern: number >> 1) ^ -Int64(number & 1)
  }
}
