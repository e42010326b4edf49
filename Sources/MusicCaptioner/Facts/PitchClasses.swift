import Foundation

/// Which of the twelve notes sound how much, over the whole range and in the bass, and when the
/// harmony changes.
///
/// The peaks of long spectra (half a second) with their frequencies interpolated (a harmonic pitch
/// class profile: Gómez, "Tonal description of music audio signals", 2006), relative to the tuning of
/// the music so far. A peak has to stand out of its surroundings, which leaves out most of what drums
/// and voices add; the square roots of the magnitudes are added, so that a loud melody doesn't hide
/// the chords.
struct PitchClasses {
  private static let sampleRate = 16_000.0
  private static let frameSize = 8192
  private static let hop = 2048
  static let framesPerSecond = sampleRate / Double(hop)

  private var cutter = FrameCutter(size: frameSize, hop: hop)
  private let spectrum = PowerSpectrum(hann: frameSize)
  private var powers: [Float] = []
  private var magnitudes: [Float] = []
  private var sums: [Double] = []
  /// The sum of the peaks as unit vectors whose angles are their distances from the nearest note.
  private var tuning = (cosine: 0.0, sine: 0.0)
  private var sampleCount = 0
  private(set) var frameCount = 0

  /// The sums over the music, C first.
  private(set) var all = [Double](repeating: 0, count: 12)
  private(set) var bass = [Double](repeating: 0, count: 12)
  /// How much its peaks stand out: the mean of the logarithms of the ratio to their surroundings.
  var prominence: Double { weight > 0 ? prominences / weight : 0 }
  private var prominences = 0.0
  private var weight = 0.0
  private(set) var chords = ChordShares()
  private(set) var harmony = HarmonyChanges()

  /// - Parameter samples: Mono, at 16 kHz.
  mutating func append(_ samples: ArraySlice<Float>) {
    sampleCount += samples.count
    for first in cutter.append(samples) { addFrame(first) }
  }

  mutating func finish() {
    if frameCount == 0, sampleCount > 0 {
      for first in cutter.appendSilence() { addFrame(first) }
    }
    chords.finish()
    harmony.finish()
  }

  private struct Peak {
    /// In semitones above the A of 440 Hz.
    let pitch: Double
    let hertz: Double
    let weight: Double
    /// The logarithm of the ratio of its magnitude to that of its surroundings.
    let prominence: Double
  }

  private static let binWidth = sampleRate / Double(frameSize)
  private static let bins = Int(40 / binWidth)...Int(2_000 / binWidth)
  /// A window for the surroundings of a peak: 62 Hz on each side.
  private static let reach = 32
  private static let prominence = 2.0
  /// −50 dB of the frame's highest peak; lower ones are the window's side lobes.
  private static let leastShare: Float = 0.003
  /// −80 dB of full scale.
  private static let leastMagnitude = Float(frameSize) / 4 * 1e-4

  private mutating func addFrame(_ first: Int) {
    frameCount += 1
    spectrum(cutter.samples, from: first, into: &powers)
    let peaks = findPeaks()
    for peak in peaks where peak.hertz > 150 {
      tuning.cosine += peak.weight * cos(2 * .pi * peak.pitch)
      tuning.sine += peak.weight * sin(2 * .pi * peak.pitch)
    }
    let offset = atan2(tuning.sine, tuning.cosine) / (2 * .pi)
    var frame = [Double](repeating: 0, count: 12)
    var frameBass = frame
    for peak in peaks {
      let pitch = peak.pitch - offset
      let note = pitch.rounded()
      // Less, the farther from the note.
      let closeness = cos(.pi * (pitch - note))
      let weight = peak.weight * closeness * closeness
      let pitchClass = ((Int(note) + 9) % 12 + 12) % 12
      if peak.hertz >= 100 {
        frame[pitchClass] += weight
        prominences += peak.weight * peak.prominence
        self.weight += peak.weight
      }
      if peak.hertz < 250 { frameBass[pitchClass] += weight }
    }
    for index in 0..<12 {
      all[index] += frame[index]
      bass[index] += frameBass[index]
    }
    chords.append(frame)
    harmony.append(frame, frameBass)
  }

