import Foundation

/// Integrated loudness as ITU-R BS.1770-4 defines it: two filters ("K-weighting"), the mean squares
/// of blocks of 400 ms that begin every 100 ms, and the mean of those blocks that pass two gates, an
/// absolute one at −70 LUFS and one at 10 LU below the mean of what passes the first.
struct LoudnessMeter {
  private let channelCount: Int
  private let sampleRate: Int
  /// The weight of each channel's mean square.
  private let weights: [Double]
  /// Two channels share the lanes of one filter; the last may have none in its second lane.
  private var filters: [WeightingFilter]
  /// The weighted sum of squares in the current tenth of a second.
  private var sum = 0.0
  private var frameCount = 0
  private var nextBoundary: Int
  /// The mean squares of all complete tenths: ten numbers a second.
  private var tenths: [Double] = []

  init(sampleRate: Int, channelCount: Int) {
    self.sampleRate = sampleRate
    self.channelCount = channelCount
    weights = Self.weights(channelCount: channelCount)
    let pairs = (channelCount + 1) / 2
    filters = Array(repeating: WeightingFilter(sampleRate: sampleRate), count: pairs)
    nextBoundary = Self.boundary(1, sampleRate)
  }

  /// Takes in whole frames of interleaved samples.
  mutating func append(_ samples: ArraySlice<Float>) {
    let frames = samples.count / channelCount
    var first = 0
    while first < frames {
      let count = min(frames - first, nextBoundary - frameCount)
      let start = samples.startIndex + first * channelCount
      for pair in filters.indices { add(samples, from: start, frames: count, pair: pair) }
      first += count
      frameCount += count
      if frameCount == nextBoundary { endTenth() }
    }
  }

  private mutating func add(
    _ samples: ArraySlice<Float>, from start: Int, frames: Int, pair: Int
  ) {
    let left = 2 * pair
    let hasRight = left + 1 < channelCount
    let weight = SIMD2(weights[left], hasRight ? weights[left + 1] : 0)
    if weight == .zero { return }
    var filter = filters[pair]
    var squares = SIMD2<Double>.zero
    let channels = channelCount
    samples.withUnsafeBufferPointer { input in
      var index = start - samples.startIndex + left
      if hasRight {
        for _ in 0..<frames {
          let output = filter(SIMD2(Double(input[index]), Double(input[index + 1])))
          squares += output * output
          index += channels
        }
      } else {
        for _ in 0..<frames {
          let output = filter(SIMD2(Double(input[index]), 0))
          squares += output * output
          index += channels
        }
      }
    }
    filter.forgetTinyNumbers()
    filters[pair] = filter
    sum += (squares * weight).sum()
  }

  private mutating func endTenth() {
    let length = nextBoundary - Self.boundary(tenths.count, sampleRate)
    tenths.append(sum / Double(max(1, length)))
    sum = 0
    nextBoundary = Self.boundary(tenths.count + 1, sampleRate)
  }

  /// The frame with which a tenth of a second begins, also at rates that ten doesn't divide.
  private static func boundary(_ index: Int, _ sampleRate: Int) -> Int {
    (index * sampleRate + 5) / 10
  }

  /// In LUFS; nil where no block passes the gates, as in silence and in less than 400 ms.
  ///
  /// - Parameter gain: What the samples are to be multiplied by.
  func integrated(gain: Double = 1) -> Double? {
    guard tenths.count >= 4 else { return nil }
    let blocks = (0...tenths.count - 4).map { first in
      gain * gain * (tenths[first] + tenths[first + 1] + tenths[first + 2] + tenths[first + 3]) / 4
    }
    guard let ungated = Self.mean(blocks, above: Self.power(ofLoudness: -70)) else { return nil }
    let relativeGate = ungated * Self.power(ofLevel: -10)
    let absoluteGate = Self.power(ofLoudness: -70)
    guard let mean = Self.mean(blocks, above: max(relativeGate, absoluteGate)) else { return nil }
    return Self.offset + 10 * log10(mean)
  }

  private static func mean(_ blocks: [Double], above gate: Double) -> Double? {
    let loud = blocks.filter { $0 > gate }
    return loud.isEmpty ? nil : loud.reduce(0, +) / Double(loud.count)
  }

  /// Compensates for the filters' gain at 997 Hz.
  private static let offset = -0.691

  private static func power(ofLevel decibels: Double) -> Double { pow(10, decibels / 10) }
  private static func power(ofLoudness loudness: Double) -> Double {
    power(ofLevel: loudness - offset)
  }

  /// BS.1770-4, tables 3 and 4, for the usual orders of channels in files: the two at the sides count
  /// 1.5 dB more, and low-frequency effects (the fourth of six or eight) don't count.
  static func weights(channelCount: Int) -> [Double] {
    switch channelCount {
    case 4: [1, 1, 1.41, 1.41]
    case 5: [1, 1, 1, 1.41, 1.41]
    case 6: [1, 1, 1, 0, 1.41, 1.41]
    case 8: [1, 1, 1, 0, 1, 1, 1.41, 1.41]
    default: Array(repeating: 1, count: channelCount)
    }
  }
}
