import Testing

@testable import MusicCaptioner

@Suite struct FactCheckTests {
  @Test(arguments: [
    ("A slow waltz.", 140.0, "slow"), ("It is slow-paced.", 140, "slow"),
    ("Slowly.", 140, "Slowly"),
    ("A fast song", 60, "fast"), ("A slow song", 60, nil), ("Breakfast music", 60, nil),
    ("A fast song", 140, nil),
  ])
  func tempo(caption: String, beatsPerMinute: Double, word: String?) {
    let check = FactCheck(facts: .sample(tempo: beatsPerMinute))
    #expect(check.contradiction(in: caption)?.word == word)
  }

  @Test func modeAndMeter() {
    let check = FactCheck(facts: .sample(mode: "minor", beatsPerBar: 4))
    #expect(check.contradiction(in: "In a major key.")?.fact == "D minor")
    #expect(check.contradiction(in: "In a minor key.") == nil)
    #expect(check.contradiction(in: "A waltz.")?.fact == "4 beats in a bar")
    #expect(FactCheck(facts: .sample(beatsPerBar: 3)).contradiction(in: "A waltz.") == nil)
  }

  @Test func uncertainFactsAndMissingOnesContradictNothing() {
    let caption = "A slow waltz in a major key."
    let unsure = MusicFacts.sample(tempo: 140, mode: "minor", beatsPerBar: 4, confidence: 0.7)
    #expect(FactCheck(facts: unsure).contradiction(in: caption) == nil)
    #expect(FactCheck(facts: .sample()).contradiction(in: caption) == nil)
  }
}

@Suite struct SongCollectorTests {
  private func song(
    _ chunks: [[String]], _ facts: MusicFacts, best: Int = 1, isConsistent: Bool = true,
    tagScores: [[Float]] = []
  ) -> (song: SongDescription, contradiction: (word: String, fact: String)?) {
    var collector = SongCollector()
    for (number, captions) in chunks.enumerated() {
      let others = captions.dropFirst().enumerated().map { rank, text in
        Caption.Alternative(text: text, score: -Float(rank + 2), tokens: [rank])
      }
      let caption = Caption(
        audio: "a.wav", start: Double(10 * number), end: Double(10 * number + 10),
        text: captions[0], score: -1, tokens: [9], alternatives: others)
      collector.add(
        .init(caption: caption, tagScores: number < tagScores.count ? tagScores[number] : []))
    }
    return collector.song(
      "a.wav", facts, tagNames: ["piano", "harp"], best: best, isConsistent: isConsistent)
  }

  @Test func theNextHypothesisIsTakenWhereTheFirstContradictsAFact() {
    let (song, contradiction) = self.song(
      [["A slow piano.", "A fast piano.", "A slow piano!", "A piano."]], .sample(tempo: 150),
      best: 2)
    #expect(contradiction == nil)
    #expect(song.caption == "A fast piano.")
    #expect(song.chunks[0].text == "A fast piano." && song.chunks[0].score == -2)
    #expect(song.chunks[0].alternatives.map(\.text) == ["A piano."])
  }

  @Test func captionsStayWhereConsistencyIsNotAskedFor() {
    let (song, contradiction) = self.song(
      [["A slow piano.", "A fast piano."]], .sample(tempo: 150), isConsistent: false)
    #expect(song.caption == "A slow piano." && contradiction == nil)
  }

  @Test func whereAllContradictTheBestStaysAndIsTold() {
    let (song, contradiction) = self.song([["A slow piano.", "Slow."]], .sample(tempo: 150))
    #expect(song.caption == "A slow piano.")
    #expect(contradiction?.word == "slow")
    #expect(contradiction?.fact == "150 beats a minute")
  }

  @Test func aChunkWithoutATrueCaptionDoesNotSpeakForTheSong() {
    let (song, contradiction) = self.song(
      [["A slow piano."], ["A slow piano."], ["A harp."]], .sample(tempo: 150))
    #expect(song.caption == "A harp." && contradiction == nil)
    #expect(song.chunks.count == 3)
  }

  @Test func tagsAreTheMeanOverTheChunks() {
    let (song, _) = self.song([["A."], ["B."]], .sample(), tagScores: [[0.9, 0.6], [0.7, 0.2]])
    #expect(song.tags.map(\.tag) == ["piano"])
    #expect(abs((song.tags.first?.score ?? 0) - 0.8) < 1e-6)
  }
}

extension MusicFacts {
  static func sample(
    tempo: Double? = nil, mode: String? = nil, beatsPerBar: Int? = nil, confidence: Double = 0.9
  ) -> MusicFacts {
    MusicFacts(
      duration: 30,
      tempo: tempo.map { Tempo(beatsPerMinute: $0, confidence: confidence) },
      key: mode.map { Key(tonic: "D", mode: $0, confidence: confidence) },
      meter: beatsPerBar.map { Meter(beatsPerBar: $0, confidence: confidence) }, loudness: -14.5,
      silence: Silence(start: 0, end: 0.5), clipping: Clipping(runs: 0, samples: 0, share: 0),
      channels: .stereo)
  }
}
