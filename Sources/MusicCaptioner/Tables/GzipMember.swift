/// gzip without compression (RFC 1951 section 3.2.4, RFC 1952): for lines that are added one by one, which are too short to
/// become shorter.
package enum GzipMember {
  /// A member of its own; readers join those that follow each other.
  package static func storing(_ bytes: [UInt8]) -> [UInt8] {
    var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    var start = 0
    repeat {
      let end = min(start + Int(UInt16.max), bytes.count)
      let count = UInt16(end - start)
      member.append(end == bytes.count ? 1 : 0)
      append(count, to: &member)
      append(~count, to: &member)
      member += bytes[start..<end]
      start = end
    } while start < bytes.count
    append(bytes.withUnsafeBytes(CRC32.of), to: &member)
    append(UInt32(truncatingIfNeeded: bytes.count), to: &member)
    return member
  }

  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }
}
