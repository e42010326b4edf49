/// The four bytes before each frame of an MPEG audio stream (ISO 11172-3 and 13818-3, and MPEG 2.5).
struct MPEGFrameHeader: Equatable {
  /// 1 to 3.
  let layer: Int
  /// In hertz.
  let sampleRate: Int
  let channelCount: Int
  /// Whether this is MPEG 2 or 2.5, with half the samples or fewer.
  let isLowRate: Bool
  /// In bits per second; nil for a free format, whose frames are as long as the first one.
  private let bitRate: Int?
  /// Bytes added to some frames to keep the bit rate.
  private let padding: Int

  /// - Returns: nil unless the bytes are a header; one of 5,000 random places has one.
  init?(_ bits: UInt32) {
    let version = Int(bits >> 19 & 3)
    let layerIndex = Int(bits >> 17 & 3)
    let rateIndex = Int(bits >> 12 & 15)
    let frequency = Int(bits >> 10 & 3)
    guard bits >> 21 == 0x7FF, version != 1, layerIndex != 0, rateIndex != 15, frequency != 3,
      bits & 3 != 2  // a reserved emphasis
    else { return nil }
    layer = 4 - layerIndex
    isLowRate = version != 3
    let full = [44_100, 48_000, 32_000][frequency]
    sampleRate = version == 3 ? full : version == 2 ? full / 2 : full / 4
    channelCount = bits >> 6 & 3 == 3 ? 1 : 2
    let rates = isLowRate ? Self.lowBitRates[min(layer, 2) - 1] : Self.bitRates[layer - 1]
    bitRate = rateIndex == 0 ? nil : rates[rateIndex - 1] * 1_000
    padding = bits >> 9 & 1 == 0 ? 0 : layer == 1 ? 4 : 1
  }

  /// For layers 1 to 3, in kilobits per second.
  private static let bitRates = [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  ]
  /// For layer 1, and for layers 2 and 3, in kilobits per second.
  private static let lowBitRates = [
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ]

  /// The number of samples of each channel in a frame.
  var sampleCount: Int {
    switch layer {
    case 1: 384
    case 2: 1_152
    default: isLowRate ? 576 : 1_152
    }
  }

  var isFree: Bool { bitRate == nil }

  /// The length of the frame in bytes, header included.
  ///
  /// - Parameter free: The length of the stream's frames without padding, if its format is free.
  func length(free: Int?) -> Int? {
    guard let bitRate else { return free.map { $0 + padding } }
    if layer == 1 { return 12 * bitRate / sampleRate * 4 + padding }
    return sampleCount / 8 * bitRate / sampleRate + padding
  }

  /// The length of the frame without its padding.
  func unpadded(_ length: Int) -> Int { length - padding }

  /// The bytes between header and main data: in layer 3, the side information.
  var sideLength: Int {
    guard layer == 3 else { return 0 }
    return isLowRate ? (channelCount == 1 ? 9 : 17) : (channelCount == 1 ? 17 : 32)
  }

  /// Whether one decoder can go on from a frame with this header to one with the other.
  func isCompatible(with other: MPEGFrameHeader) -> Bool {
    layer == other.layer && sampleRate == other.sampleRate && isLowRate == other.isLowRate
      && channelCount == other.channelCount && isFree == other.isFree
  }
}
