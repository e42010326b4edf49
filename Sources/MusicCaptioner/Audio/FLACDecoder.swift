import CFLAC

/// libFLAC's decoder. libsndfile, which uses it too, doesn't go on after damage and doesn't read more
/// than 24 bits. This is the only file that calls libFLAC, and ``FLACOutput`` is what libFLAC calls.
///
/// The end is where the samples end, whatever length is declared. What follows after damage keeps its
/// time, by the numbers of the frames.
final class FLACDecoder: SoundDecoder {
  let sampleRate: Int
  let channelCount: Int
  let declaredFrameCount: Int?

  private let decoder: UnsafeMutablePointer<FLAC__StreamDecoder>
  private let output: FLACOutput
  /// Where the first frame begins, in bytes.
  private let start: Int
  private lazy var index = FLACFrameIndex(output.source, from: start, first: output.firstNumber)
  private let openingWarnings: [AudioWarning]

  /// - Parameters:
  ///   - header: The one of `source`, which libFLAC is shown without its length.
  ///   - warnings: About what is around the stream.
  /// - Returns: Nil if libFLAC finds no frame; before version 1.4, it doesn't read 32 bits.
  init?(_ source: SoundSource, _ header: FLACHeader, warnings: [AudioWarning] = []) {
    guard let decoder = FLAC__stream_decoder_new() else { return nil }
    let output = FLACOutput(header.withoutLength(source), declared: header.frameCount ?? 0)
    let status = FLAC__stream_decoder_init_stream(
      decoder, FLACOutput.read, FLACOutput.seek, FLACOutput.tell, FLACOutput.length,
      FLACOutput.isAtEnd, FLACOutput.write, nil, FLACOutput.fail,
      Unmanaged.passUnretained(output).toOpaque())
    self.decoder = decoder
    self.output = output
    openingWarnings = warnings
    var start: UInt64 = 0
    guard status == FLAC__STREAM_DECODER_INIT_STATUS_OK,
      FLAC__stream_decoder_process_until_end_of_metadata(decoder) != 0,
      FLAC__stream_decoder_get_decode_position(decoder, &start) != 0
    else {
      FLAC__stream_decoder_delete(decoder)
      return nil
    }
    self.start = Int(start)
    // The first frame tells more surely than the header, and that libFLAC reads it.
    Self.decodeFrame(decoder, output)
    sampleRate = Int(FLAC__stream_decoder_get_sample_rate(decoder))
    channelCount = Int(FLAC__stream_decoder_get_channels(decoder))
    declaredFrameCount = header.frameCount
    // From here on, `deinit` deletes the decoder, even if this fails.
    if output.isEmpty { return nil }
  }

  deinit { FLAC__stream_decoder_delete(decoder) }

  func seek(to frame: Int) -> Bool {
    let entry = frame == 0 ? .init(offset: start, frame: 0) : index.entry(before: frame)
    // What follows damage or a joint has no entry: it is decoded up to there.
    if frame < output.position || entry.frame > output.position {
      guard FLAC__stream_decoder_flush(decoder) != 0 else { return false }
      output.restart(at: entry)
    }
    while output.position < frame {
      if output.isEmpty { Self.decodeFrame(decoder, output) }
      if output.isEmpty { return false }
      output.drop(frame - output.position)
    }
    return true
  }

  func read(_ frameCount: Int, into samples: UnsafeMutableBufferPointer<Float>) -> Int {
    if output.isEmpty { Self.decodeFrame(decoder, output) }
    return output.take(frameCount, into: samples)
  }

  /// Decodes up to the next frame that is whole; none at the end.
  private static func decodeFrame(
    _ decoder: UnsafeMutablePointer<FLAC__StreamDecoder>, _ output: FLACOutput
  ) {
    while output.isEmpty, FLAC__stream_decoder_process_single(decoder) != 0 {
      if !output.isEmpty, !output.isLost {
        var end: UInt64 = 0
        if FLAC__stream_decoder_get_decode_position(decoder, &end) != 0 {
          output.endOfFrames = Int(clamping: end)
        }
      }
      let state = FLAC__stream_decoder_get_state(decoder)
      if state == FLAC__STREAM_DECODER_END_OF_STREAM || state == FLAC__STREAM_DECODER_ABORTED {
        return
      }
    }
  }

  var warnings: [AudioWarning] {
    var warnings = openingWarnings
    if output.hasSilence {
      warnings.append(.damaged("parts of the FLAC stream can't be decoded and are silent"))
    }
    // What follows the last sample is a tag of another program, or padding.
    let isWhole = declaredFrameCount.map { output.nextFrame >= $0 } ?? false
    if output.lacksFrames || output.isLost && !isWhole {
      warnings.append(.damaged("parts of the FLAC stream can't be decoded and are left out"))
    } else if output.isLost {
      warnings += SoundFileEnd.warnings(output.source, from: output.endOfFrames, tolerance: 1 << 13)
    }
    return warnings
  }
}
