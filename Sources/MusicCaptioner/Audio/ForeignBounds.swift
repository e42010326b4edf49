/// Where the frames of a file that ffmpeg decodes begin and end.
///
/// ffmpeg passes over ID3 tags at the beginning, but not over APE tags; and behind the last frame it
/// takes tags and zeros for damaged ones.
enum ForeignBounds {
  /// Those of 37 hours of AC-3; the bound limits the work on a malicious file.
  private static let maximumFrames = 1 << 22

  /// - Returns: nil if the frames fill the file, or it isn't known that they don't.
  static func range(of source: SoundSource, _ format: ForeignFormat) -> Range<Int>? {
    guard ["aac", "ac3", "eac3", "tta", "wv"].contains(format.demuxer) else { return nil }
    var reader = MPEGFrameReader(source)
    var (start, hasAPE) = (0, false)
    while start < source.size, let length = reader.tagLength(at: start) {
      if source.bytes(1, at: start) == [UInt8(ascii: "A")] { hasAPE = true }
      start += length
    }
    guard start < source.size else { return nil }
    let end = endOfFrames(source, from: start, format.demuxer)
    // What else is there may be frames behind a damaged one.
    let isPadded =
      end > start && end < source.size && reader.endOfPadding(from: end) == source.size
    if !isPadded, !hasAPE { return nil }
    return start..<(isPadded ? end : source.size)
  }

  private static func endOfFrames(
    _ source: SoundSource, from start: Int, _ demuxer: String
  ) -> Int {
    var offset = start
    for _ in 0..<maximumFrames {
      guard let length = length(source.bytes(8, at: offset), demuxer),
        length <= source.size - offset
      else { break }
      offset += length
    }
    return offset
  }

  /// The length of a frame by its first eight bytes.
  private static func length(_ head: [UInt8], _ demuxer: String) -> Int? {
    guard head.count == 8 else { return nil }
    if demuxer == "wv" {
      guard head.starts(with: "wvpk".utf8) else { return nil }
      return 8 + head[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard demuxer.hasSuffix("ac3"), head[0] == 0x0B, head[1] == 0x77 else { return nil }
    if head[5] >> 3 > 10 { return 2 * (Int(head[2] & 7) << 8 + Int(head[3]) + 1) }
    let (rate, code) = (Int(head[4] >> 6), Int(head[4] & 0x3F))
    guard rate < 3, code / 2 < bitRates.count else { return nil }
    // 1,536 samples, in words of 16 bits.
    let kilobits = bitRates[code / 2]
    let words = [2 * kilobits, 320 * kilobits / 147 + code % 2, 3 * kilobits][rate]
    return 2 * words
  }

  /// Of AC-3, in kilobits per second.
  private static let bitRates = [
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
  ]
}
