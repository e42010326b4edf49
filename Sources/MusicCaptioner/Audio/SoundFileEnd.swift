/// What follows the end of a file's sound: another file that was joined to it, tags, or anything.
enum SoundFileEnd {
  /// Where the chunks of an AU, AIFF or CAF file end; nil if that is where the source ends, or isn't
  /// known.
  static func offset(in source: SoundSource) -> Int? {
    let head = source.bytes(12, at: 0)
    guard head.count == 12 else { return nil }
    if head.starts(with: ".snd".utf8) {
      let (content, size) = (number(head[4..<8]), number(head[8..<12]))
      return content >= 24 && size > 0 && content + size < source.size ? content + size : nil
    }
    if head.starts(with: "FORM".utf8), isAIFF(head) {
      return endOfChunks(source, from: 12, sizeLength: 4, sound: "SSND")
    }
    if head.starts(with: "caff".utf8) {
      return endOfChunks(source, from: 8, sizeLength: 8, sound: "data")
    }
    return nil
  }

  private static func isAIFF(_ head: [UInt8]) -> Bool {
    ["AIFF", "AIFC"].contains { head.dropFirst(8).starts(with: $0.utf8) }
  }

  /// Whether this is the beginning of a file that would pass for a chunk.
  static func isFile(_ head: [UInt8]) -> Bool {
    ["WAV", "FLAC", "Ogg", "AIFF", "AU"].contains(FileSignature.audioFormat(head))
  }

  /// Whether it is one that isn't a WAV file's.
  static func isOtherFile(_ head: [UInt8]) -> Bool {
    isFile(head) && FileSignature.audioFormat(head) != "WAV"
  }

  /// Real files have fewer chunks; the bound limits the work on a malicious one.
  private static let maximumChunks = 1_000

  private static func endOfChunks(
    _ source: SoundSource, from start: Int, sizeLength: Int, sound: String
  ) -> Int? {
    var offset = start
    var hasSound = false
    for _ in 0..<maximumChunks {
      let head = source.bytes(12, at: offset)
      guard head.count == 12 else { return nil }
      let isNext =
        isFile(head) || head.starts(with: "caff".utf8) && head[4..<8].elementsEqual([0, 1, 0, 0])
      let isChunk = head[..<4].allSatisfy { $0 >= 0x20 && $0 < 0x7F }
      if isNext || !isChunk { return hasSound ? offset : nil }
      let size = number(head[4..<4 + sizeLength])
      // A size that is too large is that of a cut, or none.
      guard size <= source.size - offset - 4 - sizeLength else { return nil }
      if head.starts(with: sound.utf8) { hasSound = size > 8 }
      offset += 4 + sizeLength + size + (sizeLength == 4 ? size % 2 : 0)
    }
    return nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    Int(clamping: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  /// A warning of what is behind the sound. Tags and zeros are no sound, and neither is what is shorter
  /// than a frame.
  static func warnings(
    _ source: SoundSource, from end: Int?, tolerance: Int = MPEGFrameReader.longestFrame
  ) -> [AudioWarning] {
    guard let end, end < source.size else { return [] }
    var reader = MPEGFrameReader(source)
    let count = source.size - reader.endOfPadding(from: end)
    if count <= tolerance { return [] }
    return [.damaged("\(count) bytes after the end of the sound can't be read and are left out")]
  }
}

extension SoundDecoders {
  static let maximumFiles = 10_000

  /// A file whose header declares its length, or several that were joined, one after another.
  static func openFiles(
    _ source: SoundSource
  ) throws(SoundFileHandle.OpenFailure) -> any SoundDecoder {
    guard SoundFileEnd.offset(in: source) != nil else { return try openFile(source) }
    var (parts, start): ([JoinedDecoder.Part], Int) = ([], 0)
    while start < source.size, parts.count < maximumFiles {
      let rest = SoundSource(part: start..<source.size, of: source)
      let end = start + (SoundFileEnd.offset(in: rest) ?? rest.size)
      let content = SoundSource(part: start..<end, of: source)
      guard isSized(content), let decoder = try? openFile(content),
        let count = decoder.declaredFrameCount,
        AudioLimits.sampleRates.contains(decoder.sampleRate)
      else { break }
      parts.append(
        JoinedDecoder.Part(
          sampleRate: decoder.sampleRate, channelCount: decoder.channelCount, frameCount: count
        ) { () throws(AudioError) in
          do throws(SoundFileHandle.OpenFailure) {
            return try openFile(content)
          } catch {
            throw refusal(error, of: content)
          }
        })
      start = end
    }
    if parts.isEmpty { return try openFile(source) }
    return JoinedDecoder(parts, warnings: SoundFileEnd.warnings(source, from: start))
  }

  /// Whether what follows a file is another one of these formats.
  private static func isSized(_ source: SoundSource) -> Bool {
    let head = source.bytes(4, at: 0)
    return [".snd", "FORM", "caff"].contains { head.elementsEqual($0.utf8) }
  }

  private static func openFile(
    _ source: SoundSource
  ) throws(SoundFileHandle.OpenFailure) -> any SoundDecoder {
    guard let size = SoundDataSize(source) else { return try SoundFileHandle(source) }
    return try SoundFileHandle(size.source, share: size.share, warnings: size.warnings)
  }
}
