/// The effect of each byte on the remainder of a cyclic checksum with the reflected polynomial.
private func remainders(_ polynomial: UInt32) -> [UInt32] {
  (0..<256).map { byte in
    var value = UInt32(byte)
    for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? polynomial : 0) }
    return value
  }
}

/// CRC-32 as used in zip files (ITU-T V.42; reflected polynomial 0xEDB88320), eight bytes at a
/// time.
///
/// Uses unsafe pointers because the loop is all that counts here.
enum CRC32 {
  /// Row r, column b: the effect of byte b on the remainder after r more bytes.
  private static let table: [UInt32] = {
    var table = remainders(0xedb8_8320) + [UInt32](repeating: 0, count: 7 * 256)
    for index in 256..<8 * 256 {
      let before = table[index - 256]
      table[index] = before >> 8 ^ table[Int(before & 0xff)]
    }
    return table
  }()

  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    table.withUnsafeBufferPointer { table in
      var crc = ~UInt32(0)
      var index = 0
      let end = bytes.count
      while index &+ 8 <= end {
        let word =
          bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian ^ UInt64(crc)
        let low = table[1792 &+ Int(word & 0xff)] ^ table[1536 &+ Int(word >> 8 & 0xff)]
        let middle = table[1280 &+ Int(word >> 16 & 0xff)] ^ table[1024 &+ Int(word >> 24 & 0xff)]
        let high = table[768 &+ Int(word >> 32 & 0xff)] ^ table[512 &+ Int(word >> 40 & 0xff)]
        let top = table[256 &+ Int(word >> 48 & 0xff)] ^ table[Int(word >> 56)]
        crc = low ^ middle ^ high ^ top
        index = index &+ 8
      }
      while index < end {
        crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[index])) & 0xff)]
        index = index &+ 1
      }
      return ~crc
    }
  }
}

/// CRC-32C (Castagnoli; reflected polynomial 0x82F63B78), RFC 3720 appendix B.4.
enum CRC32C {
  private static let table = remainders(0x82f6_3b78)

  static func of(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes { crc = crc >> 8 ^ table[Int((crc ^ UInt32(byte)) & 0xff)] }
    return ~crc
  }
}
