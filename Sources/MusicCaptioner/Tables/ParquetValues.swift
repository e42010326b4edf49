/// A value as it is written in a Parquet file.
enum ParquetValue {
  case boolean(Bool)
  case integer(Int64)
  case single(Float)
  case double(Double)
  case bytes(ArraySlice<UInt8>)
  /// The value at this index of the dictionary.
  case dictionaryIndex(Int)
}

/// Decodes the values of a page, one at a time.
struct ParquetValues {
  private enum Coding {
    case plain
    /// Each byte of the values by itself: first all first bytes, then all second ones.
    case byteStreamSplit(count: Int)
    case dictionaryIndices(RunLengthDecoder)
    case booleans(RunLengthDecoder)
    case deltas(DeltaDecoder)
    case deltaLengths(DeltaDecoder)
    case deltaTexts(prefixes: DeltaDecoder, lengths: DeltaDecoder)
  }

  private let bytes: [UInt8]
  private var position: Int
  private let end: Int
  private let type: ParquetMetadata.PhysicalType
  /// Of a value, if it is fixed.
  private let byteCount: Int
  private var coding: Coding
  private var bit = 0
  private var index = 0
  private var former: [UInt8] = []

  /// - Parameters:
  ///   - range: The place of the values in `bytes`.
  ///   - byteCount: The length of a value of `fixedBytes`.
  init(
    _ bytes: [UInt8], _ range: Range<Int>, encoding: ParquetEncoding,
    type: ParquetMetadata.PhysicalType,
    byteCount: Int
  ) throws(ParquetFault) {
    (self.bytes, self.type, end) = (bytes, type, range.upperBound)
    position = range.lowerBound
    self.byteCount =
      switch type {
      case .int32, .float: 4
      case .int64, .double: 8
      case .int96: 12
      case .fixedBytes: byteCount
      case .boolean, .bytes: 0
      }
    switch (encoding, type) {
    case (.plain, _): coding = .plain
    case (.plainDictionary, _), (.runLengthDictionary, _):
      guard let width = bytes[range].first else {
        // A page without values may leave out the width.
        coding = .dictionaryIndices(try RunLengthDecoder(bytes, range, width: 1))
        return
      }
      position += 1
      coding = .dictionaryIndices(try RunLengthDecoder(bytes, position..<end, width: Int(width)))
    case (.runLength, .boolean):
      coding = .booleans(try RunLengthDecoder(bytes, Self.sized(bytes, range), width: 1))
    case (.deltaBinaryPacked, .int32), (.deltaBinaryPacked, .int64):
      coding = .deltas(try DeltaDecoder(bytes, range))
    case (.deltaLengthByteArray, .bytes):
      let lengths = try DeltaDecoder(bytes, range)
      coding = .deltaLengths(lengths)
      position = try lengths.end()
    case (.deltaByteArray, .bytes), (.deltaByteArray, .fixedBytes):
      let prefixes = try DeltaDecoder(bytes, range)
      let lengths = try DeltaDecoder(bytes, try prefixes.end()..<end)
      coding = .deltaTexts(prefixes: prefixes, lengths: lengths)
      position = try lengths.end()
    case (.byteStreamSplit, .int32), (.byteStreamSplit, .int64), (.byteStreamSplit, .float),
      (.byteStreamSplit, .double), (.byteStreamSplit, .fixedBytes):
      coding = .byteStreamSplit(count: self.byteCount == 0 ? 0 : range.count / self.byteCount)
    default:
      throw .unsupported("values of the type \(type) in the encoding \(encoding.name)")
    }
  }

  /// The range of what follows its length in four bytes.
  static func sized(_ bytes: [UInt8], _ range: Range<Int>) throws(ParquetFault) -> Range<Int> {
    guard range.count >= 4 else { throw .endsEarly }
    let start = range.lowerBound + 4
    let count = bytes[range.lowerBound..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard count <= range.upperBound - start else { throw .endsEarly }
    return start..<start + count
  }

  mutating func next() throws(ParquetFault) -> ParquetValue {
    switch coding {
    case .plain: return try plain()
    case .byteStreamSplit(let count):
      guard index < count else { throw .endsEarly }
      defer { index += 1 }
      let value = (0..<byteCount).map { bytes[position + $0 * count + index] }
      return Self.value(value[...], type)
    case .dictionaryIndices(var indices):
      defer { coding = .dictionaryIndices(indices) }
      return .dictionaryIndex(try indices.next())
    case .booleans(var booleans):
      defer { coding = .booleans(booleans) }
      return .boolean(try booleans.next() == 1)
    case .deltas(var deltas):
      defer { coding = .deltas(deltas) }
      let number = try deltas.next()
      return .integer(type == .int32 ? Int64(Int32(truncatingIfNeeded: number)) : number)
    case .deltaLengths(var lengths):
      defer { coding = .deltaLengths(lengths) }
      return .bytes(try take(Int(lengths.next())))
    case .deltaTexts(var prefixes, var lengths):
      defer { coding = .deltaTexts(prefixes: prefixes, lengths: lengths) }
      let prefix = try prefixes.next()
      guard prefix >= 0, prefix <= former.count else { throw ParquetFault("damaged texts") }
      former.removeLast(former.count - Int(prefix))
      former += try take(Int(lengths.next()))
      return .bytes(former[...])
    }
  }

  private mutating func plain() throws(ParquetFault) -> ParquetValue {
    switch type {
    case .boolean:
      guard position < end else { throw .endsEarly }
      defer {
        bit += 1
        if bit == 8 { (bit, position) = (0, position + 1) }
      }
      return .boolean(bytes[position] >> UInt8(bit) & 1 == 1)
    case .bytes:
      let head = try take(4)
      let count = head.reversed().reduce(0) { $0 << 8 | Int($1) }
      return .bytes(try take(count))
    default: return Self.value(try take(byteCount), type)
    }
  }

  private mutating func take(_ count: Int) throws(ParquetFault) -> ArraySlice<UInt8> {
    guard count >= 0, count <= end - position else { throw .endsEarly }
    defer { position += count }
    return bytes[position..<position + count]
  }

  private static func value(
    _ bytes: ArraySlice<UInt8>, _ type: ParquetMetadata.PhysicalType
  ) -> ParquetValue {
    func number<Number: FixedWidthInteger>(_: Number.Type) -> Number {
      bytes.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }
    switch type {
    case .int32: return .integer(Int64(number(Int32.self)))
    case .int64: return .integer(number(Int64.self))
    case .float: return .single(Float(bitPattern: number(UInt32.self)))
    case .double: return .double(Double(bitPattern: number(UInt64.self)))
    case .boolean, .int96, .bytes, .fixedBytes: return .bytes(bytes)
    }
  }
}
