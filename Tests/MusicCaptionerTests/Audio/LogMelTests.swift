import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct LogMelTests {
  /// The whole extraction by definition, in double precision, with a transform of n² steps.
  static func reference(_ samples: [Float], _ options: AudioFeatureOptions) -> [[Double]] {
    let size = options.fftSize
    let half = size / 2
    let count = samples.count
    func sample(_ index: Int) -> Double {
      var index = count == 1 ? 0 : index
      while index < 0 || index >= count {
        index = index < 0 ? -index : 2 * (count - 1) - index
      }
      return Double(samples[index])
    }
    let cosines = (0..<size).map { cos(2 * .pi * Double($0) / Double(size)) }
    let sines = (0..<size).map { sin(2 * .pi * Double($0) / Double(size)) }
    func mel(_ hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
    let (low, high) = (mel(options.lowestFrequency), mel(options.highestFrequency))
    let corners = (0..<options.melCount + 2).map {
      700 * (pow(10, (low + (high - low) * Double($0) / Double(options.melCount + 1)) / 2595) - 1)
    }
    return (0..<1 + count / options.hopLength).map { frame in
      let windowed = (0..<size).map { index in
        sample(frame * options.hopLength + index - half) * (0.5 - 0.5 * cosines[index])
      }
      let powers = (0...half).map { bin in
        var real = 0.0
        var imaginary = 0.0
        for index in 0..<size {
          real += windowed[index] * cosines[bin * index % size]
          imaginary -= windowed[index] * sines[bin * index % size]
        }
        return options.spectrum == .realPart ? real * real : real * real + imaginary * imaginary
      }
      return (0..<options.melCount).map { band in
        var sum = 0.0
        for (bin, power) in powers.enumerated() {
          let frequency = Double(bin) * Double(options.sampleRate) / Double(size)
          let rise = (frequency - corners[band]) / (corners[band + 1] - corners[band])
          let fall = (corners[band + 2] - frequency) / (corners[band + 2] - corners[band + 1])
          sum += power * max(0, min(rise, fall))
        }
        return 10 * log10(max(sum, 1e-10))
      }
    }
  }

  @Test(arguments: AudioFeatureOptions.Spectrum.allCases)
  func equalsTheDefinitionOnSignalsOfAwkwardLengths(
    _ spectrum: AudioFeatureOptions.Spectrum
  ) throws {
    let seed: UInt64 = 41
    var random = RandomSource(seed: seed, stream: "log-mel")
    // Remainders everywhere, bands without a bin, and more frames than a block has.
    for (size, hop, mels, count) in [
      (64, 10, 12, 401), (96, 32, 7, 777), (50, 50, 40, 131), (64, 64, 5, 3), (64, 16, 9, 1),
      (32, 5, 6, 650),
    ] {
      var options = AudioFeatureOptions()
      options.fftSize = size
      options.hopLength = hop
      options.melCount = mels
      options.lowestFrequency = 30
      options.spectrum = spectrum
      let samples = (0..<count).map { _ in random.normal() * 0.1 }
      let found = try LogMelExtractor(options)(samples)
      let expected = Self.reference(samples, options)
      #expect(found.shape == [expected.count, mels])
      for (found, expected) in zip(found.values, expected.joined()) {
        // Real parts may cancel almost entirely; noise in float32 shows there.
        let tolerance = spectrum == .power ? 2e-3 : expected < -50 ? 0.5 : 2e-2
        #expect(
          abs(Double(found) - expected) < tolerance,
          "size \(size), seed \(seed): \(found), expected \(expected)")
      }
    }
  }

  @Test func equalsTheDefinitionAtTheOfficialSizes() throws {
    var random = RandomSource(seed: 5, stream: "log-mel")
    let samples = (0..<801).map { _ in random.normal() * 0.2 }
    let options = AudioFeatureOptions()
    let found = try LogMelExtractor(options)(samples)
    let expected = Self.reference(samples, options).joined().map { Float($0) }
    #expect(found.shape == [6, 128])
    #expect(TestAudio.largestDifference(found.values, expected) < 1e-3)
  }

  @Test func tenSecondsAreAThousandAndOneFrames() throws {
    let options = AudioFeatureOptions()
    #expect(options.clipFrames == 1001)
    let silence = try LogMelExtractor(options)([Float](repeating: 0, count: options.clipSamples))
    #expect(silence.shape == [1001, 128])
    #expect(silence.values.allSatisfy { abs($0 + 100) < 1e-4 })
  }

  @Test func hostileSamplesGiveFiniteFeatures() throws {
    let extractor = try LogMelExtractor()
    for bad in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 1e30] {
      var samples = TestAudio.music(seconds: 0.2, rate: 16_000)
      samples[100] = bad
      samples[0] = bad
      #expect(extractor(samples).values.allSatisfy { $0.isFinite }, "with \(bad)")
    }
    #expect(extractor([]).values.allSatisfy { $0.isFinite })
  }

  @Test func bandsAreStandardisedWhereTheOptionsSayHow() throws {
    let samples = TestAudio.music(seconds: 0.1, rate: 16_000)
    let plain = try LogMelExtractor()(samples).values
    var options = AudioFeatureOptions()
    options.mean = (0..<128).map { -30 + Float($0) / 10 }
    options.deviation = (0..<128).map { 5 + Float($0) / 20 }
    let found = try LogMelExtractor(options)(samples).values
    for (index, value) in plain.enumerated() {
      let band = index % 128
      let expected = (value - (-30 + Float(band) / 10)) / (5 + Float(band) / 20)
      #expect(abs(found[index] - expected) < 1e-4)
    }
  }

  @Test func manyThreadsAtOnceGetTheSameBits() throws {
    let extractor = try LogMelExtractor()
    let clips = (0..<8).map { TestAudio.music(seconds: 0.3, rate: 16_000, seed: UInt64($0)) }
    let alone = clips.map { extractor($0) }
    DispatchQueue.concurrentPerform(iterations: 32) { index in
      #expect(extractor(clips[index % 8]).isIdentical(to: alone[index % 8]))
    }
  }

  @Test func filtersOverlapInPairsAndSumToOne() {
    let options = AudioFeatureOptions()
    let bank = MelFilterBank(options)
    var sums = [Double](repeating: 0, count: 513)
    var uses = [Int](repeating: 0, count: 513)
    for filter in bank.filters {
      for index in 0..<filter.weightCount {
        sums[filter.firstBin + index] += Double(bank.weights[filter.firstWeight + index])
        uses[filter.firstBin + index] += 1
      }
    }
    #expect(uses.max() == 2)
    // Between the first and the last peak, falling and rising flanks add up to one.
    #expect(sums[2...500].allSatisfy { abs($0 - 1) < 1e-5 })
  }

  @Test func optionsThatMakeNoSenseAreNamed() throws {
    func problem(_ change: (inout AudioFeatureOptions) -> Void) -> String {
      var options = AudioFeatureOptions()
      change(&options)
      do {
        _ = try LogMelExtractor(options)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(
      problem { $0.fftSize = 0 }
        == "fft_size: found 0; expected an even number from 16 to 65536")
    #expect(problem { $0.hopLength = -1 }.contains("hop_length: found -1"))
    #expect(problem { $0.melCount = 1 << 40 }.contains("mel_count"))
    #expect(problem { $0.sampleRate = 0 }.contains("sample_rate"))
    #expect(problem { $0.highestFrequency = 9000 }.contains("highest_frequency"))
    #expect(problem { $0.lowestFrequency = .nan }.contains("lowest_frequency"))
    #expect(problem { $0.clipSeconds = .infinity }.contains("clip_seconds"))
    #expect(problem { $0.mean = [1, 2] }.contains("mean: found 2 numbers"))
    #expect(problem { $0.deviation = Array(repeating: 0, count: 128) }.contains("deviation"))
    #expect(problem { _ in } == "")
  }

  @Test func optionsSurviveCodingAndTakeDefaultsForMissingKeys() throws {
    var options = AudioFeatureOptions()
    options.spectrum = .realPart
    options.mean = [1.5]
    let yaml = try ConfigurationFile.yaml(options)
    #expect(try ConfigurationFile<AudioFeatureOptions>(yaml: yaml).value == options)
    let few = try ConfigurationFile<AudioFeatureOptions>(
      yaml: "{spectrum: real_part, mel_count: 64}"
    )
    .value
    #expect(few.spectrum == .realPart && few.melCount == 64 && few.fftSize == 1024)
  }

  @Test(.enabled(if: SharedData.has("parity/tiny-a")))
  func equalsTheOfficialFrontEnd() throws {
    let folder = "parity/tiny-a/"
    let goldens = folder + "golden.safetensors"
    let frames = try TestAudio.golden("logmel_frames", in: goldens).map { Int($0) }
    var chunks: [AudioChunk] = []
    for name in ["input.wav", "short.wav"] {
      let reader = try AudioChunkReader(
        SharedData.url(folder + name), ChunkOptions(AudioFeatureOptions(), dropPartial: true))
      while let chunk = try reader.next() { chunks.append(chunk) }
    }
    #expect(chunks.count == 3)
    for (index, chunk) in chunks.enumerated() {
      let head = try TestAudio.golden("waveform_head.\(index)", in: goldens)
      let tail = try TestAudio.golden("waveform_tail.\(index)", in: goldens)
      #expect(Array(chunk.samples.prefix(1024)) == head)
      #expect(Array(chunk.samples.suffix(1024)) == tail)
    }
    for (spectrum, name, indices) in [
      (AudioFeatureOptions.Spectrum.realPart, "real", [0, 1, 2]), (.power, "power", [0, 2]),
    ] {
      var options = AudioFeatureOptions()
      options.spectrum = spectrum
      let extractor = try LogMelExtractor(options)
      for index in indices {
        let golden = try TestAudio.golden("logmel_\(name).\(index)", in: goldens)
        let found = extractor(chunks[index].samples)
        let values = found.values
        let peak = golden.max() ?? 0
        var differences: [Float] = []
        var worstNearPeak: Float = 0
        for band in 0..<128 {
          for (column, frame) in frames.enumerated() {
            let expected = golden[band * frames.count + column]
            let difference = abs(values[frame * 128 + band] - expected)
            differences.append(difference)
            if expected > peak - 60 { worstNearPeak = max(worstNearPeak, difference) }
          }
        }
        differences.sort()
        let mean = differences.reduce(0, +) / Float(differences.count)
        #expect(worstNearPeak < 0.005, "\(name).\(index)")
        #expect(differences[differences.count * 999 / 1000] < 0.01, "\(name).\(index)")
        #expect(mean < 1e-4, "\(name).\(index)")
      }
    }
  }
}
