/// Decodes Parquet's hybrid of run lengths and packed bits: levels, and places in a dictionary. The
/// numbers are made one at a time, because a few bytes can stand for millions.
struct RunLengthDecoder {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int
  private let width: Int
  private var left = 0
  private var isPacked = false
  private var value: UInt32 = 0
  /// Bits of packed numbers that have been read but not used.
  private var (bits, bitCount) = (UInt64(0), 0)

  /// - Parameters:
  ///   - range: The place of the runs in `bytes`.
  ///   - width: The bits of a number.
  init(_ bytes: [UInt8], _ range: Range<Int>, width: Int) throws(ParquetFault) {
    guard (0...32).contains(width) else { throw ParquetFault("numbers of \(width) bits") }
    (self.bytes, self.width) = (bytes, width)
    (position, end) = (range.lowerBound, range.upperBound)
  }

  mutating func next() throws(ParquetFault) -> Int {
    if left == 0 { try beginRun() }
    left -= 1
    guard isPacked else { return Int(value) }
    while bitCount < width {
      // The last group of eight may be cut off where no numbers are left.
      guard position < end + width else { throw .endsEarly }
      bits |= UInt64(position < end ? bytes[position] : 0) << UInt64(bitCount)
      position += 1
      bitCount += 8
    }
    let number = bits & (1 << UInt64(width) - 1)
    bits >>= UInt64(width)
    bitCount -= width
    return Int(number)
  }

  private mutating func beginRun() throws(ParquetFault) {
    // Without bits there is nothing to read: all numbers are 0.
    if width == 0 {
      (left, isPacked, value) = (.max, false, 0)
      return
    }
    let head = try VariableLengthNumber.unsigned(bytes, &position, end: end)
    guard head <= UInt32.max else { throw ParquetFault("a run of \(head >> 1) numbers") }
    isPacked = head & 1 == 1
    if isPacked {
      guard position < end else { throw .endsEarly }
      left = Int(head >> 1) * 8
      (bits, bitCount) = (0, 0)
    } else {
      left = Int(head >> 1)
      value = 0
      for place in 0..<(width + 7) / 8 {
        guard position < end else { throw .endsEarly }
        value |= UInt32(bytes[position]) << UInt32(8 * place)
        position += 1
      }
    }
    guard left > 0 else { throw ParquetFault("an empty run") }
  }
}