  private mutating func findPeaks() -> [Peak] {
    let bins = Self.bins
    let (low, high) = (bins.lowerBound - 1, bins.upperBound + 1)
    magnitudes = powers[low...high].map { $0.squareRoot() }
    sums = [0]
    var sum = 0.0
    for magnitude in magnitudes {
      sum += Double(magnitude)
      sums.append(sum)
    }
    let highest = magnitudes.max() ?? 0
    guard highest.isFinite else { return [] }
    let least = max(highest * Self.leastShare, Self.leastMagnitude)
    var peaks: [Peak] = []
    for index in 1..<magnitudes.count - 1 {
      let magnitude = magnitudes[index]
      guard magnitude > least, magnitude > magnitudes[index - 1],
        magnitude >= magnitudes[index + 1]
      else { continue }
      let start = max(0, index - Self.reach)
      let end = min(magnitudes.count, index + Self.reach + 1)
      let surroundings = (sums[end] - sums[start]) / Double(end - start)
      // The vertex of a parabola through the logarithms.
      let before = log(Double(magnitudes[index - 1]) + 1e-9)
      let here = log(Double(magnitude))
      let after = log(Double(magnitudes[index + 1]) + 1e-9)
      let curvature = before - 2 * here + after
      let shift = curvature < 0 ? max(-0.5, min(0.5, (before - after) / (2 * curvature))) : 0
      let height = exp(here - (before - after) * shift / 4)
      guard height > Self.prominence * surroundings else { continue }
      let hertz = (Double(low + index) + shift) * Self.binWidth
      peaks.append(
        Peak(
          pitch: 12 * log2(hertz / 440), hertz: hertz, weight: height.squareRoot(),
          prominence: log(height / surroundings)))
    }
    return peaks
  }
}

/// How regularly the harmony changes: correlations of the difference between the notes of a quarter
/// of a second and those of the one before.
struct HarmonyChanges {
  /// Of the whole range, and of the bass.
  private(set) var correlations = Array(repeating: Correlation(lagCount: 72), count: 2)
  private(set) var weight = 0.0
  /// From 0, where the notes stay the same, to 2.8.
  var meanChange: Double { frameCount > 0 ? changes / Double(frameCount) : 0 }
  private var changes = 0.0
  private var frameCount = 0
  private var recent: [[[Double]]] = [[], []]
  private var curves: [[Float]] = [[], []]

  private static let windowFrames = 80
  private static let leastFrames = 16

  mutating func append(_ all: [Double], _ bass: [Double]) {
    for (index, notes) in [all, bass].enumerated() {
      let norm = notes.reduce(0) { $0 + $1 * $1 }.squareRoot()
      recent[index].append(norm > 0 ? notes.map { $0 / norm } : notes)
      if recent[index].count > 5 { recent[index].removeFirst() }
      let last = recent[index]
      guard last.count == 5 else { continue }
      var sum = 0.0
      for note in 0..<12 {
        let change = last[3][note] + last[4][note] - last[0][note] - last[1][note]
        sum += change * change
      }
      curves[index].append(Float(sum.squareRoot()))
      if index == 0 {
        changes += sum.squareRoot()
        frameCount += 1
      }
    }
    if curves[0].count == Self.windowFrames { addWindow() }
  }

  mutating func finish() {
    if curves[0].count >= Self.leastFrames { addWindow() }
  }

  private mutating func addWindow() {
    let share = Float(curves[0].count) / Float(Self.windowFrames)
    for index in 0..<2 {
      let mean = curves[index].reduce(0, +) / Float(curves[index].count)
      let curve = curves[index].map { $0 - mean }
      correlations[index].add(curve, curve, weight: share)
      curves[index] = []
    }
    weight += Double(share)
  }
}
