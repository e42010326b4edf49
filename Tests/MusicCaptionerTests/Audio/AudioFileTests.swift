import CSndfile
import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// The formats that a user may bring.
enum TestFormat: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case wave16, wave8, wave24, waveFloat, waveExtensible, flac, aiff, vorbis, opus, mp3

  var testDescription: String { rawValue }

  var code: Int {
    switch self {
    case .wave16: SF_FORMAT_WAV | SF_FORMAT_PCM_16
    case .wave8: SF_FORMAT_WAV | SF_FORMAT_PCM_U8
    case .wave24: SF_FORMAT_WAV | SF_FORMAT_PCM_24
    case .waveFloat: SF_FORMAT_WAV | SF_FORMAT_FLOAT
    case .waveExtensible: SF_FORMAT_WAVEX | SF_FORMAT_PCM_16
    case .flac: SF_FORMAT_FLAC | SF_FORMAT_PCM_16
    case .aiff: SF_FORMAT_AIFF | SF_FORMAT_PCM_16
    case .vorbis: SF_FORMAT_OGG | SF_FORMAT_VORBIS
    case .opus: SF_FORMAT_OGG | SF_FORMAT_OPUS
    case .mp3: SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III
    }
  }

  /// How far decoded samples may be from the written ones; nil for codecs that don't keep samples.
  var tolerance: Float? {
    switch self {
    case .wave8: 0.008
    case .vorbis, .opus, .mp3: nil
    default: 1.0 / 32_768
    }
  }
}

@Suite struct AudioFileTests {
  @Test(arguments: TestFormat.allCases)
  func everyFormatIsDecodedAndReadInParts(_ format: TestFormat) throws {
    try withTemporaryFolder { folder in
      let rate = format == .opus ? 48_000 : 22_050
      let url = folder.appending(path: "music.bin")
      let stereo = TestAudio.music(seconds: 2.5, rate: rate, channels: 2)
      guard
        TestAudio.write(stereo, rate: rate, channels: 2, format: format.code, to: url)
      else {
        Issue.record("this libsndfile can't write \(format)")
        return
      }
      let mono = stride(from: 0, to: stereo.count, by: 2).map { (stereo[$0] + stereo[$0 + 1]) / 2 }
      let native = try AudioClip(contentsOf: url, sampleRate: nil)
      #expect(native.sampleRate == rate)
      #expect(native.warnings.isEmpty)
      if let tolerance = format.tolerance {
        #expect(native.samples.count == mono.count)
        #expect(TestAudio.largestDifference(native.samples, mono) <= tolerance)
      } else {
        #expect(abs(native.samples.count - mono.count) < 3_000)
        let level = TestAudio.rootMeanSquare(native.samples) / TestAudio.rootMeanSquare(mono)
        #expect(abs(level - 1) < 0.05)
      }

      // Parts equal slices of the whole, before and after resampling.
      for target in [rate, 16_000] {
        let whole = try AudioClip(contentsOf: url, sampleRate: target)
        for (start, end) in [(0.0, 0.5), (0.7, 1.3), (1.234567, 2.0), (2.2, 9.0)] {
          let part = try AudioClip(contentsOf: url, from: start, to: end, sampleRate: target)
          let first = Int((start * Double(target)).rounded())
          let last = min(Int((end * Double(target)).rounded()), whole.samples.count)
          #expect(part.samples.count == last - first)
          let difference = TestAudio.largestDifference(part.samples, whole.samples[first..<last])
          let isLossless = format.tolerance != nil
          let tolerance: Float = isLossless && target == rate ? 0 : 1e-5
          #expect(difference <= tolerance, "\(target) Hz, \(start) to \(end): \(difference)")
        }
      }
    }
  }

