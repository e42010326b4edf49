/// The header of a file in a tar archive (POSIX.1-1988, "ustar"): for names of up to 100 bytes and sizes below 8 GiB.
package struct TarHeader: Equatable, Sendable {
  package static let blockSize = 512
  /// In bytes, exclusive.
  package static let sizeLimit = 1 << 33

  package let name: String
  /// In bytes.
  package let size: Int

  package init(name: String, size: Int) {
    precondition(name.utf8.count <= 100 && (0..<Self.sizeLimit).contains(size))
    (self.name, self.size) = (name, size)
  }

  /// The content's bytes with what fills the last block.
  package var paddedSize: Int { (size + Self.blockSize - 1) / Self.blockSize * Self.blockSize }

  /// What follows the content.
  package var padding: [UInt8] { [UInt8](repeating: 0, count: paddedSize - size) }

  /// Nil if the block is no header, or its checksum is wrong.
  package init?(_ block: [UInt8]) {
    guard block.count == Self.blockSize,
      let checksum = Self.number(block[148..<156]), checksum == Self.checksum(block),
      let size = Self.number(block[124..<136])
    else { return nil }
    name = String(decoding: block[0..<100].prefix { $0 != 0 }, as: UTF8.self)
    self.size = size
  }

  package var bytes: [UInt8] {
    var block = [UInt8](repeating: 0, count: Self.blockSize)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }
    put(name, at: 0)
    put("0000644", at: 100)  // Everybody may read it.
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(Self.octal(size, digits: 11), at: 124)
    put("00000000000", at: 136)  // No time, so that the same songs make the same archive.
    block[156] = UInt8(ascii: "0")
    put("ustar\0" + "00", at: 257)
    put(Self.octal(Self.checksum(block), digits: 6) + "\0 ", at: 148)
    return block
  }

  /// The sum of all bytes, those of the checksum taken for spaces.
  private static func checksum(_ block: [UInt8]) -> Int {
    block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
  }

  private static func octal(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
    return Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 < 0 ? nil : $0 }
  }
}
