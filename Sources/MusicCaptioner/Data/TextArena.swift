/// Texts stored one after another in large blocks: millions of captions without an allocation each.
struct TextArena: Sendable {
  /// The location of a text.
  struct Reference: Sendable {
    fileprivate let block: UInt32
    fileprivate let start: UInt32
    fileprivate let count: UInt32
  }

  private var blocks: [[UInt8]] = []
  private static let blockSize = 1 << 22

  /// - Returns: nil for a text of 4 GiB or more, which the limit on rows rules out.
  mutating func append(_ text: String) -> Reference? {
    var text = text
    return text.withUTF8 { bytes in
      let room = blocks.last.map { Self.blockSize - $0.count } ?? 0
      if room < bytes.count {
        blocks.append([])
        blocks[blocks.count - 1].reserveCapacity(max(Self.blockSize, bytes.count))
      }
      let block = blocks.count - 1
      guard block >= 0 else { return Reference(block: 0, start: 0, count: 0) }
      let start = blocks[block].count
      guard let block32 = UInt32(exactly: block), let start32 = UInt32(exactly: start),
        let count32 = UInt32(exactly: bytes.count)
      else { return nil }
      blocks[block].append(contentsOf: bytes)
      return Reference(block: block32, start: start32, count: count32)
    }
  }

  subscript(_ reference: Reference) -> String {
    guard reference.count > 0 else { return "" }
    let start = Int(reference.start)
    return String(
      decoding: blocks[Int(reference.block)][start..<start + Int(reference.count)], as: UTF8.self)
  }
}
