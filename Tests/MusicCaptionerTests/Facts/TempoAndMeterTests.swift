import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct TempoAndMeterTests {
  private static let rock = ["kh", "h", "sh", "h", "kh", "kh", "sh", "h"]
  private static let waltz = ["kh", "h", "sh", "h", "sh", "h"]

  private func facts(_ samples: [Float]) throws -> MusicFacts {
    try MusicFacts(samples: samples, sampleRate: FactsAudio.rate)
  }

  @Test(arguments: [60.0, 72, 90, 101, 120, 133, 160])
  func aRockBeatHasItsTempoAndFourBeats(_ tempo: Double) throws {
    let found = try facts(FactsAudio.drums(Self.rock, beatsPerMinute: tempo, seconds: 10))
    let beat = try #require(found.tempo)
    #expect(abs(beat.beatsPerMinute / tempo - 1) < 0.01 && beat.confidence > 0.7, "\(beat)")
    #expect(found.meter?.beatsPerBar == 4)
    #expect(found.key == nil, "drums have no key")
  }

  @Test(arguments: [80.0, 100, 120, 150])
  func aWaltzHasThreeBeats(_ tempo: Double) throws {
    let found = try facts(FactsAudio.drums(Self.waltz, beatsPerMinute: tempo, seconds: 10))
    let beat = try #require(found.tempo)
    #expect(abs(beat.beatsPerMinute / tempo - 1) < 0.01, "\(beat)")
    #expect(found.meter?.beatsPerBar == 3)
    #expect(found.meter?.confidence ?? 0 > 0.8)
  }

  /// Nothing but equal clicks; twice or half as fast would be right too.
  @Test(arguments: [60.0, 75, 100, 120, 128, 160, 180])
  func clicksHaveTheirTempoOrAMultiple(_ tempo: Double) throws {
    let click = FactsAudio.sine(1_000, seconds: 0.05).enumerated().map {
      0.7 * $1 * Float(exp(-Double($0) / 150))
    }
    var samples = [Float](repeating: 0, count: 10 * FactsAudio.rate)
    for beat in 0..<Int(tempo / 6) {
      let start = Double(beat) * 60 / tempo * Double(FactsAudio.rate)
      FactsAudio.add(click, to: &samples, at: Int(start))
    }
    let found = try #require(try facts(samples).tempo).beatsPerMinute
    #expect([0.5, 1, 2].contains { abs(found / tempo / $0 - 1) < 0.02 }, "\(found)")
  }

  /// The last of several windows may be short, and has the same weights.
  @Test func aLongerPieceHasOneTempo() throws {
    let samples = FactsAudio.drums(Self.rock, beatsPerMinute: 110, seconds: 33)
    let beat = try #require(try facts(samples).tempo)
    #expect(abs(beat.beatsPerMinute / 110 - 1) < 0.005 && beat.confidence > 0.9)
    let short = try #require(try facts(Array(samples.prefix(40_000))).tempo)
    #expect(abs(short.beatsPerMinute / 110 - 1) < 0.02)
  }

  @Test func whatDoesNotRepeatHasNoTempo() throws {
    let sine = try facts(FactsAudio.sine(440, seconds: 10, amplitude: 0.5))
    #expect(sine.tempo == nil && sine.meter == nil)
    let noise = try facts(FactsAudio.noise(seconds: 10))
    #expect(noise.tempo?.confidence ?? 0 < 0.4)
    #expect(noise.meter?.confidence ?? 0 < 0.7)
    let silence = try facts([Float](repeating: 0, count: 160_000))
    #expect(silence.tempo == nil && silence.meter == nil)
    #expect(try facts(FactsAudio.drums(Self.rock, beatsPerMinute: 120, seconds: 1)).tempo == nil)
  }

  @Test func loudAndQuietMusicHaveTheSameTempo() throws {
    let loud = FactsAudio.drums(Self.rock, beatsPerMinute: 100, seconds: 8)
    let expected = try #require(try facts(loud).tempo)
    let quiet = try #require(try facts(loud.map { $0 * 0.03 }).tempo)
    #expect(quiet.beatsPerMinute == expected.beatsPerMinute)
  }

  @Test func weightsBelongToTheFeatures() {
    let rhythm = RhythmAnalysis()
    #expect(TempoChoice(rhythm) == nil)
    #expect(TempoWeights.values.count == TempoChoice.features(of: rhythm, at: 100).count)
    #expect(
      MeterWeights.values.count
        == MeterChoice.features(of: rhythm, HarmonyChanges(), beatsPerMinute: 100).count)
    #expect(KeyWeights.major.count == 49 && KeyWeights.minor.count == 49)
  }
}
