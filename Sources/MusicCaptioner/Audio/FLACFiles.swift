/// FLAC files that were joined though they have other rates or numbers of channels: one decoder can't
/// go on from one to the next.
enum FLACFiles {
  private static let maximumFiles = 10_000
  private static let blockSize = 1 << 18
  /// The mark, and the head of the stream's information. Its first bit tells whether more follows.
  private static let mark = Array("fLaC".utf8)
  private static let markLength = 8

  /// - Returns: nil unless there are several whose formats differ.
  static func open(_ source: SoundSource) -> (any SoundDecoder)? {
    let starts = starts(in: source)
    let formats = Set(starts.map { format(source, at: $0) })
    guard formats.count > 1 else { return nil }
    var parts: [JoinedDecoder.Part] = []
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1] : source.size
      let content = SoundSource(part: start..<end, of: source)
      guard let header = FLACHeader(content), let decoder = FLACDecoder(content, header),
        AudioLimits.sampleRates.contains(decoder.sampleRate),
        // What the header declares may be wrong, and what is missing would be silent.
        let frameCount = try? decoder.countFrames()
      else { return nil }
      parts.append(
        JoinedDecoder.Part(
          sampleRate: decoder.sampleRate, channelCount: decoder.channelCount,
          frameCount: frameCount
        ) { () throws(AudioError) in
          guard let decoder = FLACDecoder(content, header) else {
            let found = "a second reading of the FLAC header failed"
            throw AudioError(.library(found), file: source.path)
          }
          return decoder
        })
    }
    return JoinedDecoder(parts)
  }

  /// Where a file begins behind something else; nil if none does.
  static func firstStart(in source: SoundSource) -> Int? { starts(in: source, limit: 1).first }

  private static func starts(in source: SoundSource, limit: Int = maximumFiles) -> [Int] {
    var starts: [Int] = []
    var offset = 0
    while offset + markLength <= source.size {
      let block = source.bytes(blockSize, at: offset)
      if block.count < markLength { break }
      var index = block.startIndex
      while let found = block[index...].firstIndex(of: mark[0]), found + markLength <= block.count {
        if isMark(block[found..<found + markLength]) { starts.append(offset + found) }
        if starts.count == limit { return starts }
        index = found + 1
      }
      offset += block.count - markLength + 1
    }
    return starts
  }

  private static func isMark(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.starts(with: mark) && bytes[bytes.startIndex + 4] & 0x7F == 0
      && bytes.dropFirst(5).elementsEqual([0, 0, 34])
  }

  /// The bits for rate and number of channels.
  private static func format(_ source: SoundSource, at start: Int) -> [UInt8] {
    var bytes = source.bytes(3, at: start + 18)
    if bytes.count == 3 { bytes[2] &= 0xFE }
    return bytes
  }
}
