import Foundation

/// Chooses the decoder for a file by its content.
enum SoundDecoders {
  static func open(_ source: SoundSource) throws(AudioError) -> any SoundDecoder {
    if let wave = WaveHeader(fileSize: source.size, read: { source.bytes($1, at: $0) }) {
      return try open(source, wave)
    }
    let head = source.bytes(64, at: 0)
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
    if !isKnown, let frames = MPEGFrameIndex(searching: source) {
      return try frames.decoder(source)
    }
    return try openForeign(source, after: refusal(failure, of: source))
  }

  /// What no library of ours reads.
  ///
  /// - Parameter refusal: The error if nothing else reads it either.
  private static func openForeign(
    _ source: SoundSource, after refusal: AudioError
  ) throws(AudioError) -> any SoundDecoder {
    if let array = try NumpyDecoder(source) { return array }
    guard let format = ForeignFormat(source) else { throw refusal }
    guard let decoder = try FFmpegDecoder(source, format) else {
      throw AudioError(.needsFFmpeg(format: format.name), file: source.path)
    }
    return decoder
  }

  private static func open(
    _ source: SoundSource, _ wave: WaveHeader
  ) throws(AudioError) -> any SoundDecoder {
    if let problem = wave.problem {
      return try openForeign(source, after: AudioError(problem, file: source.path))
    }
    let data = wave.data ?? 0..<0
    if wave.isMPEG {
      let content = SoundSource(part: data, of: source)
      guard let frames = MPEGFrameIndex(content) ?? MPEGFrameIndex(searching: content) else {
        let reason = AudioError.Reason.noSamples("no complete MPEG audio frame was found")
        throw AudioError(reason, file: source.path)
      }
      return try frames.decoder(content)
    }
    let readable =
      wave.isMisleading ? SoundSource(wave.repaired, part: data, of: source) : source
    do throws(SoundFileHandle.OpenFailure) {
      return try SoundFileHandle(readable, warnings: wave.warnings)
    } catch {
      return try openForeign(source, after: refusal(error, of: source))
    }
  }

  private static func openWithLibsndfile(
    _ source: SoundSource
  ) throws(SoundFileHandle.OpenFailure) -> any SoundDecoder {
    // libsndfile would take this for MPEG audio, and say so on standard error if it isn't.
    let head = source.bytes(2, at: 0)
    guard head.count == 2, head[0] != 0xFF || head[1] < 0xE0 else {
      throw SoundFileHandle.OpenFailure(message: "", log: "")
    }
    if let flac = FLACHeader(source) {
      if let decoder = FLACDecoder(source, flac) { return decoder }
      return try SoundFileHandle(flac.withoutLength(source), declared: flac.frameCount)
    }
    if let size = SoundDataSize(source) {
      return try SoundFileHandle(size.source, share: size.share, warnings: size.warnings)
    }
    return try SoundFileHandle(source)
  }

  private static func refusal(
    _ failure: SoundFileHandle.OpenFailure, of source: SoundSource
  ) -> AudioError {
    let head = source.bytes(64, at: 0)
    guard let format = FileSignature.audioFormat(head) else {
      return AudioError(.notAudio(found: FileSignature.describe(head)), file: source.path)
    }
    let found =
      switch format {
      case "MP3":
        "no complete MPEG audio frame was found"
      default:
        failure.message.trimmingCharacters(in: .whitespacesAndNewlines)
      }
    return AudioError(.badHeader(format: format, found: found), file: source.path)
  }
}
