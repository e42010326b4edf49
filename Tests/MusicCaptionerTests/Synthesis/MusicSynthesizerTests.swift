import Testing

@testable import MusicCaptioner

@Suite struct MusicSynthesizerTests {
  private static func synthesizer(seconds: Double, seed: UInt64 = 7) throws -> MusicSynthesizer {
    try MusicSynthesizer(
      options: SynthesizedMusicOptions(clipCount: 8, seed: seed, clipSeconds: seconds))
  }

  @Test func clipDependsOnSeedAndIndexAlone() throws {
    let first = try Self.synthesizer(seconds: 0.5)
    let again = try Self.synthesizer(seconds: 0.5)
    let expected = first.clip(3)
    _ = again.clip(11)
    #expect(again.clip(3) == expected)
    #expect(again.clip(4).samples != expected.samples)
    #expect(try Self.synthesizer(seconds: 0.5, seed: 8).clip(3) != expected)
  }

  @Test func eachBlockHasEveryCombinationOnce() throws {
    let synthesizer = try Self.synthesizer(seconds: 1)
    #expect(SynthesizedFacts.all.count == 108)
    for block in 0..<2 {
      let facts = (0..<108).map { synthesizer.facts(108 * block + $0) }
      #expect(Set(facts).count == 108)
    }
    #expect((0..<108).map(synthesizer.facts) != (108..<216).map(synthesizer.facts))
  }

