import Foundation

/// Chooses between bars of three and of four beats (two count as four).
///
/// Accents and changes of the harmony repeat with the bar: their correlations at three and six beats
/// are compared with those at two, four and eight. How much each comparison counts was learned (a
/// logistic regression, see ``MeterWeights``).
struct MeterChoice {
  let beatsPerBar: Int
  let confidence: Double

  init?(_ rhythm: RhythmAnalysis, _ harmony: HarmonyChanges, beatsPerMinute: Double) {
    guard rhythm.weight > 0 else { return nil }
    let features = Self.features(of: rhythm, harmony, beatsPerMinute: beatsPerMinute)
    var score = Double(MeterWeights.bias)
    for (feature, weight) in zip(features, MeterWeights.values) {
      score += feature * Double(weight)
    }
    let three = 1 / (1 + exp(-score))
    beatsPerBar = three > 0.5 ? 3 : 4
    confidence = max(three, 1 - three)
  }

  static func features(
    of rhythm: RhythmAnalysis, _ harmony: HarmonyChanges, beatsPerMinute: Double
  ) -> [Double] {
    let beat = 60 / beatsPerMinute
    let onsets = rhythm.correlations.map { correlation in
      comparisons { beats in
        smooth(correlation, beats * beat * OnsetBands.framesPerSecond) / rhythm.weight
      }
    }
    let changes = harmony.correlations.map { correlation in
      comparisons { beats in
        let lag = beats * beat * PitchClasses.framesPerSecond
        return harmony.weight > 0 ? Double(correlation(lag)) / harmony.weight : 0
      }
    }
    return (onsets + changes).flatMap { $0 }
  }

  /// - Parameter at: The correlation after so many beats.
  private static func comparisons(_ at: (Double) -> Double) -> [Double] {
    let (two, three, four) = (at(2), at(3), at(4))
    let (six, eight) = (at(6), at(8))
    return [
      three - four, three - two, six - eight, six - (four + eight) / 2, three - (two + four) / 2,
    ]
  }

  /// The mean over some hundredths of a second, since neither players nor tempi are exact.
  private static func smooth(_ correlation: Correlation, _ lag: Double) -> Double {
    var (sum, total) = (0.0, 0.0)
    for step in -8...8 {
      let weight = Double(9 - abs(step))
      sum += weight * Double(correlation(abs(lag + Double(step))))
      total += weight
    }
    return sum / total
  }
}
