import Foundation

/// The pages of an Ogg file, taken apart and put together again with right checksums.
struct OggBytes {
  struct Page {
    var flags: UInt8
    var granule: Int64
    var serial: UInt32
    var sequence: UInt32
    var segments: [UInt8]
    var body: Data

    var data: Data {
      var page = Data("OggS".utf8) + [0, flags]
      func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { page.append(contentsOf: $0) }
      }
      append(granule)
      append(serial)
      append(sequence)
      append(UInt32(0))
      page.append(UInt8(segments.count))
      page += segments
      page += body
      var checksum: UInt32 = 0
      for byte in [UInt8](page) {
        checksum = checksum << 8 ^ OggBytes.table[Int(checksum >> 24) ^ Int(byte)]
      }
      withUnsafeBytes(of: checksum.littleEndian) { page.replaceSubrange(22..<26, with: $0) }
      return page
    }
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte) << 24) { value, _ in
      value << 1 ^ (value >> 31 == 0 ? 0 : 0x04C1_1DB7)
    }
  }

  var pages: [Page] = []

  init(_ data: Data) {
    let bytes = [UInt8](data)
    func number<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number {
      (0..<MemoryLayout<Number>.size).reduce(0) {
        $0 | Number(truncatingIfNeeded: bytes[offset + $1]) << (8 * $1)
      }
    }
    var offset = 0
    while offset + 27 <= bytes.count {
      let segmentCount = Int(bytes[offset + 26])
      let bodyStart = offset + 27 + segmentCount
      guard bodyStart <= bytes.count else { return }
      let segments = Array(bytes[offset + 27..<bodyStart])
      let end = min(bytes.count, bodyStart + segments.reduce(0) { $0 + Int($1) })
      pages.append(
        Page(
          flags: bytes[offset + 5], granule: number(offset + 6, Int64.self),
          serial: number(offset + 14, UInt32.self), sequence: number(offset + 18, UInt32.self),
          segments: segments, body: Data(bytes[bodyStart..<end])))
      offset = end
    }
  }

  var data: Data { pages.reduce(into: Data()) { $0 += $1.data } }
}
