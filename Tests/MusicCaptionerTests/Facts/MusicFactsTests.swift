import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct MusicFactsTests {
  @Test(arguments: [0, 1, 2, 159, 1_000, 16_000])
  func veryShortAudioHasFactsWithoutMusic(_ count: Int) throws {
    let found = try MusicFacts(
      samples: Array(repeating: 0.25, count: count), sampleRate: 16_000)
    #expect(found.tempo == nil && found.key == nil && found.meter == nil)
    #expect(found.duration == (Double(count) / 16).rounded() / 1_000)
    #expect(found.channels == .mono)
    _ = try JSONEncoder().encode(found)
  }

  @Test func unusableSamplesAreRepaired() throws {
    var samples = TestAudio.music(seconds: 3, rate: 16_000)
    samples[5] = .nan
    samples[6] = .infinity
    samples[7] = -.infinity
    _ = try JSONEncoder().encode(try MusicFacts(samples: samples, sampleRate: 16_000))
    for scale: Float in [1e-30, 1e-10, 1e4, 1e20, 1e38] {
      let found = try MusicFacts(samples: samples.map { $0 * scale }, sampleRate: 16_000)
      _ = try JSONEncoder().encode(found)
    }
  }

  @Test(arguments: [0, 999, 768_001, -5]) func impossibleRatesAreRefused(_ rate: Int) {
    #expect(throws: AudioError.self) { try MusicFacts(samples: [0], sampleRate: rate) }
  }

  @Test(arguments: [1_000, 8_000, 44_100, 96_000]) func everyRateIsMeasured(_ rate: Int) throws {
    let found = try MusicFacts(
      samples: TestAudio.music(seconds: 2.5, rate: rate), sampleRate: rate)
    #expect(found.duration == 2.5 && found.silence == .init(start: 0, end: 0))
    let loudness = try #require(found.loudness)
    #expect((-20 ... -3).contains(loudness))
  }

  @Test func blocksOfAnySizesGiveTheSameFacts() throws {
    let mono = zip(
      FactsAudio.drums(["kh", "h", "sh", "h"], beatsPerMinute: 93, seconds: 8),
      FactsAudio.cadence(tonic: 4, isMajor: false)
    ).map { $0 + $1 }
    let stereo = FactsAudio.interleaved(mono, mono.map { 0.5 * $0 })
    func measure(_ sizes: () -> Int) throws -> MusicFacts {
      let analyzer = try MusicFactsAnalyzer(sampleRate: 16_000, channelCount: 2)
      var first = 0
      while first < mono.count {
        let end = min(mono.count, first + sizes())
        analyzer.append(interleaved: stereo[2 * first..<2 * end])
        try analyzer.append(mono: mono[first..<end])
        first = end
      }
      return try analyzer.finish()
    }
    let whole = try measure { mono.count }
    #expect(whole.tempo != nil && whole.key?.tonic == "E" && whole.key?.mode == "minor")
    var random = RandomSource(seed: 5, stream: "facts blocks")
    #expect(try measure { 1 + random.integer(below: 7_001) } == whole)
    #expect(try measure { 333 } == whole)
  }

  @Test func aFileHasTheFactsOfItsSamples() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.wav")
      let samples = FactsAudio.cadence(tonic: 10, isMajor: true)
      try TestAudio.floatWave(samples).write(to: url)
      let found = try MusicFacts(contentsOf: url)
      #expect(try found == MusicFacts(samples: samples, sampleRate: 16_000))
      #expect(found.key?.tonic == "Bb" && found.channels == .mono)
      try TestAudio.floatWave(
        FactsAudio.interleaved(samples, samples), rate: 16_000, channels: 2
      ).write(to: url)
      let dual = try MusicFacts(contentsOf: url)
      #expect(dual.channels == .mono && dual.key == found.key)
      let louder = try #require(dual.loudness) - (found.loudness ?? 0)
      #expect(abs(louder - 3.01) < 0.02)
    }
  }

  @Test func theReaderOfChunksMeasuresAllThatItReads() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.wav")
      let samples = FactsAudio.cadence(tonic: 3, isMajor: false) + FactsAudio.noise(seconds: 2.5)
      try TestAudio.floatWave(samples).write(to: url)
      var options = ChunkOptions()
      options.dropPartial = true
      let reader = try AudioChunkReader(url, options)
      let analyzer = try reader.makeAnalyzer()
      while try reader.next() != nil {}
      #expect(try analyzer.finish() == MusicFacts(contentsOf: url))
    }
  }

  @Test func filesThatCannotBeReadAreErrors() throws {
    #expect(throws: AudioError.self) {
      try MusicFacts(contentsOf: URL(fileURLWithPath: "/nothere.wav"))
    }
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "empty.wav")
      try TestAudio.floatWave([]).write(to: url)
      #expect(throws: AudioError.self) { try MusicFacts(contentsOf: url) }
    }
  }

  @Test func jsonHasKeysInSnakeCaseAndReadsBack() throws {
    let facts = MusicFacts(
      duration: 3, tempo: .init(beatsPerMinute: 90, confidence: 0.5),
      key: .init(tonic: "Bb", mode: "minor", confidence: 0.75),
      meter: .init(beatsPerBar: 3, confidence: 1), loudness: nil, silence: .init(start: 0, end: 1),
      clipping: .init(runs: 1, samples: 4, share: 0.125), channels: .stereo)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let json = String(decoding: try encoder.encode(facts), as: UTF8.self)
    #expect(
      json == #"{"channels":"stereo","clipping":{"runs":1,"samples":4,"share":0.125},"duration":3,"#
        + #""key":{"confidence":0.75,"mode":"minor","tonic":"Bb"},"meter":{"beats_per_bar":3,"#
        + #""confidence":1},"silence":{"end":1,"start":0},"#
        + #""tempo":{"beats_per_minute":90,"confidence":0.5}}"#)
    #expect(try JSONDecoder().decode(MusicFacts.self, from: Data(json.utf8)) == facts)
  }

  /// A handful of clips that no weight was learned from.
  @Test(.enabled(if: SharedData.has("data/synthetic-music")))
  func renderedMusicHasItsTempoAndKey() throws {
    let folder = "data/synthetic-music"
    let clips = try TestAudio.jsonLines("\(folder)/manifest.jsonl")
      .filter { $0["split"] as? String == "valid" && $0["drums"] as? Bool == true }.prefix(10)
    var (tempi, keys, meters) = (0, 0, 0)
    for clip in clips {
      let path = try #require(clip["audio"] as? String)
      let found = try MusicFacts(contentsOf: SharedData.url("\(folder)/\(path)"))
      let tempo = try #require(clip["tempo_bpm"] as? Double)
      if let found = found.tempo, abs(found.beatsPerMinute / tempo - 1) < 0.04 { tempi += 1 }
      if let key = found.key, clip["key"] as? String == Self.inWords(key) { keys += 1 }
      if let meter = found.meter, clip["metre"] as? String == "\(meter.beatsPerBar)/4" {
        meters += 1
      }
    }
    let found = "\(tempi) tempi, \(keys) keys, \(meters) meters"
    #expect(clips.count == 10 && tempi >= 9 && keys >= 8 && meters >= 9, "\(found)")
  }

  /// As the manifest has it: its major key on the first black note is C sharp, and its minor key on
  /// the fourth is A flat.
  private static func inWords(_ key: MusicFacts.Key) -> String {
    let name =
      switch (key.tonic, key.mode) {
      case ("Db", "major"): "C#"
      case ("G#", "minor"): "Ab"
      default: key.tonic
      }
    let words = name.replacingOccurrences(of: "#", with: " sharp")
      .replacingOccurrences(of: "b", with: " flat")
    return "\(words) \(key.mode)"
  }
}
