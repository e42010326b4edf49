import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct LoudnessMeterTests {
  private func loudness(_ samples: [Float], rate: Int = 48_000, channels: Int) -> Double? {
    var meter = LoudnessMeter(sampleRate: rate, channelCount: channels)
    meter.append(samples[...])
    return meter.integrated()
  }

  private func stereo(_ parts: [(decibels: Double, seconds: Double)]) -> [Float] {
    let left = parts.flatMap { part in
      FactsAudio.sine(
        1_000, seconds: part.seconds, rate: 48_000, amplitude: pow(10, part.decibels / 20))
    }
    return FactsAudio.interleaved(left, left)
  }

  /// BS.1770-4, annex 1: 0 dB of full scale, 997 Hz, in one of the front channels is −3.01 LKFS.
  @Test(arguments: [16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
  func aSineInOneChannelHasTheLoudnessOfTheStandard(_ rate: Int) throws {
    let sine = FactsAudio.sine(997, seconds: 2, rate: rate)
    let silence = [Float](repeating: 0, count: sine.count)
    // The bilinear transform bends the shelf where half the rate is near.
    let tolerance = rate < 44_100 ? 0.06 : 0.02
    for channels in [[sine, silence], [silence, sine]] {
      let samples = FactsAudio.interleaved(channels[0], channels[1])
      let found = try #require(loudness(samples, rate: rate, channels: 2))
      #expect(abs(found + 3.01) < tolerance, "\(rate) Hz: \(found)")
    }
    #expect(abs(try #require(loudness(sine, rate: rate, channels: 1)) + 3.01) < tolerance)
  }

  /// EBU Tech 3341, cases 1 to 5, but shorter.
  @Test func theCasesOfTheBroadcastersAreMet() throws {
    let cases: [(parts: [(Double, Double)], expected: Double)] = [
      ([(-23, 5)], -23), ([(-33, 5)], -33),
      ([(-36, 2), (-23, 12), (-36, 2)], -23),
      ([(-72, 2), (-36, 2), (-23, 12), (-36, 2), (-72, 2)], -23),
      ([(-26, 5), (-20, 5.025), (-26, 5)], -23),
    ]
    for (parts, expected) in cases {
      let samples = stereo(parts.map { (decibels: $0.0, seconds: $0.1) })
      let found = try #require(loudness(samples, channels: 2))
      #expect(abs(found - expected) <= 0.1, "\(parts): \(found)")
    }
  }

  /// EBU Tech 3341, case 6: 1 kHz in five of six channels, at −28, −24 and −30 dB.
  @Test func surroundChannelsCountMoreAndLowFrequencyEffectsDoNot() throws {
    let frames = FactsAudio.sine(1_000, seconds: 4, rate: 48_000)
    let decibels: [Double] = [-28, -28, -24, 0, -30, -30]
    let levels = decibels.map { Float(pow(10, $0 / 20)) }
    let samples = frames.flatMap { value in levels.map { $0 * value } }
    let found = try #require(loudness(samples, channels: 6))
    #expect(abs(found + 23) <= 0.1, "\(found)")
  }

  @Test func coefficientsAt48kHzAreTheStandards() {
    let shelf = SecondOrderFilter.highShelf(
      1681.974450955533, decibels: 3.999843853973347, quality: 0.7071752369554196,
      sampleRate: 48_000)
    let expected = [
      1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585,
    ]
    for (found, expected) in zip([shelf.b0, shelf.b1, shelf.b2, shelf.a1, shelf.a2], expected) {
      #expect(abs(found - expected) < 1e-10)
    }
    let pass = SecondOrderFilter.highPass(
      38.13547087602444, quality: 0.5003270373238773, sampleRate: 48_000)
    #expect(
      abs(pass.b0 - 1) < 1e-12 && abs(pass.a1 + 1.99004745483398) < 1e-10
        && abs(pass.a2 - 0.99007225036621) < 1e-10)
  }

  @Test func silenceAndShortSoundsHaveNoLoudness() {
    #expect(loudness([Float](repeating: 0, count: 96_000), channels: 1) == nil)
    #expect(loudness(FactsAudio.sine(997, seconds: 0.39, rate: 48_000), channels: 1) == nil)
    #expect(loudness(FactsAudio.sine(997, seconds: 0.41, rate: 48_000), channels: 1) != nil)
    #expect(loudness([], channels: 2) == nil)
  }

  @Test(arguments: [1_000, 3_500, 11_025, 768_000])
  func filtersAreStableAtEveryRate(_ rate: Int) throws {
    var meter = LoudnessMeter(sampleRate: rate, channelCount: 1)
    let sine = FactsAudio.sine(200, seconds: 1, rate: rate, amplitude: 0.1)
    meter.append(sine[...])
    let found = try #require(meter.integrated())
    #expect(abs(found + 23.8) < 0.5, "\(found)")
  }
}
