import Foundation

/// How much of the music each major and minor triad sounds.
///
/// The notes of every half second (the middle of a longer stretch, as chords last) are compared with
/// all triads, as in Fujishima, "Realtime chord recognition of musical sound" (ICMC 1999); similar
/// ones share the time.
struct ChordShares {
  /// Major triads on C to B, then minor ones.
  private(set) var sums = [Double](repeating: 0, count: 24)
  private var recent: [[Double]] = []
  private var frameCount = 0

  /// In frames of ``PitchClasses``.
  private static let reach = 5
  /// How much better the best triad has to fit to have the time for itself.
  private static let sharpness = 12.0

  mutating func append(_ notes: [Double]) {
    recent.append(notes)
    frameCount += 1
    if recent.count > Self.reach { recent.removeFirst() }
    if recent.count == Self.reach { addRecent() }
  }

  mutating func finish() {
    if frameCount > 0 && frameCount < Self.reach { addRecent() }
  }

  private mutating func addRecent() {
    var notes = [Double](repeating: 0, count: 12)
    for frame in recent {
      for note in 0..<12 { notes[note] += frame[note] }
    }
    let norm = notes.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm > 0, norm.isFinite else { return }
    var fits: [Double] = []
    for third in [4, 3] {
      for root in 0..<12 {
        let sum = notes[root] + notes[(root + third) % 12] + notes[(root + 7) % 12]
        fits.append(Self.sharpness * sum / (norm * 3.0.squareRoot()))
      }
    }
    let loudness = notes.reduce(0, +)
    for (index, share) in Softmax.probabilities(fits).enumerated() {
      sums[index] += loudness * share
    }
  }
}
