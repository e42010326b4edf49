/// Where the sound begins and ends: the first and the last hundredth of a second whose root mean
/// square over all channels is above −60 dB of full scale.
struct SilenceMeter {
  private let blockSize: Int
  private let channelCount: Int
  private var sum: Float = 0
  private var countInBlock = 0
  private var blockIndex = 0
  private var firstLoud: Int?
  private var lastLoud = 0

  private static let threshold: Float = 1e-6

  init(sampleRate: Int, channelCount: Int) {
    self.channelCount = channelCount
    blockSize = max(1, sampleRate / 100) * channelCount
  }

  mutating func append(_ samples: ArraySlice<Float>) {
    var rest = samples
    while !rest.isEmpty {
      let part = rest.prefix(blockSize - countInBlock)
      rest = rest.dropFirst(part.count)
      sum += SampleSums.squares(part)
      countInBlock += part.count
      if countInBlock == blockSize { endBlock() }
    }
  }

  private mutating func endBlock() {
    if sum > Self.threshold * Float(countInBlock) {
      firstLoud = firstLoud ?? blockIndex
      lastLoud = blockIndex
    }
    blockIndex += 1
    sum = 0
    countInBlock = 0
  }

  /// In frames: the silence at the start and at the end; all of them at both if there is no sound.
  mutating func finish(frameCount: Int) -> (start: Int, end: Int) {
    if countInBlock > 0 { endBlock() }
    guard let firstLoud else { return (frameCount, frameCount) }
    let frames = blockSize / channelCount
    return (firstLoud * frames, max(0, frameCount - (lastLoud + 1) * frames))
  }
}

/// Finds where a converter or a mix hit full scale: three or more samples in a row of one channel,
/// all on the same side and none below 0.9999. A single sample at full scale is no evidence.
struct ClippingMeter {
  private(set) var runs = 0
  private(set) var samples = 0
  private let channelCount: Int
  /// The length of the run that each channel is in, negative for the lower side.
  private var lengths: [Int]

  private static let threshold: Float = 0.9999
  private static let shortestRun = 3

  init(channelCount: Int) {
    self.channelCount = channelCount
    lengths = Array(repeating: 0, count: channelCount)
  }

  /// - Parameter peak: The block's largest absolute value: most music never comes near full scale.
  mutating func append(_ block: ArraySlice<Float>, peak: Float) {
    if peak < Self.threshold {
      for channel in lengths.indices { lengths[channel] = 0 }
      return
    }
    var channel = 0
    for sample in block {
      add(sample, channel)
      channel = channel + 1 == channelCount ? 0 : channel + 1
    }
  }

  private mutating func add(_ sample: Float, _ channel: Int) {
    guard abs(sample) >= Self.threshold else {
      lengths[channel] = 0
      return
    }
    let side = sample > 0 ? 1 : -1
    let length = lengths[channel] * side > 0 ? abs(lengths[channel]) + 1 : 1
    lengths[channel] = length * side
    if length == Self.shortestRun {
      runs += 1
      samples += length
    } else if length > Self.shortestRun {
      samples += 1
    }
  }
}

/// Whether the channels differ: the same sound in both, as in many old recordings, isn't stereo.
struct ChannelMeter {
  private let channelCount: Int
  private var difference = 0.0
  private var total = 0.0

  /// What lossy coding and dither add to identical channels stays below −60 dB.
  private static let threshold = 1e-6

  init(channelCount: Int) { self.channelCount = channelCount }

  mutating func append(_ samples: ArraySlice<Float>) {
    guard channelCount > 1 else { return }
    total += Double(SampleSums.squares(samples))
    if channelCount == 2 {
      difference += Double(SampleSums.squaredDifferences(samples))
      return
    }
    let last = samples.endIndex - channelCount
    for start in stride(from: samples.startIndex, through: last, by: channelCount) {
      for channel in 1..<channelCount {
        let value = Double(samples[start + channel]) - Double(samples[start])
        difference += value * value
      }
    }
  }

  var isStereo: Bool { difference > Self.threshold * total }
}
