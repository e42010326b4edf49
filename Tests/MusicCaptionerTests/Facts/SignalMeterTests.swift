import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct SignalMeterTests {
  private func facts(
    _ samples: [Float], rate: Int = 16_000, channels: Int = 1
  ) throws -> MusicFacts {
    let analyzer = try MusicFactsAnalyzer(sampleRate: rate, channelCount: channels)
    analyzer.append(interleaved: samples[...])
    return try analyzer.finish()
  }

  @Test func silenceIsMeasuredAtBothEnds() throws {
    let tone = FactsAudio.sine(440, seconds: 1, amplitude: 0.2)
    let hum = FactsAudio.sine(100, seconds: 0.5, amplitude: 0.001)
    let pause = [Float](repeating: 0, count: 8_000)
    let found = try facts(pause + hum + tone + pause + tone + hum).silence
    #expect(abs(found.start - 1) <= 0.01 && abs(found.end - 0.5) <= 0.01, "\(found)")
    #expect(try facts(tone).silence == .init(start: 0, end: 0))
    #expect(try facts(pause).silence == .init(start: 0.5, end: 0.5))
  }

  /// Their mix would be silent.
  @Test func oppositeChannelsAreNotSilent() throws {
    let tone = FactsAudio.sine(440, seconds: 1, amplitude: 0.2)
    let found = try facts(FactsAudio.interleaved(tone, tone.map { -$0 }), channels: 2)
    #expect(found.silence == .init(start: 0, end: 0) && found.channels == .stereo)
  }

  @Test func clippedTopsAreCounted() throws {
    let sine = FactsAudio.sine(440, seconds: 1, amplitude: 2)
    let clipped = try facts(sine.map { min(max($0, -1), 1) }).clipping
    #expect(clipped.runs == 880)
    #expect(abs(clipped.share - 2.0 / 3) < 0.02)
    #expect(clipped.samples == Int((clipped.share * 16_000).rounded()))
    let full = try facts(FactsAudio.sine(440, seconds: 1)).clipping
    #expect(full == .init(runs: 0, samples: 0, share: 0))
  }

  @Test func runsAreCountedInEachChannelAndOnEachSide() throws {
    let left: [Float] = [1, 1, 1, 1, 0, 1, 1, 0, -1, -1, -1, 1, 1, 1]
    let right: [Float] = [0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    let samples = FactsAudio.interleaved(left, right)
    let found = try facts(samples, channels: 2).clipping
    #expect(found.runs == 4 && found.samples == 13)
    let analyzer = try MusicFactsAnalyzer(sampleRate: 16_000, channelCount: 2)
    for first in stride(from: 0, to: samples.count, by: 2) {
      analyzer.append(interleaved: samples[first..<first + 2])
    }
    #expect(try analyzer.finish().clipping == found)
  }

  @Test func identicalChannelsAreMono() throws {
    let left = FactsAudio.noise(seconds: 0.5)
    let right = FactsAudio.sine(440, seconds: 0.5, amplitude: 0.1)
    #expect(try facts(left).channels == .mono)
    #expect(try facts(FactsAudio.interleaved(left, left), channels: 2).channels == .mono)
    #expect(try facts(FactsAudio.interleaved(left, right), channels: 2).channels == .stereo)
    let nearly = left.map { $0 * 1.0003 }
    #expect(try facts(FactsAudio.interleaved(left, nearly), channels: 2).channels == .mono)
    let louder = left.map { $0 * 1.1 }
    #expect(try facts(FactsAudio.interleaved(left, louder), channels: 2).channels == .stereo)
    let three = zip(left, right).flatMap { [$0, $0, $1] }
    #expect(try facts(three, channels: 3).channels == .stereo)
    #expect(try facts(left.flatMap { [$0, $0, $0] }, channels: 3).channels == .mono)
  }
}