  @Test func aPartBeyondTheEndIsRefused() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "one.wav")
      try AudioClip(samples: TestAudio.music(seconds: 1, rate: 16_000), sampleRate: 16_000)
        .writeWave(to: url)
      for (start, end) in [
        (1.0, nil), (5, 6), (-1, nil), (.nan, nil), (0.5, 0.5), (0.5, 0.2), (1e300, nil), (0, .nan),
      ] as [(Double, Double?)] {
        #expect {
          _ = try AudioClip(contentsOf: url, from: start, to: end)
        } throws: {
          guard let error = $0 as? AudioError, case .rangeOutside = error.reason else {
            return false
          }
          return ExitStatus(error) == .badData && !error.description.contains("\n")
        }
      }
      #expect(try AudioClip(contentsOf: url, from: 0.5, to: .infinity).samples.count == 8_000)
      #expect(try AudioClip(contentsOf: url, from: 0.5, to: 1e9).samples.count == 8_000)
    }
  }

  @Test func manyChannelsAreMixedByTheirMean() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "six.wav")
      let frames: [[Float]] = (0..<100).map { frame in (0..<6).map { Float($0 * frame) / 1000 } }
      try TestAudio.floatWave(frames.flatMap { $0 }, channels: 6).write(to: url)
      let clip = try AudioClip(contentsOf: url)
      let expected = frames.map { $0.reduce(0, +) / 6 }
      #expect(TestAudio.largestDifference(clip.samples, expected) < 1e-7)
      #expect(clip.samples.count == 100)
    }
  }

  @Test func whatIsNoNumberOrAbsurdIsRepairedAndReported() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "odd.wav")
      var samples = TestAudio.music(seconds: 0.5, rate: 16_000)
      samples[10] = .nan
      samples[20] = .infinity
      try TestAudio.floatWave(samples).write(to: url)
      let repaired = try AudioClip(contentsOf: url)
      #expect(repaired.warnings == [.nonFiniteSamples(count: 2)])
      #expect(repaired.samples[10] == 0 && repaired.samples[20] == 0)
      #expect(repaired.samples[30] == samples[30])

      try TestAudio.floatWave(samples.map { $0 * 32_768 }).write(to: url)
      let scaled = try AudioClip(contentsOf: url, sampleRate: 8_000)
      #expect(scaled.warnings.count == 2)
      #expect(scaled.samples.allSatisfy { abs($0) <= 1.1 })

      // Opposite extremes must not cancel into something that is no number.
      try TestAudio.floatWave(
        (0..<4000).map { $0 % 2 == 0 ? .greatestFiniteMagnitude : -.greatestFiniteMagnitude },
        channels: 2
      ).write(to: url)
      #expect(try AudioClip(contentsOf: url).samples.allSatisfy { $0.isFinite })
      #expect(try AudioClip(samples: [.nan, 1], sampleRate: 16_000).samples == [0, 1])
    }
  }

  @Test func missingFilesAndFoldersAreToldFromBadData() throws {
    try withTemporaryFolder { folder in
      func error(_ name: String) -> AudioError? {
        do {
          _ = try AudioFile(folder.appending(path: name))
          return nil
        } catch {
          return error
        }
      }
      #expect(error("absent.wav").map(ExitStatus.init) == .missingInput)
      let absent = try #require(error("absent.wav"))
      #expect(absent.description.hasSuffix("absent.wav: no such file; expected an audio file"))
      try FileManager.default.createDirectory(
        at: folder.appending(path: "folder.wav"), withIntermediateDirectories: false)
      #expect(error("folder.wav")?.description.contains("it is a folder; expected an") == true)
      // Opening a pipe that nobody writes to would wait for ever.
      #expect(mkfifo(folder.appending(path: "pipe.wav").path, 0o600) == 0)
      #expect(error("pipe.wav").map(ExitStatus.init) == .missingInput)
      try Data().write(to: folder.appending(path: "empty.wav"))
      #expect(error("empty.wav")?.reason == .empty)
      #expect(error("empty.wav").map(ExitStatus.init) == .badData)
      try Data("two\nlines".utf8).write(to: folder.appending(path: "te\nxt.mp3"))
      let text = try #require(error("te\nxt.mp3"))
      #expect(text.reason == .notAudio(found: "text"))
      #expect(!text.description.contains("\n"))
    }
  }

  @Test func everyPrefixAndFlippedByteOfAFileIsSafe() throws {
    let seed: UInt64 = 77
    var random = RandomSource(seed: seed, stream: "damage")
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "damaged.bin")
      for format in [TestFormat.wave16, .flac, .aiff, .vorbis] {
        let samples = TestAudio.music(seconds: 0.3, rate: 16_000)
        #expect(TestAudio.write(samples, rate: 16_000, channels: 1, format: format.code, to: url))
        let whole = try Data(contentsOf: url)
        for round in 0..<60 {
          var bytes = whole
          if round % 2 == 0 {
            bytes = bytes.prefix(round < 40 ? round * 4 : random.integer(below: whole.count))
          } else {
            for _ in 0..<4 {
              let limit = round < 30 ? 64 : whole.count
              bytes[random.integer(below: limit)] = UInt8(truncatingIfNeeded: random.next())
            }
          }
          try bytes.write(to: url)
          do throws(AudioError) {
            let clip = try AudioClip(contentsOf: url)
            #expect(clip.samples.allSatisfy { $0.isFinite }, "\(format) \(round), seed \(seed)")
          } catch {
            #expect(!error.description.contains("\n"))
          }
        }
      }
    }
  }

  @Test func waveFilesAppearWholeAndHoldWhatWasWritten() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "out.wav")
      let clip = try AudioClip(samples: [0, 0.5, -0.5, 1, -1, 1.5, -1.5, 1e-5], sampleRate: 22_050)
      try clip.writeWave(to: url)
      let back = try AudioClip(contentsOf: url, sampleRate: nil)
      let full: Float = 32_767.0 / 32_768
      #expect(back.samples == [0, 0.5, -0.5, full, -1, full, -1, 0])
      #expect(back.sampleRate == 22_050)
      try clip.writeWave(to: url)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.wav"])
      #expect {
        try clip.writeWave(to: folder.appending(path: "no/such/folder.wav"))
      } throws: {
        ExitStatus($0) == .cannotWrite
      }
    }
  }

  @Test(.enabled(if: SharedData.has("data/mixed-formats")))
  func everyMixedFormatHasItsLevels() throws {
    for entry in try TestAudio.jsonLines("data/mixed-formats/manifest.jsonl") {
      let name = try #require(entry["audio"] as? String)
      let url = SharedData.url("data/mixed-formats").appending(path: name)
      let levels = try #require(entry["mono_rms_per_second"] as? [Double])
      let clip = try AudioClip(contentsOf: url, sampleRate: nil)
      #expect(clip.sampleRate == entry["sample_rate"] as? Int)
      #expect(clip.samples.count == entry["frames"] as? Int, "\(name)")
      #expect(clip.warnings.isEmpty)
      // "About 5 %" for Ogg and MP3; the encoder made its files 5.0 to 5.2 % quieter.
      let isLossless = name.hasSuffix("wav") || name.hasSuffix("flac")
      for (second, level) in levels.enumerated() {
        let range = second * clip.sampleRate..<(second + 1) * clip.sampleRate
        let found = TestAudio.rootMeanSquare(clip.samples[range])
        #expect(
          abs(found - level) <= level * (isLossless ? 0.01 : 0.06) + 2e-5,
          "\(name), second \(second): \(found), expected \(level)")
      }
      // Decoders that seek badly do so at variable bit rates and near the end.
      for start in [0.77, 4.2, 8.4] {
        let part = try AudioClip(contentsOf: url, from: start, to: start + 0.5, sampleRate: nil)
        let first = Int((start * Double(clip.sampleRate)).rounded())
        let difference = TestAudio.largestDifference(
          part.samples, clip.samples[first..<first + part.samples.count])
        #expect(difference < 1e-6, "\(name) at \(start) s: \(difference)")
      }
    }
  }

  @Test(.enabled(if: SharedData.has("data/bad-audio")))
  func everyBadFileDoesAsExpected() throws {
    let extractor = try LogMelExtractor()
    for entry in try TestAudio.jsonLines("data/bad-audio/expected.jsonl") {
      let name = try #require(entry["file"] as? String)
      let expected = try #require(entry["expect"] as? String)
      let url = SharedData.url("data/bad-audio").appending(path: name)
      do throws(AudioError) {
        let clip = try AudioClip(contentsOf: url)
        #expect(expected != "error", "\(name) should be refused: \(entry["what"] ?? "")")
        let chunks = clip.chunks()
        #expect(!chunks.isEmpty)
        for chunk in chunks.prefix(2) {
          #expect(extractor(chunk.samples).values.allSatisfy { $0.isFinite }, "\(name)")
        }
        let isOdd = !chunks[0].warnings.isEmpty || name.hasSuffix("wav_named.ogg")
        #expect(isOdd == (expected == "either"), "\(name): \(clip.warnings)")
      } catch {
        #expect(expected != "ok", "\(name): \(error)")
        #expect(ExitStatus(error) == .badData)
        #expect(error.description.contains(url.lastPathComponent))
        #expect(!error.description.contains("\n"))
        #expect(throws: AudioError.self) { _ = try AudioChunkReader(url).next() }
      }
    }
  }
}
