import CFLAC

/// libFLAC's decoder, for samples of more than 24 bits, which libsndfile and ffmpeg before version 6
/// don't read. This is the only file that calls libFLAC.
final class FLACDecoder: SoundDecoder {
  let sampleRate: Int
  let channelCount: Int
  let declaredFrameCount: Int?

  private let decoder: UnsafeMutablePointer<FLAC__StreamDecoder>
  private let output: FLACOutput

  /// - Returns: Nil if libsndfile reads the file, and if libFLAC doesn't: before version 1.4, it
  ///   didn't either.
  init?(_ source: SoundSource) {
    guard source.bytes(4, at: 0).elementsEqual("fLaC".utf8),
      let decoder = FLAC__stream_decoder_new()
    else { return nil }
    let output = FLACOutput(source)
    let status = FLAC__stream_decoder_init_stream(
      decoder, FLACOutput.read, FLACOutput.seek, FLACOutput.tell, FLACOutput.length,
      FLACOutput.isAtEnd, FLACOutput.write, nil, FLACOutput.fail,
      Unmanaged.passUnretained(output).toOpaque())
    self.decoder = decoder
    self.output = output
    guard status == FLAC__STREAM_DECODER_INIT_STATUS_OK,
      FLAC__stream_decoder_process_until_end_of_metadata(decoder) != 0
    else {
      FLAC__stream_decoder_delete(decoder)
      return nil
    }
    // The first frame tells more surely than the header, and that libFLAC reads it.
    Self.decodeFrame(decoder, output)
    sampleRate = Int(FLAC__stream_decoder_get_sample_rate(decoder))
    channelCount = Int(FLAC__stream_decoder_get_channels(decoder))
    let count = FLAC__stream_decoder_get_total_samples(decoder)
    declaredFrameCount = count == 0 ? nil : Int(count)
    // From here on, `deinit` deletes the decoder, even if this fails.
    if output.samples.isEmpty || FLAC__stream_decoder_get_bits_per_sample(decoder) <= 24 {
      return nil
    }
  }

  deinit { FLAC__stream_decoder_delete(decoder) }

  func seek(to frame: Int) -> Bool {
    output.clear()
    if FLAC__stream_decoder_seek_absolute(decoder, UInt64(frame)) != 0 { return true }
    _ = FLAC__stream_decoder_flush(decoder)
    return false
  }

  func read(_ frameCount: Int, into samples: UnsafeMutableBufferPointer<Float>) -> Int {
    if output.samples.isEmpty { Self.decodeFrame(decoder, output) }
    let count = min(frameCount, output.samples.count / channelCount)
    let part = output.samples.prefix(count * channelCount)
    _ = samples.update(fromContentsOf: part)
    output.samples = output.samples.dropFirst(part.count)
    return count
  }

  /// Decodes up to the next frame that is whole; none at the end.
  private static func decodeFrame(
    _ decoder: UnsafeMutablePointer<FLAC__StreamDecoder>, _ output: FLACOutput
  ) {
    output.clear()
    while output.samples.isEmpty, FLAC__stream_decoder_process_single(decoder) != 0 {
      let state = FLAC__stream_decoder_get_state(decoder)
      if state == FLAC__STREAM_DECODER_END_OF_STREAM { return }
    }
  }

  var warnings: [AudioWarning] {
    output.hasFailed
      ? [.damaged("parts of the FLAC stream can't be decoded and are left out")] : []
  }
}

/// A file as libFLAC reads it, and the frame that it decoded last.
private final class FLACOutput {
  /// Interleaved; full scale is ±1.
  var samples: ArraySlice<Float> = []
  private(set) var hasFailed = false
  /// Of the first frame.
  private var channelCount: Int?
  private let source: SoundSource
  private var position = 0

  init(_ source: SoundSource) { self.source = source }

  func clear() { samples = [] }

  private static func of(_ user: UnsafeMutableRawPointer?) -> FLACOutput? {
    user.map { Unmanaged<FLACOutput>.fromOpaque($0).takeUnretainedValue() }
  }

  static let read: FLAC__StreamDecoderReadCallback = { _, buffer, count, user in
    guard let file = of(user), let buffer, let count else {
      return FLAC__STREAM_DECODER_READ_STATUS_ABORT
    }
    let found = file.source.fill(.init(start: buffer, count: count.pointee), at: file.position)
    file.position += found
    count.pointee = found
    return found == 0
      ? FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM : FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
  }

  static let seek: FLAC__StreamDecoderSeekCallback = { _, offset, user in
    guard let file = of(user), offset <= UInt64(file.source.size) else {
      return FLAC__STREAM_DECODER_SEEK_STATUS_ERROR
    }
    file.position = Int(offset)
    return FLAC__STREAM_DECODER_SEEK_STATUS_OK
  }

  static let tell: FLAC__StreamDecoderTellCallback = { _, offset, user in
    offset?.pointee = UInt64(of(user)?.position ?? 0)
    return FLAC__STREAM_DECODER_TELL_STATUS_OK
  }

  static let length: FLAC__StreamDecoderLengthCallback = { _, length, user in
    length?.pointee = UInt64(of(user)?.source.size ?? 0)
    return FLAC__STREAM_DECODER_LENGTH_STATUS_OK
  }

  static let isAtEnd: FLAC__StreamDecoderEofCallback = { _, user in
    of(user).map { $0.position >= $0.source.size } ?? true ? 1 : 0
  }

  static let write: FLAC__StreamDecoderWriteCallback = { _, frame, channels, user in
    guard let output = of(user), let header = frame?.pointee.header, let channels else {
      return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT
    }
    let channelCount = Int(header.channels)
    // A frame with other channels can't be put behind the others.
    let wanted = output.channelCount ?? channelCount
    output.channelCount = wanted
    guard channelCount == wanted else {
      output.hasFailed = true
      return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE
    }
    let scale = Float(sign: .plus, exponent: 1 - Int(header.bits_per_sample), significand: 1)
    var samples: [Float] = []
    samples.reserveCapacity(Int(header.blocksize) * channelCount)
    for frame in 0..<Int(header.blocksize) {
      for channel in 0..<channelCount {
        samples.append(Float(channels[channel]?[frame] ?? 0) * scale)
      }
    }
    output.samples = samples[...]
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE
  }

  static let fail: FLAC__StreamDecoderErrorCallback = { _, _, user in of(user)?.hasFailed = true }
}
