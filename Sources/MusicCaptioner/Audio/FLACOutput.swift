import CFLAC

/// A file as libFLAC reads it, and the frame that it decoded last.
final class FLACOutput {
  /// Of the first frame, which isn't 0 in a broadcast that was joined late.
  private(set) var firstNumber = 0
  /// Where the next decoded frame belongs if nothing is missing.
  private(set) var nextFrame = 0
  /// Whether bytes after the last frame couldn't be decoded.
  private(set) var isLost = false
  /// Where the last frame that was decoded ends in the file.
  var endOfFrames = 0
  /// Whether there was silence in place of what can't be decoded.
  private(set) var hasSilence = false
  /// Whether frames were left out.
  private(set) var lacksFrames = false

  /// Interleaved; full scale is ±1. The first `taken` have been used.
  private var samples: [Float] = []
  private var taken = 0
  /// Frames of silence before the samples.
  private var silence = 0
  /// Of the first frame.
  private var format: (channelCount: Int, sampleRate: Int)?
  /// What the number of a frame exceeds its place by.
  private var shift = 0
  /// The number of frames in the header.
  private let declared: Int
  let source: SoundSource
  private var offset = 0
  /// The most silence that is left to put in: what the whole file could be, because a frame has
  /// 65,535 samples at most, and 14 bytes at least.
  private var silenceLimit: Int
  private var mostSilence: Int { source.size * 5_000 }

  init(_ source: SoundSource, declared: Int) {
    self.source = source
    self.declared = declared
    silenceLimit = 0
    silenceLimit = mostSilence
  }

  var isEmpty: Bool { silence == 0 && taken == samples.count }

  /// Of the next sample to take.
  var position: Int { nextFrame - silence - (samples.count - taken) / (format?.channelCount ?? 1) }

  /// Goes on at another frame, without what was decoded.
  func restart(at entry: FLACFrameIndex.Entry) {
    offset = entry.offset
    (taken, silence, nextFrame, shift, isLost) = (samples.count, 0, entry.frame, firstNumber, false)
    silenceLimit = mostSilence
  }

  /// Takes frames of what was decoded that nobody needs.
  func drop(_ frameCount: Int) {
    let silent = min(frameCount, silence)
    silence -= silent
    taken = min(samples.count, taken + (frameCount - silent) * (format?.channelCount ?? 1))
  }

  /// - Returns: The number of frames.
  func take(_ frameCount: Int, into output: UnsafeMutableBufferPointer<Float>) -> Int {
    let channelCount = format?.channelCount ?? 1
    if silence > 0 {
      let count = min(frameCount, silence)
      output[..<(count * channelCount)].update(repeating: 0)
      silence -= count
      return count
    }
    let count = min(frameCount, (samples.count - taken) / channelCount)
    let part = samples[taken..<taken + count * channelCount]
    _ = output.update(fromContentsOf: part)
    taken += part.count
    return count
  }

  private func addSilence(_ frameCount: Int) {
    silence += frameCount
    silenceLimit -= frameCount
    nextFrame += frameCount
    hasSilence = true
  }

  private func isSilent(_ values: UnsafePointer<FLAC__int32>?, _ count: Int) -> Bool {
    (0..<count).allSatisfy { values?[$0] == 0 }
  }

  private func append(
    _ header: FLAC__FrameHeader, _ channels: UnsafePointer<UnsafePointer<FLAC__int32>?>
  ) {
    let (channelCount, frameCount) = (Int(header.channels), Int(header.blocksize))
    let number = Int(clamping: header.number.sample_number)
    if let format {
      // A frame of another format can't be put behind the others.
      guard format == (channelCount, Int(header.sample_rate)) else {
        lacksFrames = true
        return
      }
    } else {
      format = (channelCount, Int(header.sample_rate))
      if !isLost { (firstNumber, shift) = (number, number) }
    }
    let missing = number - shift - nextFrame
    if missing > 0, isLost, missing <= silenceLimit {
      addSilence(missing)
    } else if missing != 0 {
      // The next of several files that were joined, or a stream that frames were cut out of.
      shift = number - nextFrame
      if isLost, number > 0 || nextFrame < declared { lacksFrames = true }
    }
    // From version 1.4 on, libFLAC itself puts silence before the next frame: many frames at once.
    // The first frame of a file that was joined may be silent itself.
    if isLost, number > 0, (0..<channelCount).allSatisfy({ isSilent(channels[$0], frameCount) }) {
      addSilence(frameCount)
      return
    }
    isLost = false
    nextFrame += frameCount
    taken = 0
    let count = frameCount * channelCount
    if samples.count != count { samples = Array(repeating: 0, count: count) }
    let scale = Float(sign: .plus, exponent: 1 - Int(header.bits_per_sample), significand: 1)
    samples.withUnsafeMutableBufferPointer { samples in
      for channel in 0..<channelCount {
        guard let values = channels[channel] else { continue }
        for frame in 0..<frameCount {
          samples[frame * channelCount + channel] = Float(values[frame]) * scale
        }
      }
    }
  }

  private static func of(_ user: UnsafeMutableRawPointer?) -> FLACOutput? {
    user.map { Unmanaged<FLACOutput>.fromOpaque($0).takeUnretainedValue() }
  }

  static let read: FLAC__StreamDecoderReadCallback = { _, buffer, count, user in
    guard let file = of(user), let buffer, let count else {
      return FLAC__STREAM_DECODER_READ_STATUS_ABORT
    }
    let found = file.source.fill(.init(start: buffer, count: count.pointee), at: file.offset)
    file.offset += found
    count.pointee = found
    return found == 0
      ? FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM : FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
  }

  static let seek: FLAC__StreamDecoderSeekCallback = { _, offset, user in
    guard let file = of(user), offset <= UInt64(file.source.size) else {
      return FLAC__STREAM_DECODER_SEEK_STATUS_ERROR
    }
    file.offset = Int(offset)
    return FLAC__STREAM_DECODER_SEEK_STATUS_OK
  }

  static let tell: FLAC__StreamDecoderTellCallback = { _, offset, user in
    offset?.pointee = UInt64(of(user)?.offset ?? 0)
    return FLAC__STREAM_DECODER_TELL_STATUS_OK
  }

  static let length: FLAC__StreamDecoderLengthCallback = { _, length, user in
    length?.pointee = UInt64(of(user)?.source.size ?? 0)
    return FLAC__STREAM_DECODER_LENGTH_STATUS_OK
  }

  static let isAtEnd: FLAC__StreamDecoderEofCallback = { _, user in
    of(user).map { $0.offset >= $0.source.size } ?? true ? 1 : 0
  }

  static let write: FLAC__StreamDecoderWriteCallback = { _, frame, channels, user in
    guard let output = of(user), let header = frame?.pointee.header, let channels else {
      return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT
    }
    output.append(header, channels)
    if output.silenceLimit < 0 { return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT }
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE
  }

  static let fail: FLAC__StreamDecoderErrorCallback = { _, _, user in of(user)?.isLost = true }
}
