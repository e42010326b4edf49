extension OggIndex {
  /// The decoder for the streams.
  func decoder(_ source: SoundSource) throws(AudioError) -> any SoundDecoder {
    guard !links.isEmpty else {
      let found =
        leftOutCount > 0
        ? "the stream ends before its headers are complete, or they are damaged"
        : "it has no stream of Vorbis, Opus or FLAC"
      throw AudioError(.badHeader(format: "Ogg", found: found), file: source.path)
    }
    var warnings: [AudioWarning] = []
    if hasGaps {
      warnings.append(.damaged("parts of the Ogg stream can't be decoded and are left out"))
    } else if let last = links.last, !last.hasEnd {
      warnings.append(.damaged("the Ogg stream ends without its last page"))
    }
    if leftOutCount > 0 {
      warnings.append(.damaged("\(leftOutCount) of the Ogg streams in the file can't be read"))
    }
    // The only kind that isn't counted beforehand.
    if links.count == 1, links[0].kind == .flac {
      return try links[0].flacDecoder(source, warnings)
    }
    var parts: [JoinedDecoder.Part] = []
    for link in links {
      if link.kind == .flac {
        parts.append(try link.flacPart(source))
        continue
      }
      guard AudioLimits.sampleRates.contains(link.sampleRate) else {
        throw AudioError(.sampleRate(link.sampleRate), file: source.path)
      }
      parts.append(
        JoinedDecoder.Part(
          sampleRate: link.sampleRate, channelCount: link.channelCount, frameCount: link.frameCount
        ) { () throws(AudioError) in try OggDecoder(source, link) })
    }
    return JoinedDecoder(parts, warnings: warnings)
  }
}

extension OggLink {
  /// FLAC's packets one after another are a FLAC file, behind a mark of nine bytes.
  fileprivate func flacDecoder(
    _ source: SoundSource, _ warnings: [AudioWarning] = []
  ) throws(AudioError) -> any SoundDecoder {
    var bodies: [Range<Int>] = []
    var pages = OggPageReader(source, at: range.lowerBound)
    while let page = pages.next(), page.offset < range.upperBound {
      guard page.serial == serial else { continue }
      let mark = bodies.isEmpty ? min(9, page.body.count) : 0
      bodies.append(page.end - page.body.count + mark..<page.end)
    }
    let file = SoundSource(parts: bodies, of: source)
    do throws(SoundFileHandle.OpenFailure) {
      guard let header = FLACHeader(file) else { return try SoundFileHandle(file) }
      if let decoder = FLACDecoder(file, header, warnings: warnings) { return decoder }
      return try SoundFileHandle(
        header.withoutLength(file), declared: header.frameCount, warnings: warnings)
    } catch {
      throw AudioError(error.problem.reason("Ogg FLAC"), file: source.path)
    }
  }

  /// Decodes the stream once to know its length.
  fileprivate func flacPart(_ source: SoundSource) throws(AudioError) -> JoinedDecoder.Part {
    let decoder = try flacDecoder(source)
    guard AudioLimits.sampleRates.contains(decoder.sampleRate) else {
      throw AudioError(.sampleRate(decoder.sampleRate), file: source.path)
    }
    return JoinedDecoder.Part(
      sampleRate: decoder.sampleRate, channelCount: decoder.channelCount,
      frameCount: try decoder.countFrames()
    ) { () throws(AudioError) in try flacDecoder(source) }
  }
}
