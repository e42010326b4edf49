import Foundation

/// Chooses the decoder for a file by its content.
enum SoundDecoders {
  static func open(_ source: SoundSource) throws(AudioError) -> any SoundDecoder {
    if let wave = WaveHeader(fileSize: source.size, read: { source.bytes($1, at: $0) }) {
      return try open(source, wave)
    }
    let head = source.bytes(FileSignature.longest, at: 0)
    // Some programs put MP3's tags before other formats.
    let content = MPEGFrameReader.withoutTags(source)
    if content.bytes(4, at: 0).elementsEqual("OggS".utf8) {
      do throws(AudioError) {
        return try OggIndex(content).decoder(content)
      } catch {
        return try openForeign(source, after: error)
      }
    }
    if let frames = MPEGFrameIndex(source) { return try frames.decoder(source) }
    let failure: SoundFileHandle.OpenFailure
    do throws(SoundFileHandle.OpenFailure) {
      return try openWithLibsndfile(content)
    } catch {
      failure = error
    }
    let isKnown =
      FileSignature.otherFormat(head) != nil || NumpyHeader.isNumpy(head)
      || ForeignFormat(source) != nil
    if !isKnown, let start = startBehindJunk(source) {
      return try open(SoundSource(part: start..<source.size, of: source))
    }
    if !isKnown, let frames = MPEGFrameIndex(searching: source) {
      return try frames.decoder(source)
    }
    return try openForeign(source, after: refusal(failure, of: source))
  }

  /// Where FLAC or Ogg begins behind what a recorder, a server or a cut left there.
  private static func startBehindJunk(_ source: SoundSource) -> Int? {
    let front = SoundSource(part: 0..<MPEGFrameIndex.longestJunk, of: source)
    var pages = OggPageReader(front)
    let starts = [pages.next()?.offset, FLACFiles.firstStart(in: front)].compactMap { $0 }
    return starts.min().flatMap { $0 > 0 ? $0 : nil }
  }

  /// What no library of ours reads.
  ///
  /// - Parameter refusal: The error if nothing else reads it either.
  private static func openForeign(
    _ source: SoundSource, after refusal: AudioError
  ) throws(AudioError) -> any SoundDecoder {
    if let array = try NumpyDecoder(source) { return array }
    guard let format = ForeignFormat(source) else { throw refusal }
    // ffmpeg takes any end of these for the right one.
    let isCut = format.name == "Ogg Speex" && !OggPageReader.endsWithLastPage(source)
    let warnings: [AudioWarning] =
      isCut ? [.damaged("the Ogg stream ends without its last page")] : []
    guard let decoder = try FFmpegDecoder(source, format, warnings: warnings) else {
      throw AudioError(.needsFFmpeg(format: format.name), file: source.path)
    }
    return decoder
  }

  /// A WAV file, or several that were joined, one after another.
  private static func open(
    _ source: SoundSource, _ wave: WaveHeader
  ) throws(AudioError) -> any SoundDecoder {
    guard wave.nextFile != nil else { return try openSingle(source, wave) }
    var (parts, start): ([JoinedDecoder.Part], Int) = ([], 0)
    var header: WaveHeader? = wave
    while let wave = header, parts.count < maximumFiles {
      let end = wave.nextFile.map { start + $0 } ?? source.size
      let content = SoundSource(part: start..<end, of: source)
      let decoder: any SoundDecoder
      let frameCount: Int
      do throws(AudioError) {
        decoder = try openSingle(content, wave)
        if let declared = decoder.declaredFrameCount {
          frameCount = declared
        } else {
          frameCount = try decoder.countFrames()
        }
      } catch {
        if parts.isEmpty { throw error }
        break
      }
      guard AudioLimits.sampleRates.contains(decoder.sampleRate) else {
        if parts.isEmpty { throw AudioError(.sampleRate(decoder.sampleRate), file: source.path) }
        break
      }
      parts.append(
        JoinedDecoder.Part(
          sampleRate: decoder.sampleRate, channelCount: decoder.channelCount, frameCount: frameCount
        ) { () throws(AudioError) in try openSingle(content, wave) })
      start = end
      let rest = SoundSource(part: start..<source.size, of: source)
      header = WaveHeader(fileSize: rest.size) { rest.bytes($1, at: $0) }
    }
    let rest = source.size - start
    return JoinedDecoder(
      parts,
      warnings: rest == 0
        ? [] : [.damaged("\(rest) bytes behind the first WAV files can't be read and are left out")]
    )
  }

  private static func openSingle(
    _ source: SoundSource, _ wave: WaveHeader
  ) throws(AudioError) -> any SoundDecoder {
    if let problem = wave.problem {
      return try openForeign(source, after: AudioError(problem, file: source.path))
    }
    let data = wave.data ?? 0..<0
    let behind = SoundFileEnd.warnings(source, from: wave.endOfChunks)
    if wave.isMPEG {
      let content = SoundSource(part: data, of: source)
      guard let frames = MPEGFrameIndex(content) ?? MPEGFrameIndex(searching: content) else {
        let reason = AudioError.Reason.noSamples("no complete MPEG audio frame was found")
        throw AudioError(reason, file: source.path)
      }
      return try frames.decoder(
        content, warnings: wave.warnings(ofSeconds: frames.seconds) + behind)
    }
    let readable =
      wave.isMisleading ? SoundSource(wave.repaired, part: data, of: source) : source
    do throws(SoundFileHandle.OpenFailure) {
      return try SoundFileHandle(readable, warnings: wave.warnings() + behind)
    } catch {
      let reason = wave.refusal(error.problem)
      return try openForeign(source, after: AudioError(reason, file: source.path))
    }
  }

  private static func openWithLibsndfile(
    _ source: SoundSource
  ) throws(SoundFileHandle.OpenFailure) -> any SoundDecoder {
    // libsndfile would take this for MPEG audio, and say so on standard error if it isn't.
    let head = source.bytes(2, at: 0)
    guard head.count == 2, head[0] != 0xFF || head[1] < 0xE0 else {
      throw SoundFileHandle.OpenFailure(problem: .other)
    }
    if let flac = FLACHeader(source) {
      if let files = FLACFiles.open(source) { return files }
      if let decoder = FLACDecoder(source, flac) { return decoder }
      return try SoundFileHandle(flac.withoutLength(source), declared: flac.frameCount)
    }
    return try openFiles(source)
  }

  static func refusal(
    _ failure: SoundFileHandle.OpenFailure, of source: SoundSource
  ) -> AudioError {
    let head = source.bytes(FileSignature.longest, at: 0)
    guard let format = FileSignature.audioFormat(head) else {
      return AudioError(.notAudio(found: FileSignature.describe(head)), file: source.path)
    }
    if head.count >= FLACFrameHeader.longest,
      FLACFrameHeader(head[..<FLACFrameHeader.longest]) != nil
    {
      let found = "it begins with a frame; the header before it is missing"
      return AudioError(.badHeader(format: "FLAC", found: found), file: source.path)
    }
    if format == "MP3" {
      let found = "no complete MPEG audio frame was found"
      return AudioError(.badHeader(format: format, found: found), file: source.path)
    }
    // An encoding that libsndfile doesn't know is no format to it.
    let number = source.bytes(4, at: 12)
    if format == "AU", number.count == 4,
      number[..<3].contains(where: { $0 != 0 }) || number[3] > 27
    {
      let encoding = number.reduce(0) { $0 << 8 | Int($1) }
      return AudioError(
        .unsupportedEncoding(format: format, found: "\(encoding)"), file: source.path)
    }
    return AudioError(failure.problem.reason(format), file: source.path)
  }
}
