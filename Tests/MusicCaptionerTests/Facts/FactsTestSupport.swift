import Foundation

@testable import MusicCaptioner

/// Music for which the facts are known by construction.
enum FactsAudio {
  static let rate = 16_000

  static func sine(
    _ hertz: Double, seconds: Double, rate: Int = rate, amplitude: Double = 1
  ) -> [Float] {
    (0..<Int(seconds * Double(rate))).map {
      Float(amplitude * sin(2 * .pi * hertz * Double($0) / Double(rate)))
    }
  }

  static func noise(seconds: Double, amplitude: Float = 0.1) -> [Float] {
    var random = RandomSource(seed: 3, stream: "facts noise")
    return (0..<Int(seconds * Double(rate))).map { _ in amplitude * (2 * random.uniform() - 1) }
  }

  /// Eighth notes of drums: `k` is a bass drum, `s` a snare drum, `h` a hi-hat.
  static func drums(_ pattern: [String], beatsPerMinute: Double, seconds: Double) -> [Float] {
    var samples = [Float](repeating: 0, count: Int(seconds * Double(rate)))
    let step = 30 / beatsPerMinute * Double(rate)
    let hits = ["k": bassDrum, "s": snareDrum, "h": hiHat].mapValues { $0() }
    var index = 0
    while Int(Double(index) * step) < samples.count {
      for name in pattern[index % pattern.count] {
        add(hits[String(name)] ?? [], to: &samples, at: Int(Double(index) * step))
      }
      index += 1
    }
    return samples
  }

  static func add(_ sound: [Float], to samples: inout [Float], at start: Int) {
    for (index, value) in sound.enumerated() where start + index < samples.count {
      samples[start + index] += value
    }
  }

  private static func bassDrum() -> [Float] {
    (0..<3000).map { index in
      let t = Double(index)
      let pitch = 60 * (1 + 0.5 * exp(-t / 300))
      return Float(0.5 * sin(2 * .pi * pitch * t / Double(rate)) * exp(-t / 900))
    }
  }

  private static func snareDrum() -> [Float] {
    noise(seconds: 0.16, amplitude: 0.4).enumerated().map { $1 * Float(exp(-Double($0) / 600)) }
  }

  /// The difference of neighbors leaves the high frequencies.
  private static func hiHat() -> [Float] {
    let hiss = noise(seconds: 0.04, amplitude: 0.15)
    return zip(hiss, hiss.dropFirst()).enumerated().map { index, pair in
      (pair.1 - pair.0) * Float(exp(-Double(index) / 120))
    }
  }

  /// Tonic, subdominant, dominant, tonic: two seconds each, with a bass.
  ///
  /// - Parameter tonic: 0 is C; fractions are out of tune.
  static func cadence(tonic: Double, isMajor: Bool) -> [Float] {
    let chords =
      isMajor
      ? [[0, 4, 7], [5, 9, 12], [7, 11, 14], [0, 4, 7]]
      : [[0, 3, 7], [5, 8, 12], [7, 11, 14], [0, 3, 7]]
    return chords.flatMap { chord in
      let notes = chord.map { 60 + Double($0) } + [36 + Double(chord[0])]
      let tones = notes.map { note($0 + tonic, seconds: 2) }
      return (0..<tones[0].count).map { index in tones.reduce(0) { $0 + $1[index] } }
    }
  }

  /// A sine that fades in and out, for a MIDI number.
  static func note(_ number: Double, seconds: Double) -> [Float] {
    let tone = sine(440 * pow(2, (number - 69) / 12), seconds: seconds, amplitude: 0.1)
    return tone.enumerated().map { index, value in
      value * Float(min(index, tone.count - index, 800)) / 800
    }
  }

  static func interleaved(_ left: [Float], _ right: [Float]) -> [Float] {
    zip(left, right).flatMap { [$0, $1] }
  }
}
