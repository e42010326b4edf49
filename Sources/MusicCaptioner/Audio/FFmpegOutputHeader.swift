/// The header of the WAV stream that ffmpeg writes: little-endian floats of 32 bits, of unknown
/// length.
enum FFmpegOutputHeader: Equatable {
  case complete(sampleRate: Int, channelCount: Int, byteCount: Int)
  case incomplete
  /// It is something else.
  case invalid

  /// ffmpeg's header has 68 bytes; the bound is for a program that isn't ffmpeg.
  private static let maximumBytes = 4096

  init(_ bytes: [UInt8]) {
    func integer(_ offset: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    func has(_ text: String, at offset: Int) -> Bool {
      let found = bytes.dropFirst(offset).prefix(4)
      return text.utf8.starts(with: found)
    }
    guard has("RIFF", at: 0), has("WAVE", at: 8) else {
      self = .invalid
      return
    }
    var offset = 12
    var format: (rate: Int, channels: Int)?
    while bytes.count >= offset + 8 {
      let size = integer(offset + 4, 4)
      if has("data", at: offset) {
        self = .invalid
        if let format {
          self = .complete(
            sampleRate: format.rate, channelCount: format.channels, byteCount: offset + 8)
        }
        return
      }
      if has("fmt ", at: offset) {
        guard size >= 16, bytes.count >= offset + 8 + 16 else { break }
        let channels = integer(offset + 10, 2)
        guard [3, 0xFFFE].contains(integer(offset + 8, 2)), integer(offset + 22, 2) == 32,
          channels > 0
        else {
          self = .invalid
          return
        }
        format = (integer(offset + 12, 4), channels)
      }
      offset += 8 + size + size % 2
    }
    self = max(bytes.count, offset) < Self.maximumBytes ? .incomplete : .invalid
  }
}
