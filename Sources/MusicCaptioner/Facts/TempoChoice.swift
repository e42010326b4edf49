import Foundation

/// Chooses the tempo among candidates from 40 to 240 beats a minute.
///
/// A comb over multiples and fractions of each candidate's period gathers what repeats then (as
/// Scheirer, "Tempo and beat analysis of acoustic musical signals", JASA 1998, and Klapuri et al.,
/// "Analysis of the meter of acoustic musical signals", IEEE TASLP 2006, do with filters and
/// probabilities), in every range of pitch and between ranges, as a bass drum and a snare drum
/// alternate with the beat. How much each tooth counts, and how that changes with the tempo, was
/// learned: the softmax of the weighted sums is the probability of each candidate (a conditional
/// logit, trained by maximum likelihood, see ``TempoWeights``).
struct TempoChoice {
  let beatsPerMinute: Double
  /// The probability of all candidates within 4 %.
  let confidence: Double

  /// 2 % apart.
  static let candidates: [Double] = (0..<90).map { 40 * exp(0.02 * Double($0)) }
  static let periodRatios = [0.25, 1.0 / 3, 0.5, 2.0 / 3, 0.75, 1, 4.0 / 3, 1.5, 2, 3, 4]
  static let rateRatios = [0.25, 1.0 / 3, 0.5, 2.0 / 3, 1, 1.5, 2, 3, 4]

  /// - Returns: nil if nothing repeats.
  init?(_ rhythm: RhythmAnalysis) {
    guard rhythm.weight > 0 else { return nil }
    let scores = Self.candidates.map { candidate in
      zip(Self.features(of: rhythm, at: candidate), TempoWeights.values)
        .reduce(0.0) { $0 + $1.0 * Double($1.1) }
    }
    let probabilities = Softmax.probabilities(scores)
    var best = (index: 0, sum: -1.0)
    for index in probabilities.indices {
      let near = max(0, index - 2)...min(probabilities.count - 1, index + 2)
      let sum = probabilities[near].reduce(0, +)
      if sum > best.sum { best = (index, sum) }
    }
    confidence = min(1, best.sum)
    beatsPerMinute = Self.refined(Self.candidates[best.index], rhythm)
  }

  static let middle = 110.0

  /// The numbers that the weights are for: 133, then the same times the logarithm of the tempo, then
  /// five about the tempo alone and the density of the onsets.
  static func features(of rhythm: RhythmAnalysis, at candidate: Double) -> [Double] {
    let scale = 1 / rhythm.weight
    let period = 60 / candidate * OnsetBands.framesPerSecond
    var teeth: [Double] = []
    for index in rhythm.correlations.indices {
      teeth += periodRatios.map { scale * Double(rhythm.correlations[index]($0 * period)) }
      teeth += rateRatios.map { ratio in
        let place = RhythmAnalysis.spectrumPlace(perMinute: ratio * candidate)
        return 10 * scale * Double(Interpolation.value(of: rhythm.spectra[index], at: place))
      }
    }
    for correlation in rhythm.crossCorrelations {
      teeth += periodRatios.map { scale * Double(correlation($0 * period)) }
    }
    let x = log(candidate / middle)
    let density = rhythm.density * scale
    return teeth + teeth.map { $0 * x }
      + [x, x * x, x * density, x * rhythm.lowDensity * scale, x * x * density]
  }

  /// The tempo close by whose beats fit best over four beats.
  static func refined(_ tempo: Double, _ rhythm: RhythmAnalysis) -> Double {
    guard let all = rhythm.correlations.last else { return tempo }
    var best = (tempo: tempo, sum: -Float.infinity)
    for step in -20...20 {
      let candidate = tempo * exp(0.002 * Double(step))
      let period = 60 / candidate * OnsetBands.framesPerSecond
      let sum = (1...4).reduce(Float(0)) { $0 + all(Double($1) * period) }
      if sum > best.sum { best = (candidate, sum) }
    }
    return best.tempo
  }
}

/// Scores as probabilities.
enum Softmax {
  static func probabilities(_ scores: [Double]) -> [Double] {
    let highest = scores.max() ?? 0
    let values = scores.map { exp($0 - highest) }
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }
}
