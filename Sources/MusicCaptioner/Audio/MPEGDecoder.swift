import CMpg123

/// libmpg123's decoder for one run of MPEG frames. This is the only file that calls libmpg123.
///
/// It is given whole frames in the order of the index, and nothing to look for: no tags, no junk, no
/// delays. So what comes out are `sampleCount` frames for each.
final class MPEGDecoder: SoundDecoder {
  let sampleRate: Int
  let channelCount: Int
  /// The number of frames without what is cut at the beginning and the end.
  let frameCount: Int
  var declaredFrameCount: Int? { frameCount }

  private let source: SoundSource
  private let run: MPEGRun
  /// The samples that are cut at the beginning.
  private let delay: Int
  private let handle: OpaquePointer
  /// What the frame `decodedIndex` of the run became, interleaved.
  private var samples: [Float]
  private var decodedIndex = -1
  private var position = 0
  private var damagedCount = 0

  /// The most bytes that a frame of layer 3 may use of those before it.
  private static let reservoir = 511

  private static let isReady = mpg123_init() == MPG123_OK.rawValue

  init(
    _ source: SoundSource, _ run: MPEGRun, delay: Int = 0, padding: Int = 0
  ) throws(AudioError) {
    self.source = source
    self.run = run
    let header = run.header
    sampleRate = header.sampleRate
    channelCount = header.channelCount
    self.delay = delay
    frameCount = max(0, run.frames.count * header.sampleCount - delay - padding)
    samples = Array(repeating: 0, count: header.sampleCount * header.channelCount)
    guard Self.isReady, let handle = mpg123_new(nil, nil) else {
      throw AudioError(.library("libmpg123 can't be started"), file: source.path)
    }
    self.handle = handle
    // It keeps quiet, and neither searches nor cuts on its own.
    let flags =
      MPG123_QUIET.rawValue | MPG123_NO_RESYNC.rawValue | MPG123_NO_READAHEAD.rawValue
      | MPG123_IGNORE_INFOFRAME.rawValue
    set_mpg123_param(handle, MPG123_ADD_FLAGS, Int(flags))
    set_mpg123_param(handle, MPG123_REMOVE_FLAGS, Int(MPG123_GAPLESS.rawValue))
    if let free = run.free { set_mpg123_param(handle, MPG123_FREEFORMAT_SIZE, free - 4) }
    mpg123_format_none(handle)
    let channels = header.channelCount == 1 ? MPG123_MONO : MPG123_STEREO
    mpg123_format(
      handle, header.sampleRate, Int32(channels.rawValue), Int32(MPG123_ENC_FLOAT_32.rawValue))
  }

  deinit { mpg123_delete(handle) }

  var warnings: [AudioWarning] {
    if damagedCount == 0 { return [] }
    return [.damaged("parts of the MPEG stream can't be decoded and are silent")]
  }

  func seek(to frame: Int) -> Bool {
    position = min(frame, frameCount)
    return position == frame
  }

  func read(_ frameCount: Int, into output: UnsafeMutableBufferPointer<Float>) -> Int {
    let length = run.header.sampleCount
    var done = 0
    while done < frameCount, position < self.frameCount {
      let (index, first) = (position + delay).quotientAndRemainder(dividingBy: length)
      reach(index)
      let count = min(length - first, frameCount - done, self.frameCount - position)
      let start = first * channelCount
      _ = output[(done * channelCount)...].update(
        fromContentsOf: samples[start..<start + count * channelCount])
      done += count
      position += count
    }
    return done
  }

  /// Decodes up to a frame of the run.
  private func reach(_ index: Int) {
    if index == decodedIndex { return }
    if index != decodedIndex + 1 || index == 0 {
      mpg123_open_feed(handle)
      decodedIndex = preparation(for: index) - 1
      samples.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }
    while decodedIndex < index {
      decodedIndex += 1
      decode(run.frames[decodedIndex])
    }
  }

  /// The frame to start from so that `index` is decoded as if from the beginning: its own and the
  /// previous frame's reservoirs have to be full, and the synthesis filter in the same phase.
  private func preparation(for index: Int) -> Int {
    var first = index
    var bytes = 0
    while first > 0, index - first < 3 || bytes < Self.reservoir {
      first -= 1
      // Two frames for the overlap; then all that fills the reservoir. 2 bytes may be a checksum.
      if index - first > 2 {
        bytes += max(1, run.frames[first].length - 6 - run.header.sideLength)
      }
    }
    return first & ~7
  }

  private func decode(_ frame: MPEGRun.Frame) {
    let bytes = source.bytes(frame.length, at: frame.offset)
    let previous = samples.suffix(channelCount).contains { $0 != 0 }
    let wanted = samples.count * MemoryLayout<Float>.size
    var made = 0
    var status = MPG123_NEW_FORMAT.rawValue
    samples.withUnsafeMutableBytes { output in
      // A new decoder first reports the format, without decoding.
      var input = bytes[...]
      for _ in 0..<3 where made == 0 && status == MPG123_NEW_FORMAT.rawValue {
        status = input.withUnsafeBufferPointer {
          mpg123_decode(
            handle, $0.baseAddress, $0.count, output.baseAddress, wanted, &made)
        }
        input = []
      }
    }
    if made < wanted {
      for index in made / MemoryLayout<Float>.size..<samples.count { samples[index] = 0 }
      mpg123_open_feed(handle)
    }
    let granule = (run.header.layer == 3 ? 576 : run.header.sampleCount) * channelCount
    let isSilent = samples.suffix(granule).allSatisfy { $0 == 0 }
    // A sound doesn't end within a sample. libmpg123 fills with zeros what it can't decode.
    let before = granule < samples.count ? samples[samples.count - granule - 1] != 0 : previous
    if isSilent && (before || made < wanted) { damagedCount += 1 }
  }
}