  @Test(arguments: SynthesizedInstrument.allCases)
  func instrumentIsAudibleFiniteAndBelowFullScale(_ instrument: SynthesizedInstrument) throws {
    let synthesizer = try Self.synthesizer(seconds: 1.5)
    for register in SynthesizedRegister.allCases {
      let index = try #require(
        (0..<108).first {
          let facts = synthesizer.facts($0)
          return facts.instrument == instrument && facts.register == register
        })
      let clip = synthesizer.clip(index)
      #expect(clip.samples.count == 24_000)
      let peak = clip.samples.reduce(0) { max($0, abs($1)) }
      #expect(clip.samples.allSatisfy { $0.isFinite }, "clip \(index)")
      #expect(peak > 0.35 && peak < 1, "clip \(index) has a peak of \(peak)")
      let first = try #require(clip.samples.first)
      let last = try #require(clip.samples.last)
      #expect(abs(first) < 0.01, "clip \(index) starts with a click")
      #expect(abs(last) < 0.02, "clip \(index) ends with a click")
    }
  }

  @Test(arguments: SynthesizedInstrument.allCases)
  func noteStartsAndEndsWithoutAJump(_ instrument: SynthesizedInstrument) {
    var random = RandomSource(seed: 5, stream: "test")
    // A low note, in which neighboring samples differ little by themselves.
    let note = SynthesizedNote(startSeconds: 0.1, durationSeconds: 0.4, midiNumber: 40)
    var samples = [Float](repeating: 0, count: 32_000)
    instrument.play(note, into: &samples, random: &random)
    let first = samples.firstIndex { $0 != 0 } ?? 0
    let last = samples.lastIndex { $0 != 0 } ?? 0
    #expect((1_600..<1_700).contains(first))
    #expect(abs(samples[first]) < 0.1)
    #expect(last < 32_000 - 1)
    #expect(abs(samples[last]) < 0.01)
  }

  /// The lag at which the wave repeats best is the period that the note asks for.
  @Test(
    arguments: [
      SynthesizedInstrument.organ, .guitar, .flute, .trumpet, .strings,
    ], [45, 64])
  func noteHasItsPitch(_ instrument: SynthesizedInstrument, midiNumber: Int) {
    var random = RandomSource(seed: 6, stream: "test")
    let note = SynthesizedNote(startSeconds: 0, durationSeconds: 0.5, midiNumber: midiNumber)
    var samples = [Float](repeating: 0, count: 8_000)
    instrument.play(note, into: &samples, random: &random)
    // 110 Hz and 329.63 Hz.
    let period: Float = midiNumber == 45 ? 145.45 : 48.54
    let window = 3_000..<5_000
    func likeness(_ lag: Int) -> Float {
      window.reduce(Float(0)) { $0 + samples[$1] * samples[$1 + lag] }
    }
    let lags = Int(0.75 * period)...Int(1.25 * period)
    let best = lags.max { likeness($0) < likeness($1) } ?? 0
    #expect(abs(Float(best) - period) < 1.5)
  }

  @Test func songFollowsItsFacts() throws {
    let synthesizer = try Self.synthesizer(seconds: 10)
    for index in 0..<108 {
      let facts = synthesizer.facts(index)
      var random = RandomSource(seed: 9, stream: "song", index: UInt64(index))
      let song = SynthesizedSong(facts: facts, seconds: 10, random: &random)
      #expect(song.strokes.isEmpty != facts.hasDrums)
      #expect(facts.tempo.beatsPerMinute.contains(song.beatsPerMinute))
      let range: ClosedRange<Int> =
        switch facts.register {
        case .low: 34...54
        case .mid: 54...74
        case .high: 74...94
        }
      #expect(song.notes.allSatisfy { range.contains($0.midiNumber) }, "clip \(index)")
      #expect(song.notes.allSatisfy { $0.startSeconds < 10 })
      let scale = Set(song.mode.semitones)
      #expect(song.notes.allSatisfy { scale.contains(($0.midiNumber - song.tonic + 24) % 12) })
    }
  }

  @Test func captionsAreTrueCompleteAndVaried() throws {
    var sentences: Set<String> = []
    for (index, facts) in SynthesizedFacts.all.enumerated() {
      for draw in 0..<4 {
        var random = RandomSource(seed: UInt64(draw), stream: "caption", index: UInt64(index))
        let captions = SynthesizedCaption.captions(for: facts, count: 6, random: &random)
        #expect(Set(captions).count == 6)
        for caption in captions {
          #expect(SynthesizedCaptionReading(caption).agrees(with: facts), "\(caption)")
          #expect(caption.first?.isUppercase == true && caption.hasSuffix("."))
          #expect(!caption.contains("  ") && !caption.contains(" a o") && !caption.contains(" a u"))
        }
        sentences.formUnion(captions)
      }
    }
    #expect(sentences.count > 2_000)
  }

  @Test func readingFindsNothingInContradictionsAndOtherTexts() {
    let contradiction = SynthesizedCaptionReading("A slow and fast organ and a flute, high.")
    #expect(contradiction.instrument == nil)
    #expect(contradiction.tempo == nil)
    #expect(contradiction.register == .high)
    #expect(!contradiction.hasDrums)
    #expect(SynthesizedCaptionReading("").instrument == nil)
    #expect(SynthesizedCaptionReading("Highway belles.").register == nil)
  }

  @Test func optionsOutOfRangeAreRefusedByName() {
    func options(
      _ change: (inout SynthesizedMusicOptions) -> Void
    ) -> SynthesizedMusicOptions {
      var options = SynthesizedMusicOptions()
      change(&options)
      return options
    }
    let refused: [(SynthesizedMusicOptions, String)] = [
      (options { $0.clipCount = 0 }, "clip_count"),
      (options { $0.clipCount = .max }, "clip_count"),
      (options { $0.clipSeconds = .nan }, "clip_seconds"),
      (options { $0.clipSeconds = .infinity }, "clip_seconds"),
      (options { $0.clipSeconds = -1 }, "clip_seconds"),
      (options { $0.captionsPerClip = 7 }, "captions_per_clip"),
    ]
    for (options, name) in refused {
      let error = #expect(throws: OptionError.self) { try MusicSynthesizer(options: options) }
      #expect(error?.key == name, "\(options)")
    }
  }
}
