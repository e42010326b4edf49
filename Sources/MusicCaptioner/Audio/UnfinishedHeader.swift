/// An AIFF or AU file whose recorder was killed before it wrote the sizes: the header declares no
/// samples, and samples follow.
struct UnfinishedHeader {
  /// The same file with sizes that libsndfile takes for open.
  let repaired: SoundSource

  var warning: AudioWarning {
    .damaged("the header declares no samples; all that follow it are read")
  }

  /// - Returns: nil for a header that is finished, or of another format.
  init?(_ source: SoundSource) {
    var head = source.bytes(1 << 12, at: 0)
    let field: Int
    if head.starts(with: ".snd".utf8), head.count > 24 {
      field = 8
      guard Self.number(head, 8) == 0, Self.number(head, 4) < source.size else { return nil }
      head.replaceSubrange(8..<12, with: [0xFF, 0xFF, 0xFF, 0xFF])
    } else {
      guard let sounds = Self.emptySoundChunk(head, size: source.size) else { return nil }
      field = sounds + 4
      head.replaceSubrange(field..<field + 4, with: [0, 0, 0, 0])
    }
    let header = Array(head.prefix(field + 4))
    repaired = SoundSource(header, part: header.count..<source.size, of: source)
  }

  /// Where the sound chunk of an AIFF file begins, if it declares nothing but its own fields and is
  /// the last one.
  private static func emptySoundChunk(_ head: [UInt8], size: Int) -> Int? {
    guard head.starts(with: "FORM".utf8), head.dropFirst(8).starts(with: "AIF".utf8) else {
      return nil
    }
    var offset = 12
    while offset + 16 <= head.count {
      let length = number(head, offset + 4)
      if head[offset...].starts(with: "SSND".utf8) {
        let content = offset + 16
        let next = head.dropFirst(content).prefix(4)
        let isFollowed = next.count == 4 && next.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        return length == 8 && content < size && !isFollowed ? offset : nil
      }
      offset += 8 + length + length % 2
    }
    return nil
  }

  private static func number(_ bytes: [UInt8], _ offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }
}
