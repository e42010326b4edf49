/// Decodes DELTA_BINARY_PACKED: whole numbers as packed differences.
struct DeltaDecoder {
  /// How many numbers there are.
  let count: Int
  private let numbersPerMiniblock: Int
  private let miniblockCount: Int

  private var cursor: Cursor
  private var given = 0
  private var value: Int64
  private var leastDifference: Int64 = 0
  private var widths: ArraySlice<UInt8> = []
  private var width = 0
  private var leftInMiniblock = 0
  /// Of the next number of the miniblock, in bits.
  private var bitPosition = 0

  private struct Cursor {
    let bytes: [UInt8]
    var position: Int
    let end: Int

    mutating func unsigned() throws(ParquetFault) -> UInt64 {
      try VariableLengthNumber.unsigned(bytes, &position, end: end)
    }

    mutating func signed() throws(ParquetFault) -> Int64 {
      try VariableLengthNumber.signed(bytes, &position, end: end)
    }

    mutating func take(_ count: Int) throws(ParquetFault) -> Int {
      guard count <= end - position else { throw .endsEarly }
      defer { position += count }
      return position
    }

    func bits(at place: Int, _ width: Int) -> UInt64 {
      var (number, got, place) = (UInt64(0), 0, place)
      while got < width {
        let count = min(8 - place & 7, width - got)
        let part = UInt64(bytes[place >> 3] >> UInt8(place & 7)) & (1 << UInt64(count) - 1)
        number |= part << UInt64(got)
        got += count
        place += count
      }
      return number
    }
  }

  /// - Parameter range: Where the data begin in `bytes`, and where they end at the latest.
  init(_ bytes: [UInt8], _ range: Range<Int>) throws(ParquetFault) {
    var cursor = Cursor(bytes: bytes, position: range.lowerBound, end: range.upperBound)
    let blockSize = try cursor.unsigned()
    let miniblockCount = try cursor.unsigned()
    let count = try cursor.unsigned()
    value = try cursor.signed()
    guard (1...1 << 20).contains(blockSize), (1...blockSize).contains(miniblockCount),
      blockSize % miniblockCount == 0, blockSize / miniblockCount % 8 == 0, count < 1 << 40
    else { throw ParquetFault("damaged delta encoding") }
    self.cursor = cursor
    self.count = Int(count)
    self.miniblockCount = Int(miniblockCount)
    numbersPerMiniblock = Int(blockSize / miniblockCount)
  }

  mutating func next() throws(ParquetFault) -> Int64 {
    guard given < count else { throw .endsEarly }
    defer { given += 1 }
    if given == 0 { return value }
    if leftInMiniblock == 0 { try beginMiniblock() }
    leftInMiniblock -= 1
    let difference = width == 0 ? 0 : cursor.bits(at: bitPosition, width)
    bitPosition += width
    value = value &+ leastDifference &+ Int64(bitPattern: difference)
    return value
  }

  private mutating func beginMiniblock() throws(ParquetFault) {
    if widths.isEmpty {
      leastDifference = try cursor.signed()
      let start = try cursor.take(miniblockCount)
      widths = cursor.bytes[start..<start + miniblockCount]
    }
    width = Int(widths.removeFirst())
    guard width <= 64 else { throw ParquetFault("damaged delta encoding") }
    bitPosition = 8 * (try cursor.take(width * numbersPerMiniblock / 8))
    leftInMiniblock = numbersPerMiniblock
  }

  /// Where the data end; looks at the blocks, not at the numbers.
  func end() throws(ParquetFault) -> Int {
    var copy = self
    // The first number is in the header.
    var left = copy.count - 1
    while left > 0 {
      try copy.beginMiniblock()
      left -= copy.numbersPerMiniblock
    }
    return copy.cursor.position
  }
}
