/// gzip without compression (RFC 1951 section 3.2.4, RFC 1952): for lines that are added one by one, which are too short to
/// become shorter.
package enum GzipMember {
  /// A member of its own; readers join those that follow each other.
  package static func storing(_ bytes: [UInt8]) -> [UInt8] {
    var member = header
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

  /// What such members hold, of which the last may be cut short; nil if there is anything else.
  package static func stored(in bytes: [UInt8]) -> [UInt8]? {
    var content: [UInt8] = []
    var rest = bytes[...]
    while let (part, end) = member(rest) {
      content += part
      rest = bytes[end...]
    }
    return header.starts(with: rest.prefix(header.count)) ? content : nil
  }

  private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]

  private static func member(_ bytes: ArraySlice<UInt8>) -> (content: [UInt8], end: Int)? {
    guard bytes.starts(with: header) else { return nil }
    var content: [UInt8] = []
    var position = bytes.startIndex + header.count
    var isLast = false
    while !isLast {
      guard position + 5 <= bytes.endIndex, bytes[position] <= 1 else { return nil }
      isLast = bytes[position] == 1
      let count = Int(bytes[position + 1]) | Int(bytes[position + 2]) << 8
      position += 5
      guard position + count <= bytes.endIndex else { return nil }
      content += bytes[position..<position + count]
      position += count
    }
    var trailer: [UInt8] = []
    append(content.withUnsafeBytes(CRC32.of), to: &trailer)
    append(UInt32(truncatingIfNeeded: content.count), to: &trailer)
    guard bytes[position...].starts(with: trailer) else { return nil }
    return (content, position + trailer.count)
  }

  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }
}
