/// The tempo of a synthesized song. There are gaps between the classes, so each clip has one right
/// answer.
package enum SynthesizedTempo: String, CaseIterable, Codable, Sendable {
  case slow, medium, fast

  /// Beats per minute. Eighth notes of one class stay away from the beats of the class after next.
  var beatsPerMinute: ClosedRange<Float> {
    switch self {
    case .slow: 52...66
    case .medium: 94...112
    case .fast: 156...184
    }
  }
}

/// The register of a synthesized melody.
package enum SynthesizedRegister: String, CaseIterable, Codable, Sendable {
  case low, mid, high

  /// The MIDI numbers from which a melody's tonic is drawn. A melody ranges from a fourth below it
  /// to a sixth above it, which keeps the registers apart.
  var tonics: ClosedRange<Int> {
    switch self {
    case .low: 40...45
    case .mid: 60...65
    case .high: 80...85
    }
  }
}

/// The scale of a synthesized melody.
package enum SynthesizedMode: String, CaseIterable, Codable, Sendable {
  case major, minor

  /// Semitones above the tonic, for the degrees of one octave.
  var semitones: [Int] {
    switch self {
    case .major: [0, 2, 4, 5, 7, 9, 11]
    case .minor: [0, 2, 3, 5, 7, 8, 10]
    }
  }
}

/// One note of a synthesized melody.
package struct SynthesizedNote: Equatable, Codable, Sendable {
  package let startSeconds: Float
  package let durationSeconds: Float
  /// 69 is A at 440 Hz.
  package let midiNumber: Int
}

/// One stroke on the synthesized drum kit.
package struct SynthesizedStroke: Equatable, Codable, Sendable {
  package enum Drum: String, CaseIterable, Codable, Sendable { case kick, snare, hat }

  package let startSeconds: Float
  package let drum: Drum
}

/// The facts that a clip's captions may state: what a model should learn to hear.
package struct SynthesizedFacts: Hashable, Codable, Sendable {
  package let instrument: SynthesizedInstrument
  package let tempo: SynthesizedTempo
  package let register: SynthesizedRegister
  package let hasDrums: Bool

  /// Every combination, in a fixed order.
  package static let all: [SynthesizedFacts] = SynthesizedInstrument.allCases.flatMap {
    instrument in
    SynthesizedTempo.allCases.flatMap { tempo in
      SynthesizedRegister.allCases.flatMap { register in
        [false, true].map { hasDrums in
          SynthesizedFacts(
            instrument: instrument, tempo: tempo, register: register, hasDrums: hasDrums)
        }
      }
    }
  }

  /// One tag for each fact, such as `["organ", "slow tempo", "low register", "no drums"]`.
  package var tags: [String] {
    [
      instrument.rawValue, "\(tempo.rawValue) tempo", "\(register.rawValue) register",
      hasDrums ? "drums" : "no drums",
    ]
  }
}

/// The plan of one clip: its facts, and the notes and strokes that realize them.
package struct SynthesizedSong: Equatable, Codable, Sendable {
  package let facts: SynthesizedFacts
  package let mode: SynthesizedMode
  /// The tonic's MIDI number.
  package let tonic: Int
  package let beatsPerMinute: Float
  package let notes: [SynthesizedNote]
  package let strokes: [SynthesizedStroke]

  /// Composes a song of the given length with the given facts.
  init(facts: SynthesizedFacts, seconds: Float, random: inout RandomSource) {
    self.facts = facts
    mode = random.uniform() < 0.5 ? .major : .minor
    let tonics = facts.register.tonics
    tonic = tonics.lowerBound + random.integer(below: tonics.count)
    beatsPerMinute = random.uniform(in: facts.tempo.beatsPerMinute)
    let beat = 60 / beatsPerMinute
    // A random start, or the first beat would be at the same place in every clip.
    let start = beat * random.uniform()
    notes = Self.melody(
      tonic: tonic, mode: mode, beat: beat, from: start, to: seconds, random: &random)
    strokes =
      facts.hasDrums ? Self.groove(beat: beat, from: start, to: seconds, random: &random) : []
  }

  /// A random walk over the scale that tends back to the tonic. Most notes last a beat: halves and
  /// doubles are rarer, so the melody alone makes the tempo audible.
  private static func melody(
    tonic: Int, mode: SynthesizedMode, beat: Float, from start: Float, to end: Float,
    random: inout RandomSource
  ) -> [SynthesizedNote] {
    var notes: [SynthesizedNote] = []
    var degree = [0, 2, 4][random.integer(below: 3)]
    var time = start
    while time < end {
      let draw = random.uniform()
      let durations: [Float] = draw < 0.84 ? [1] : draw < 0.92 ? [0.5, 0.5] : [2]
      for duration in durations where time < end {
        notes.append(
          SynthesizedNote(
            startSeconds: time, durationSeconds: duration * beat,
            midiNumber: tonic + semitones(ofDegree: degree, in: mode)))
        time += duration * beat
        degree += [-2, -1, -1, 1, 1, 2][random.integer(below: 6)]
        if degree < -3 { degree += 4 }
        if degree > 5 { degree -= 4 }
      }
    }
    return notes
  }

  private static func semitones(ofDegree degree: Int, in mode: SynthesizedMode) -> Int {
    let octave = degree >= 0 ? degree / 7 : (degree - 6) / 7
    return 12 * octave + mode.semitones[degree - 7 * octave]
  }

  /// Hats on every half beat over one of three grooves of four beats.
  private static func groove(
    beat: Float, from start: Float, to end: Float, random: inout RandomSource
  ) -> [SynthesizedStroke] {
    // Positions in half beats.
    let grooves: [(kicks: [Int], snares: [Int])] = [
      ([0, 4], [2, 6]), ([0, 2, 4, 6], [2, 6]), ([0, 3, 4], [2, 6]),
    ]
    let groove = grooves[random.integer(below: grooves.count)]
    var strokes: [SynthesizedStroke] = []
    var place = 0
    while true {
      let time = start + Float(place) * beat / 2
      guard time < end else { return strokes }
      strokes.append(SynthesizedStroke(startSeconds: time, drum: .hat))
      if groove.kicks.contains(place % 8) {
        strokes.append(SynthesizedStroke(startSeconds: time, drum: .kick))
      }
      if groove.snares.contains(place % 8) {
        strokes.append(SynthesizedStroke(startSeconds: time, drum: .snare))
      }
      place += 1
    }
  }
}
