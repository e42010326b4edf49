/// The header of the WAV stream that ffmpeg writes: little-endian floats of 32 bits, of unknown
/// length.
enum FFmpegOutputHeader: Equatable {
  case complete(sampleRate: Int, channelCount: Int, byteCount: Int)
  case incomplete
  /// It is something else.
  case invalid

  /// ffmpeg's header has 68 bytes; the bound is for a program that isn't ffmpeg.
  private static let maximumBytes = 4096

  /// - Parameter bytes: All that came so far.
  init(_ bytes: [UInt8]) {
    func has(_ text: String, at offset: Int) -> Bool {
      text.utf8.starts(with: bytes.dropFirst(offset).prefix(4))
    }
    guard has("RIFF", at: 0), has("WAVE", at: 8) else {
      self = .invalid
      return
    }
    let header = WaveHeader(fileSize: .max) { Array(bytes.dropFirst($0).prefix($1)) }
    if let header, header.problem == nil, let data = header.data {
      let isExpected = header.tag == 3 && header.bitsPerSample == 32
      self =
        isExpected
        ? .complete(
          sampleRate: header.sampleRate, channelCount: header.channelCount,
          byteCount: data.lowerBound) : .invalid
    } else {
      self = bytes.count < Self.maximumBytes ? .incomplete : .invalid
    }
  }
}
