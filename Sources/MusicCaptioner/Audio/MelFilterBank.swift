import Foundation

/// Triangular filters whose corners are evenly spaced on the mel scale. Each reaches from its lower
/// neighbor's peak to its upper neighbor's and has a peak of 1 (no area normalization).
///
/// Like `torchaudio.functional.melscale_fbanks(norm: None, mel_scale: "htk")`, in double precision.
struct MelFilterBank: Sendable {
  /// The nonzero frequency bins of one filter.
  struct Filter: Sendable, Equatable {
    var firstBin: Int
    var weightCount: Int
    /// The index of its first weight in ``weights``.
    var firstWeight: Int
  }

  let filters: [Filter]
  /// All filters' weights, one after another. Every bin belongs to at most two filters, so there
  /// are at most twice as many weights as bins.
  let weights: [Float]

  init(_ options: AudioFeatureOptions) {
    let lowest = Self.mel(hertz: options.lowestFrequency)
    let highest = Self.mel(hertz: options.highestFrequency)
    let corners = (0..<options.melCount + 2).map { corner in
      let share = Double(corner) / Double(options.melCount + 1)
      return Self.hertz(mel: lowest + (highest - lowest) * share)
    }
    let binCount = options.fftSize / 2 + 1
    let binWidth = Double(options.sampleRate) / Double(options.fftSize)
    var filters: [Filter] = []
    var weights: [Float] = []
    for band in 0..<options.melCount {
      let (low, peak, high) = (corners[band], corners[band + 1], corners[band + 2])
      let first = max(0, Int(low / binWidth))
      let last = min(binCount - 1, Int(high / binWidth) + 1)
      var filter = Filter(firstBin: first, weightCount: 0, firstWeight: weights.count)
      for bin in first...max(first, last) {
        let frequency = Double(bin) * binWidth
        let weight = min((frequency - low) / (peak - low), (high - frequency) / (high - peak))
        if weight > 0 {
          if filter.weightCount == 0 { filter.firstBin = bin }
          filter.weightCount += 1
          weights.append(Float(weight))
        }
      }
      filters.append(filter)
    }
    self.filters = filters
    self.weights = weights
  }

  /// O'Shaughnessy's formula, as in HTK.
  static func mel(hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
  static func hertz(mel: Double) -> Double { 700 * (pow(10, mel / 2595) - 1) }
}
