import CKernels
import Foundation

/// Where notes and drums begin: how much the level rises, a hundred times a second, in four ranges
/// of pitch and in all.
///
/// Spectral flux, that is the sum of what rises from frame to frame in the logarithm of the bands'
/// levels (Bello et al., "A tutorial on onset detection in music signals", IEEE TSAP 2005). The
/// logarithm has a floor that follows the music's level, so that loud and quiet music give the same.
struct OnsetBands {
  static let sampleRate = 16_000
  /// Ten milliseconds.
  static let hop = 160
  static let framesPerSecond = Double(sampleRate) / Double(hop)
  static let bandCount = 36

  private static let frameSize = 1024
  private var cutter = FrameCutter(size: frameSize, hop: hop)
  private let spectrum = PowerSpectrum(hann: frameSize)
  private let filters: [Filter]
  private var powers: [Float] = []

  /// A triangle over the bins of a spectrum.
  private struct Filter {
    let firstBin: Int
    let weights: [Float]
  }

  /// The bands' centers, in hertz, equally far from each other on the mel scale.
  static let centers: [Double] = Array(edges.dropFirst().dropLast())
  private static let edges: [Double] = {
    let low = mel(30)
    let step = (mel(8000) - low) / Double(bandCount + 1)
    return (0..<bandCount + 2).map { 700 * (exp((low + step * Double($0)) / 1127) - 1) }
  }()
  private static func mel(_ hertz: Double) -> Double { 1127 * log(1 + hertz / 700) }

  init() {
    let binWidth = Double(Self.sampleRate) / Double(Self.frameSize)
    filters = (0..<Self.bandCount).map { band in
      let (low, center, high) = (Self.edges[band], Self.edges[band + 1], Self.edges[band + 2])
      let bins = Int((low / binWidth).rounded(.up))...Int(high / binWidth)
      let weights = bins.map { bin in
        let hertz = Double(bin) * binWidth
        return Float(max(0, min((hertz - low) / (center - low), (high - hertz) / (high - center))))
      }
      return Filter(firstBin: bins.lowerBound, weights: weights)
    }
  }

  /// Appends the levels of the bands of every frame that is complete, `[frames, bandCount]`.
  mutating func append(_ samples: ArraySlice<Float>, to levels: inout [Float]) {
    for first in cutter.append(samples) {
      spectrum(cutter.samples, from: first, into: &powers)
      for filter in filters {
        var sum: Float = 0
        for (index, weight) in filter.weights.enumerated() {
          sum += weight * powers[filter.firstBin + index]
        }
        levels.append(sum)
      }
    }
  }
}

/// The curves of one window of ``OnsetBands``.
struct OnsetCurves {
  /// Below 200 Hz, to 800 Hz, to 2.5 kHz, above, and all.
  static let count = 5
  private static let limits = [200, 800, 2_500, Double.infinity]

  /// `[count][frames]`, without their means over 0.8 s, and smoothed.
  private(set) var curves: [[Float]] = []
  /// The logarithm of how many onsets there are in a second, in all bands and below 200 Hz.
  private(set) var density = 0.0
  private(set) var lowDensity = 0.0

  /// - Parameter levels: `[frames, bands]`.
  /// - Returns: nil where nothing happens: in silence and in unchanging sound.
  init?(levels: [Float]) {
    let bands = OnsetBands.bandCount
    let frames = levels.count / bands
    let mean = levels.reduce(0) { $0 + Double($1) } / Double(max(1, levels.count))
    guard frames > Self.lag, mean > Self.quietestLevel, mean.isFinite else { return nil }
    let scale = Float(Self.contrast / mean)
    var decibels = levels.map { 1 + scale * $0 }
    ck_decibels(&decibels, decibels, decibels.count)
    let flux = Self.flux(decibels, frames: frames)
    guard let all = flux.last, all.reduce(0, +) > Self.leastRise * Float(frames) else { return nil }
    let seconds = Double(frames) / OnsetBands.framesPerSecond
    density = Self.density(all, seconds: seconds)
    lowDensity = Self.density(flux[0], seconds: seconds)
    curves = flux.map { Self.smoothed(Self.withoutLocalMean($0)) }
  }

  /// As the mean of a band's squared spectrum: about −60 dB of full scale.
  private static let quietestLevel = 1e-3
  /// How far the bands' mean level is above the logarithm's floor.
  private static let contrast = 100.0
  /// Frames over which a rise is measured.
  private static let lag = 2
  /// The mean over all bands and frames, in dB: music has more than twice as much, and a held tone
  /// a fifth.
  private static let leastRise: Float = 0.05

  private static func flux(_ decibels: [Float], frames: Int) -> [[Float]] {
    let bands = OnsetBands.bandCount
    let group = OnsetBands.centers.map { center in limits.firstIndex { center < $0 } ?? 0 }
    let sizes = limits.indices.map { index in Float(group.count { $0 == index }) }
    var flux = Array(repeating: [Float](repeating: 0, count: frames), count: count)
    for frame in lag..<frames {
      var sums = SIMD4<Float>.zero
      for band in 0..<bands {
        let place = frame * bands + band
        sums[group[band]] += max(0, decibels[place] - decibels[place - lag * bands])
      }
      for index in 0..<4 { flux[index][frame] = sums[index] / sizes[index] }
      flux[4][frame] = sums.sum() / Float(bands)
    }
    return flux
  }

  /// Maxima that stand out.
  private static func density(_ curve: [Float], seconds: Double) -> Double {
    let count = Double(curve.count)
    let mean = curve.reduce(0) { $0 + Double($1) } / count
    let variance = curve.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    let threshold = Float(mean + 0.5 * variance.squareRoot())
    var maxima = 0
    for index in 1..<curve.count - 1 where curve[index] > threshold {
      if curve[index] > curve[index - 1], curve[index] >= curve[index + 1] { maxima += 1 }
    }
    return log(Double(maxima + 1) / seconds)
  }

  private static func withoutLocalMean(_ curve: [Float]) -> [Float] {
    let reach = 40
    var sums = [0.0]
    for value in curve { sums.append((sums.last ?? 0) + Double(value)) }
    return curve.indices.map { index in
      let first = max(0, index - reach)
      let end = min(curve.count, index + reach + 1)
      return curve[index] - Float((sums[end] - sums[first]) / Double(end - first))
    }
  }

  private static func smoothed(_ curve: [Float]) -> [Float] {
    func at(_ index: Int) -> Float { curve.indices.contains(index) ? curve[index] : 0 }
    return curve.indices.map { index in
      (at(index) + 0.75 * (at(index - 1) + at(index + 1)) + 0.25 * (at(index - 2) + at(index + 2)))
        / 3
    }
  }
}
