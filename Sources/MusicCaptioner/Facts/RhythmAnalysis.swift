import Foundation

/// What repeats in the onsets, and how often: correlations and spectra of ``OnsetCurves``, averaged
/// over windows of ten seconds, so that a tempo which drifts a little in the course of a song blurs
/// nothing.
struct RhythmAnalysis {
  private var bands = OnsetBands()
  private var levels: [Float] = []
  private let spectrum = PowerSpectrum(window: Array(repeating: 1, count: spectrumSize))
  private var powers: [Float] = []

  private static let windowFrames = 1000
  /// Two seconds: less shows no tempo.
  private static let leastFrames = 200
  private static let lagCount = 900
  private static let crossLagCount = 602
  private static let spectrumSize = 8192
  /// Up to 16 a second.
  private static let spectrumBins = 1312
  /// The curves of ``OnsetCurves`` whose coincidence tells a bass drum from a snare drum.
  private static let pairs = [(0, 2), (0, 3), (1, 3)]

  /// Of each curve with itself.
  private(set) var correlations: [Correlation]
  /// Of different curves, the same in both directions.
  private(set) var crossCorrelations: [Correlation]
  /// Magnitudes, of each curve.
  private(set) var spectra: [[Float]]
  private(set) var density = 0.0
  private(set) var lowDensity = 0.0
  /// How many windows went into the sums; the last, shorter, counts less than 1.
  private(set) var weight = 0.0

  init() {
    correlations = Array(repeating: Correlation(lagCount: Self.lagCount), count: OnsetCurves.count)
    crossCorrelations = Array(
      repeating: Correlation(lagCount: Self.crossLagCount), count: Self.pairs.count)
    spectra = Array(
      repeating: Array(repeating: 0, count: Self.spectrumBins), count: OnsetCurves.count)
  }

  /// - Parameter samples: Mono, at 16 kHz.
  mutating func append(_ samples: ArraySlice<Float>) {
    bands.append(samples, to: &levels)
    let windowSize = Self.windowFrames * OnsetBands.bandCount
    var used = 0
    while levels.count - used >= windowSize {
      add(Array(levels[used..<used + windowSize]))
      used += windowSize
    }
    levels.removeFirst(used)
  }

  mutating func finish() {
    if levels.count >= Self.leastFrames * OnsetBands.bandCount { add(levels) }
    levels = []
  }

  private mutating func add(_ levels: [Float]) {
    guard let onsets = OnsetCurves(levels: levels) else { return }
    let frames = levels.count / OnsetBands.bandCount
    let share = Float(frames) / Float(Self.windowFrames)
    for (index, curve) in onsets.curves.enumerated() {
      correlations[index].add(curve, curve, weight: share)
      addSpectrum(of: curve, to: index, weight: share)
    }
    for (index, pair) in Self.pairs.enumerated() {
      crossCorrelations[index].add(
        onsets.curves[pair.0], onsets.curves[pair.1], weight: share)
    }
    density += Double(share) * onsets.density
    lowDensity += Double(share) * onsets.lowDensity
    weight += Double(share)
  }

  private mutating func addSpectrum(of curve: [Float], to index: Int, weight: Float) {
    let window = SpectralWindow.hann(count: curve.count, period: curve.count - 1)
    var frame = zip(curve, window).map { $0 * $1 }
    frame += Array(repeating: 0, count: Self.spectrumSize - curve.count)
    spectrum(frame, from: 0, into: &powers)
    let energy = powers.reduce(0, +)
    guard energy > 0, energy.isFinite else { return }
    let scale = weight / energy.squareRoot()
    for bin in 0..<Self.spectrumBins { spectra[index][bin] += scale * powers[bin].squareRoot() }
  }

  /// The point of ``spectra`` for something that happens so often in a minute.
  static func spectrumPlace(perMinute rate: Double) -> Double {
    rate / 60 / OnsetBands.framesPerSecond * Double(spectrumSize)
  }
}
