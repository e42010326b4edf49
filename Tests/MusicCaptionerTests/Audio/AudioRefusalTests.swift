import CSndfile
import Foundation
import Testing

@testable import MusicCaptioner

/// What is said of files that can't be read: in our words, not in those of libraries.
@Suite struct AudioRefusalTests {
  private static let libraryWords = [
    "nternal error", "SF_INFO", "Error", "unimplemented", "Too many channels", "specified",
    "Channel count", "recognised", "marker", "flac decoder", "/proc/", "file:/", "fd:",
    "ffmpeg says",
    "libsndfile", "psf_", "chunk marker", "codec parameters",
  ]

  private static func sound(_ kind: Int, _ encoding: Int = SF_FORMAT_PCM_16) throws -> Data {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "sound")
      let samples = TestAudio.music(seconds: 0.5, rate: 16_000)
      #expect(
        TestAudio.write(samples, rate: 16_000, channels: 1, format: kind | encoding, to: url))
      return try Data(contentsOf: url)
    }
  }

  private static func patched(_ data: Data, _ bytes: [UInt8], at offset: Int) -> Data {
    var data = data
    data.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    return data
  }

  @Test func badHeadersAreNamedInOurWords() throws {
    let au = try Self.sound(SF_FORMAT_AU)
    let aiff = try Self.sound(SF_FORMAT_AIFF)
    let flac = try Self.sound(SF_FORMAT_FLAC)
    let wave = try Self.sound(SF_FORMAT_WAV)
    let flacStart = try #require(flac.range(of: Data([0xFF, 0xF8]))).lowerBound
    let common = try #require(aiff.range(of: Data("COMM".utf8))).upperBound + 4
    let cases: [(String, Data, String)] = [
      ("AU without channels", Self.patched(au, [0, 0, 0, 0], at: 20), "not a valid AU file: "),
      ("AU of many", Self.patched(au, [0, 0, 4, 1], at: 20), "too many channels"),
      ("AU of rate 0", Self.patched(au, [0, 0, 0, 0], at: 16), "sample rate"),
      ("AU of encoding 99", Self.patched(au, [0, 0, 0, 99], at: 12), "AU encoding 99 is not supp"),
      ("AU of a fragment", Self.patched(au, [0, 0, 0, 9], at: 12), "AU"),
      ("AIFF's beginning", Data("FORM\0\0\0\u{20}AIFF".utf8), "valid sample rate and number of"),
      ("AIFF without channels", Self.patched(aiff, [0, 0], at: common), "valid sample rate"),
      ("AIFF of many", Self.patched(aiff, [0x7F, 0xFF], at: common), "AIFF"),
      ("AIFF of 0 bits", Self.patched(aiff, [0, 0], at: common + 6), "AIFF"),
      ("AIFF, then FORM", Data(aiff.prefix(12)) + aiff, "not a valid AIFF file: "),
      ("FLAC's mark", Data("fLaC".utf8) + Data(count: 100), "not a valid FLAC file: it is damaged"),
      ("FLAC's header", Data(flac.prefix(42)), "no audio samples"),
      ("FLAC without header", Data(flac.dropFirst(flacStart)), "FLAC file: it begins with a frame"),
      (
        "WAV, data first", Data(wave.prefix(12) + wave.dropFirst(36)),
        "no fmt chunk before its data"
      ),
      ("WAV of 1,025", Self.patched(wave, [1, 4], at: 22), "1025 channels is not valid"),
      ("WAV of 65,535", Self.patched(wave, [255, 255], at: 22), "expected 1 to 1024"),
      ("WAV of 4 GHz", Self.patched(wave, [255, 255, 255, 255], at: 24), "4294967295 Hz is not"),
      (
        "WAV of 64 bits", Self.patched(wave, [64, 0], at: 34), "of integers of 64 bits is not supp"
      ),
      ("WAV, float of 16", Self.patched(wave, [3, 0], at: 20), "of floats of 16 bits is not supp"),
    ]
    for (name, data, words) in cases {
      let error = #expect(throws: AudioError.self, "\(name)") {
        _ = try AudioClip(data, sampleRate: nil)
      }
      let message = error?.description ?? ""
      #expect(message.contains(words), "\(name): \(message)")
      for phrase in Self.libraryWords {
        #expect(!message.contains(phrase), "\(name): \(message)")
      }
    }
  }

  @Test func damagedHeadersNeverSpeakTheLibrariesWords() throws {
    for kind in [SF_FORMAT_AU, SF_FORMAT_AIFF, SF_FORMAT_FLAC, SF_FORMAT_CAF, SF_FORMAT_W64] {
      let whole = try Self.sound(kind)
      for seed in 0..<150 as Range<UInt64> {
        var random = RandomSource(seed: seed, stream: "bad headers")
        var data = whole
        for _ in 0..<1 + random.integer(below: 4) {
          data[random.integer(below: 64)] = UInt8(random.integer(below: 256))
        }
        do throws(AudioError) {
          _ = try AudioClip(data, sampleRate: nil)
        } catch {
          for phrase in Self.libraryWords {
            #expect(!error.description.contains(phrase), "seed \(seed): \(error)")
          }
        }
      }
    }
  }

  @Test func ffmpegsWordsAreOurs() {
    for (line, words) in [
      ("[mpegts @ 0x5] [error] file:/proc/self/fd/0: could not find codec parameters", "it ends"),
      ("[error] file:/proc/self/fd/0: something else", "ffmpeg can't read it; is it damaged?"),
    ] {
      #expect(FFmpegMessages(Array(line.utf8)).problem.contains(words))
    }
  }
}
