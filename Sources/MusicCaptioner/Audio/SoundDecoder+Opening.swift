import Foundation

/// Chooses the decoder for a file by its content.
enum SoundDecoders {
  static func open(_ source: SoundSource) throws(AudioError) -> any SoundDecoder {
    let wave = WaveHeader(fileSize: source.size) { source.bytes($1, at: $0) }
    if let problem = wave?.problem {
      return try openForeign(source, after: AudioError(problem, file: source.path))
    }
    let failure: SoundFileHandle.OpenFailure
    do {
      return try SoundFileHandle(source, wave: wave)
    } catch {
      failure = error
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
    guard let format = ForeignFormat(read: { source.bytes($1, at: $0) }) else { throw refusal }
    guard let decoder = try FFmpegDecoder(source, format) else {
      throw AudioError(.needsFFmpeg(format: format.name), file: source.path)
    }
    return decoder
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
      case "Ogg" where failure.log.contains("End of file"):
        "the stream ends before its headers are complete"
      case "MP3":
        "no complete MPEG audio frame was found"
      default:
        failure.message.trimmingCharacters(in: .whitespacesAndNewlines)
      }
    return AudioError(.badHeader(format: format, found: found), file: source.path)
  }
}
