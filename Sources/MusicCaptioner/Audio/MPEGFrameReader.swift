/// Finds headers, frames and tags in the bytes of a file.
struct MPEGFrameReader {
  let size: Int
  private let source: SoundSource
  private var block: [UInt8] = []
  private var blockStart = 0
  /// A free format's frame length takes a search, which hostile bytes could ask for at every place.
  private var freeSearches = 256

  private static let blockSize = 1 << 16
  /// Longer than the frames that are looked at before a place is given up.
  private static let lookBack = 1 << 14
  /// The longest frame that libmpg123 accepts.
  static let longestFrame = 3_456

  init(_ source: SoundSource) {
    self.source = source
    size = source.size
  }

  /// The bytes at an offset; fewer at the end.
  mutating func bytes(_ count: Int, at offset: Int) -> ArraySlice<UInt8> {
    let end = blockStart + block.count
    if offset < blockStart || offset + count > end && end < size {
      blockStart = max(0, offset - Self.lookBack)
      block = source.bytes(Self.lookBack + max(Self.blockSize, count), at: blockStart)
    }
    let start = min(offset - blockStart, block.count)
    return block[start..<min(start + count, block.count)]
  }

  mutating func header(at offset: Int) -> MPEGFrameHeader? {
    let bytes = bytes(4, at: offset)
    guard bytes.count == 4, bytes.first == 0xFF else { return nil }
    return MPEGFrameHeader(bytes.reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// The next place from `offset` on with a header; nil if there is none.
  mutating func nextCandidate(from offset: Int, before limit: Int) -> Int? {
    var offset = offset
    while offset < limit {
      // What is loaded comes first: candidates may be close to one another.
      var found = bytes(4, at: offset)
      if found.count == 4 { found = block[found.startIndex...] }
      if found.count < 4 { return nil }
      if let index = Self.firstHeader(found) {
        return offset + index < limit ? offset + index : nil
      }
      offset += found.count - 3
    }
    return nil
  }

  private static func firstHeader(_ bytes: ArraySlice<UInt8>) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      var index = 0
      while index < bytes.count - 3 {
        // A bit rate of 15 is none, and rules out long stretches of 0xFF.
        if bytes[index] == 0xFF, bytes[index + 1] >= 0xE0, bytes[index + 2] < 0xF0 {
          let bits = bytes[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
          if MPEGFrameHeader(bits) != nil { return index }
        }
        index += 1
      }
      return nil
    }
  }

  /// The first place from `offset` on that isn't 0.
  mutating func endOfZeros(from offset: Int) -> Int {
    var offset = offset
    while true {
      let found = bytes(Self.blockSize, at: offset)
      if let index = found.firstIndex(where: { $0 != 0 }) {
        return offset + index - found.startIndex
      }
      if found.isEmpty { return offset }
      offset += found.count
    }
  }

  // MARK: Tags

  /// The length of the tag that begins at an offset: ID3, APE.
  mutating func tagLength(at offset: Int) -> Int? {
    let head = Array(bytes(32, at: offset))
    if let length = Self.id3Length(head) { return length }
    if head.starts(with: "TAG+".utf8) { return 227 }
    if head.starts(with: "TAG".utf8) { return 128 }
    return Self.apeLength(head)
  }

  /// The length of an APE tag by its first 32 bytes.
  static func apeLength(_ head: [UInt8]) -> Int? {
    guard head.starts(with: "APETAGEX".utf8), head.count == 32 else { return nil }
    let isHeader = head[23] & 0x20 != 0
    return isHeader ? 32 + head[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) } : 32
  }

  /// The length of an ID3v2 tag by its first ten bytes.
  static func id3Length(_ head: [UInt8]) -> Int? {
    guard head.starts(with: "ID3".utf8), head.count >= 10, head[3] != 0xFF, head[4] != 0xFF,
      head[6..<10].allSatisfy({ $0 < 0x80 })
    else { return nil }
    return head[6..<10].reduce(0) { $0 << 7 | Int($1) } + (head[5] & 0x10 == 0 ? 10 : 20)
  }

  /// The end of all tags from `offset` on.
  mutating func endOfTags(from offset: Int) -> Int {
    var offset = offset
    while offset < size, let length = tagLength(at: offset) { offset += length }
    return min(offset, size)
  }

  /// The end of all tags and zeros from `offset` on.
  mutating func endOfPadding(from offset: Int) -> Int {
    var (start, previous) = (offset, -1)
    while start > previous {
      previous = start
      start = endOfTags(from: endOfZeros(from: start))
    }
    return start
  }

  /// The same file without tags at its beginning, which other formats may have as well.
  static func withoutTags(_ source: SoundSource) -> SoundSource {
    var reader = MPEGFrameReader(source)
    let start = reader.endOfTags(from: 0)
    return start == 0 ? source : SoundSource(part: start..<source.size, of: source)
  }

  // MARK: Runs of frames

  /// How many frames, up to `limit`, follow one another from an offset, and whether they end where
  /// the file or a tag does.
  mutating func chain(
    from offset: Int, limit: Int, free: Int? = nil
  ) -> (count: Int, reachesEnd: Bool) {
    guard let first = header(at: offset) else { return (0, false) }
    guard let free = first.isFree ? free ?? freeLength(at: offset, first) : 0 else {
      return (0, false)
    }
    var offset = offset
    for count in 0..<limit {
      guard let next = header(at: offset), next.isCompatible(with: first),
        let length = next.length(free: free), length > 4 + next.sideLength
      else { return (count, offset == size || tagLength(at: offset) != nil) }
      offset += length
      if offset > size { return (count, true) }
    }
    return (limit, false)
  }

  /// The length without padding of the frames of a free format: the distance of two headers that a
  /// third confirms.
  mutating func freeLength(at offset: Int, _ first: MPEGFrameHeader) -> Int? {
    guard freeSearches > 0 else { return nil }
    freeSearches -= 1
    for distance in (4 + first.sideLength)...Self.longestFrame {
      guard let second = header(at: offset + distance), second.isCompatible(with: first) else {
        continue
      }
      let free = first.unpadded(distance)
      guard let length = second.length(free: free) else { continue }
      let third = offset + distance + length
      if third == size { return free }
      if let next = header(at: third), next.isCompatible(with: first) { return free }
    }
    return nil
  }
}
