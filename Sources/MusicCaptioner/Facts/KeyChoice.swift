import Foundation

/// Chooses among the twelve major and twelve minor keys.
///
/// A profile for each mode is turned to every tonic and compared with the music's pitch classes, as
/// Krumhansl and Schmuckler did ("Cognitive Foundations of Musical Pitch", 1990, chapter 4), here of
/// the whole range and of the bass, and with its triads. The profiles were learned: the softmax of the
/// comparisons is the probability of each key (see ``KeyWeights``).
struct KeyChoice {
  /// 0 is C.
  let tonic: Int
  let isMajor: Bool
  let confidence: Double

  /// Fewer notes than that make no key.
  private static let leastNotes = 4
  /// A note is heard if it has so large a share of all.
  private static let leastShare = 0.02

  /// The peaks of noise and drums stand out by a factor of 2.3, and those of music by more than 2.5.
  private static let leastProminence = log(2.45)
  /// A tone or a chord that is held isn't a key; in music, the mean is above 0.3.
  private static let leastChange = 0.1

  /// The frames of the ten seconds for which the weights were learned.
  private static let fullEvidence = 75.0

  /// - Returns: nil if there are no notes, too few or always the same.
  init?(_ pitches: PitchClasses) {
    let features = Self.features(of: pitches)
    let total = pitches.all.reduce(0, +)
    guard total > 0, total.isFinite, pitches.prominence > Self.leastProminence,
      pitches.harmony.meanChange > Self.leastChange,
      pitches.all.count(where: { $0 > Self.leastShare * total }) >= Self.leastNotes
    else { return nil }
    var scores: [Double] = []
    for weights in [KeyWeights.major, KeyWeights.minor] {
      for tonic in 0..<12 {
        scores.append(Self.score(features, tonic: tonic, weights))
      }
    }
    // Less music is less evidence: so much less as makes the confidence true of clips of three and
    // of five seconds.
    let evidence = pow(min(1, Double(pitches.frameCount) / Self.fullEvidence), 0.75)
    let probabilities = Softmax.probabilities(scores.map { $0 * evidence })
    let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
    tonic = best % 12
    isMajor = best < 12
    confidence = probabilities[best]
  }

  /// The square roots of the shares of notes, in the whole range and in the bass, and of major and
  /// minor triads. The mean share of a note is 1, and so is that of two triads.
  static func features(of pitches: PitchClasses) -> [[Double]] {
    let chords = pitches.chords.sums
    let parts = [pitches.all, pitches.bass, Array(chords[..<12]), Array(chords[12...])]
    let chordTotal = chords.reduce(0, +)
    let totals = [pitches.all.reduce(0, +), pitches.bass.reduce(0, +), chordTotal, chordTotal]
    return zip(parts, totals).map { shares, total in
      shares.map { total > 0 ? (12 * $0 / total).squareRoot() : 0 }
    }
  }

  private static func score(_ features: [[Double]], tonic: Int, _ weights: [Float]) -> Double {
    var score = Double(weights[48])
    for (part, notes) in features.enumerated() {
      for step in 0..<12 {
        score += Double(weights[12 * part + step]) * notes[(tonic + step) % 12]
      }
    }
    return score
  }

  /// As musicians spell it: the one with fewer accidentals in the signature; of two with six, F sharp
  /// major and E flat minor.
  var name: String {
    isMajor
      ? ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"][tonic]
      : ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"][tonic]
  }
}
