/// One page of an Ogg file (RFC 3533).
struct OggPage {
  /// Where it begins in the file, in bytes.
  let offset: Int
  /// Header and body.
  let bytes: ArraySlice<UInt8>
  /// The lengths of the segments that the body consists of.
  let segments: ArraySlice<UInt8>

  var end: Int { offset + bytes.count }
  var body: ArraySlice<UInt8> { bytes.dropFirst(27 + segments.count) }
  /// Whether it begins within a packet.
  var isContinued: Bool { flags & 1 != 0 }
  /// Whether it is the first page of its stream.
  var isFirst: Bool { flags & 2 != 0 }
  var isLast: Bool { flags & 4 != 0 }
  private var flags: UInt8 { bytes[bytes.startIndex + 5] }
  /// The position of the last sample whose packet ends on this page; nil if none does.
  var granule: Int? {
    let value = number(6, 8)
    return value == .max ? nil : Int(truncatingIfNeeded: value)
  }
  /// Which of the streams in the file it belongs to.
  var serial: UInt32 { UInt32(truncatingIfNeeded: number(14, 4)) }
  var sequence: UInt32 { UInt32(truncatingIfNeeded: number(18, 4)) }

  private func number(_ offset: Int, _ count: Int) -> UInt64 {
    let start = bytes.startIndex + offset
    return bytes[start..<start + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Reads the pages of an Ogg file one after another; damaged ones are passed over.
struct OggPageReader {
  /// Where the next page is looked for.
  private(set) var offset: Int
  /// Whether something else than pages was between them.
  private(set) var hasSkipped = false

  private let source: SoundSource
  private var block: ArraySlice<UInt8> = []
  private var blockStart = 0
  /// How many bytes of pages may be checked in vain: hostile files claim a page at every place.
  private var patience: Int

  private static let longestPage = 27 + 255 + 255 * 255
  private static let blockSize = 1 << 18

  init(_ source: SoundSource, at offset: Int = 0) {
    self.source = source
    self.offset = offset
    patience = 4 * source.size + 1 << 20
  }

  /// The next intact page; nil at the end.
  mutating func next() -> OggPage? {
    let start = offset
    while patience > 0 {
      let bytes = window()
      guard bytes.count > 27 else { return nil }
      if bytes.starts(with: Self.mark) {
        if let page = page(bytes) {
          if offset > start { hasSkipped = true }
          offset = page.end
          return page
        }
        patience -= min(bytes.count, Self.longestPage)
      }
      // What looks like the beginning of a page further on, or the block's last bytes.
      let next = mark(in: bytes.dropFirst()) ?? bytes.endIndex - 3
      offset += next - bytes.startIndex
    }
    return nil
  }

  static func endsWithLastPage(_ source: SoundSource) -> Bool {
    var reader = OggPageReader(source)
    var isLast = false
    while let page = reader.next() { isLast = page.isLast }
    return isLast
  }

  private static let mark = Array("OggS".utf8)

  private func mark(in bytes: ArraySlice<UInt8>) -> Int? {
    var start = bytes.startIndex
    while let found = bytes[start...].firstIndex(of: 0x4F) {
      if bytes[found...].starts(with: Self.mark) { return found }
      start = found + 1
    }
    return nil
  }

  /// What follows `offset`: at least a page, or all that is left.
  private mutating func window() -> ArraySlice<UInt8> {
    let blockEnd = blockStart + block.count
    if offset < blockStart || offset + Self.longestPage > blockEnd && blockEnd < source.size {
      block = source.bytes(Self.blockSize, at: offset)[...]
      blockStart = offset
    }
    return block.dropFirst(offset - blockStart)
  }

  private func page(_ bytes: ArraySlice<UInt8>) -> OggPage? {
    let start = bytes.startIndex
    guard bytes[start + 4] == 0 else { return nil }
    let segments = bytes.dropFirst(27).prefix(Int(bytes[start + 26]))
    let length = 27 + segments.count + segments.reduce(0) { $0 + Int($1) }
    guard segments.count == Int(bytes[start + 26]), bytes.count >= length else { return nil }
    let page = OggPage(offset: offset, bytes: bytes.prefix(length), segments: segments)
    return Self.isIntact(page.bytes) ? page : nil
  }

  private static func isIntact(_ bytes: ArraySlice<UInt8>) -> Bool {
    let field = bytes.startIndex + 22..<bytes.startIndex + 26
    let declared = bytes[field].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    var checksum: UInt32 = 0
    func add(_ bytes: ArraySlice<UInt8>) {
      bytes.withUnsafeBufferPointer { bytes in
        for byte in bytes {
          checksum = checksum << 8 ^ table[Int(checksum >> 24) ^ Int(byte)]
        }
      }
    }
    add(bytes[..<field.lowerBound])
    add([0, 0, 0, 0])
    add(bytes[field.upperBound...])
    return checksum == declared
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte) << 24) { value, _ in
      value << 1 ^ (value >> 31 == 0 ? 0 : 0x04C1_1DB7)
    }
  }
}

/// Puts the packets of one stream together from its pages.
struct OggPacketAssembler {
  struct Packet {
    let bytes: [UInt8]
    /// Whether it began on an earlier page.
    let isContinued: Bool
    /// Whether something before it is missing.
    let followsGap: Bool
  }

  private var partial: [UInt8]?
  private var expectedSequence: UInt32?
  private var hasGap = false

  /// The packets that end on a page.
  mutating func packets(of page: OggPage) -> [Packet] {
    if let expectedSequence, page.sequence != expectedSequence {
      hasGap = true
      partial = nil
    }
    expectedSequence = page.sequence &+ 1
    if !page.isContinued, partial != nil {
      hasGap = true
      partial = nil
    }
    var packets: [Packet] = []
    var isSkipping = page.isContinued && partial == nil
    var isContinued = page.isContinued
    var rest = page.body
    for segment in page.segments {
      if !isSkipping {
        if partial == nil { partial = [] }
        partial?.append(contentsOf: rest.prefix(Int(segment)))
      }
      rest = rest.dropFirst(Int(segment))
      if segment == 255 { continue }
      if let bytes = partial {
        packets.append(Packet(bytes: bytes, isContinued: isContinued, followsGap: hasGap))
        hasGap = false
      }
      partial = nil
      isSkipping = false
      isContinued = false
    }
    return packets
  }
}
