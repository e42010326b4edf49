import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct ResamplerTests {
  @Test func lengthIsRoundedUp() throws {
    for (count, from, to, expected) in [
      (661_794, 22_050, 16_000, 480_214), (1_321_840, 22_050, 16_000, 959_159),
      (1, 48_000, 16_000, 1), (3, 48_000, 16_000, 1), (4, 48_000, 16_000, 2),
      (0, 44_100, 16_000, 0), (7, 8_000, 16_000, 14),
    ] {
      #expect(resampledCount(count, from: from, to: to) == expected)
    }
    for count in [0, 1, 2, 440, 441, 442, 5_003] {
      for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000] {
        let input = [Float](repeating: 0.25, count: count)
        let output = try resample(input, from: rate, to: 16_000)
        let expected = resampledCount(count, from: rate, to: 16_000)
        #expect(output.count == expected, "\(count) at \(rate)")
      }
    }
  }

  @Test(arguments: [8_000, 22_050, 44_100, 48_000])
  func aSineKeepsItsPlaceAndLevel(_ rate: Int) throws {
    func sine(_ rate: Int) -> [Float] {
      (0..<rate).map { Float(0.5 * sin(2 * .pi * 1_000 * Double($0) / Double(rate))) }
    }
    let found = try resample(sine(rate), from: rate, to: 16_000)
    #expect(found.count == 16_000)
    // The edges ring, since the sine starts and stops there.
    let middle = 1_000..<15_000
    #expect(TestAudio.largestDifference(found[middle], sine(16_000)[middle]) < 1e-4)
  }

  @Test func whatIsAboveTheNewBandIsRemoved() throws {
    let tone = (0..<48_000).map { Float(0.5 * sin(2 * .pi * 9_000 * Double($0) / 48_000)) }
    let found = try resample(tone, from: 48_000, to: 16_000)
    #expect(TestAudio.rootMeanSquare(found[500..<15_500]) < 1e-4)
  }

  @Test func blocksOfAnySizeGiveTheSameSamples() throws {
    let seed: UInt64 = 8
    var random = RandomSource(seed: seed, stream: "blocks")
    let input = TestAudio.music(seconds: 0.7, rate: 44_100)
    let whole = try resample(input, from: 44_100, to: 16_000)
    let resampler = try Resampler(from: 44_100, to: 16_000)
    var output: [Float] = []
    var position = 0
    while position < input.count {
      let count = min(input.count - position, random.integer(below: 3_000))
      try Array(input[position..<position + count]).withUnsafeBufferPointer {
        try resampler.append($0, to: &output)
      }
      position += count
    }
    try resampler.finish(&output)
    #expect(output.count == whole.count)
    #expect(TestAudio.largestDifference(output, whole) < 1e-6, "seed \(seed)")
  }

  @Test func equalRatesPassSamplesThrough() throws {
    let input = TestAudio.music(seconds: 0.1, rate: 16_000)
    #expect(try resample(input, from: 16_000, to: 16_000) == input)
  }

  @Test func absurdRatesAreRefused() {
    for rate in [0, -1, 1, 999, 768_001, Int.max] {
      #expect(throws: AudioError(.sampleRate(rate), file: "")) {
        _ = try resample([0, 1], from: rate, to: 16_000)
      }
    }
  }

  @Test func manyThreadsAtOnceGetTheSameBits() throws {
    let inputs = [8_000, 22_050, 44_100, 48_000].map { rate in
      (rate, TestAudio.music(seconds: 0.2, rate: rate))
    }
    let alone = try inputs.map { try resample($0.1, from: $0.0, to: 16_000) }
    DispatchQueue.concurrentPerform(iterations: 32) { index in
      let (rate, input) = inputs[index % 4]
      #expect((try? resample(input, from: rate, to: 16_000)) == alone[index % 4])
    }
  }

  @Test(
    .enabled(if: SharedData.has("parity/resample")),
    arguments: [("orchestra", "wav", 1e-3), ("electronic", "mp3", 5e-3)])
  func equalsLibrosa(_ name: String, _ ending: String, _ tolerance: Double) throws {
    let goldens = "parity/resample/golden.safetensors"
    let url = SharedData.url("parity/resample/\(name).\(ending)")
    let table = try TestAudio.json("parity/resample/golden.json")["files"] as? [String: Any]
    let facts = try #require(table?["\(name).\(ending)"] as? [String: Any])

    let native = try AudioClip(contentsOf: url, to: 1, sampleRate: nil)
    let nativeHead = try TestAudio.golden("\(name).native_mono_head", in: goldens)
    #expect(native.samples.count == nativeHead.count)
    if ending == "wav" {
      #expect(native.samples == nativeHead)
    } else {
      let difference = zip(native.samples, nativeHead).map { $0 - $1 }
      #expect(difference.allSatisfy { abs($0) < 1e-3 })
      #expect(TestAudio.rootMeanSquare(difference) < 1e-4)
    }

    let clip = try AudioClip(contentsOf: url)
    #expect(clip.samples.count == facts["frames_16k"] as? Int)
    for (golden, start) in [("16k_head", 0), ("16k_mid", 160_000)] {
      let expected = try TestAudio.golden("\(name).\(golden)", in: goldens)
      func error(lag: Int) -> Double {
        TestAudio.rootMeanSquare(
          (10..<expected.count - 10).map { clip.samples[start + $0 + lag] - expected[$0] })
      }
      let errors = [0, -2, -1, 1, 2].filter { start + 10 + $0 >= 0 }.map(error)
      #expect(errors[0] < tolerance / 10, "\(golden): RMS \(errors[0])")
      #expect(errors[0] == errors.min(), "\(golden): \(errors)")
    }
    let tail = try #require(facts["tail_16k"] as? [Double])
    #expect(TestAudio.largestDifference(clip.samples.suffix(8), tail.map { Float($0) }) < 1e-3)
    let level = TestAudio.rootMeanSquare(clip.samples)
    #expect(abs(level / (facts["rms_16k"] as? Double ?? 0) - 1) < 1e-3)
  }
}
