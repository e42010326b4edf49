import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct KeyTests {
  private func key(_ samples: [Float]) -> KeyChoice? {
    var pitches = PitchClasses()
    pitches.append(samples[...])
    pitches.finish()
    return KeyChoice(pitches)
  }

  @Test(arguments: 0..<12) func cadencesOfAllKeysAreFound(_ tonic: Int) throws {
    let names = [
      true: ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"],
      false: ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"],
    ]
    for isMajor in [true, false] {
      let found = try #require(key(FactsAudio.cadence(tonic: Double(tonic), isMajor: isMajor)))
      #expect(found.tonic == tonic && found.isMajor == isMajor && found.confidence > 0.7)
      #expect(found.name == names[isMajor]?[tonic])
    }
  }

  @Test(arguments: [-0.4, -0.2, 0.3]) func musicThatIsOutOfTuneHasAKey(_ offset: Double) throws {
    let found = try #require(key(FactsAudio.cadence(tonic: 2 + offset, isMajor: true)))
    #expect(found.tonic == 2 && found.isMajor)
  }

  @Test func aScaleHasTheKeyOfItsNotes() throws {
    let steps = [0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2, 0]
    let found = try #require(
      key(steps.flatMap { FactsAudio.note(Double(65 + $0), seconds: 0.6) }))
    #expect(found.tonic == 5 && found.isMajor)
  }

  @Test func whatHasNoCenterHasNoKey() {
    #expect(key(FactsAudio.sine(440, seconds: 5, amplitude: 0.5)) == nil)
    #expect(key(FactsAudio.noise(seconds: 10)) == nil)
    #expect(key([Float](repeating: 0, count: 160_000)) == nil)
    #expect(key(Array(FactsAudio.cadence(tonic: 0, isMajor: true).prefix(32_000))) == nil)
    #expect(key([]) == nil)
  }

  /// Every semitone as often as the others.
  @Test func aChromaticScaleHasNoKeyOrAnUnlikelyOne() {
    let found = key((60..<72).flatMap { FactsAudio.note(Double($0), seconds: 0.8) })
    #expect(found?.confidence ?? 0 < 0.6)
  }
}
