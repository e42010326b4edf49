import CSndfile
import Foundation
import Testing

@testable import MusicCaptioner

/// Files one behind the other in one file, as `cat` leaves them.
@Suite struct JoinedFilesTests {
  private static func sound(
    _ kind: Int, seconds: Double = 0.5, rate: Int = 16_000, channels: Int = 1, seed: UInt64 = 1
  ) throws -> Data {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "sound")
      let samples = TestAudio.music(seconds: seconds, rate: rate, channels: channels, seed: seed)
      #expect(
        TestAudio.write(
          samples, rate: rate, channels: channels, format: kind | SF_FORMAT_PCM_16, to: url))
      return try Data(contentsOf: url)
    }
  }

  private static let kinds = [SF_FORMAT_AU, SF_FORMAT_CAF, SF_FORMAT_AIFF]
  private static let behind = "bytes after the end of the sound can't be read and are left out"

  @Test(arguments: kinds) func filesOfOneFormatAreReadWhole(_ kind: Int) throws {
    let files = try [
      Self.sound(kind), Self.sound(kind, seconds: 0.3, seed: 2), Self.sound(kind, seed: 3),
    ]
    let clip = try TestAudio.decoded(files.reduce(Data(), +))
    let parts = try files.flatMap { try AudioClip($0, sampleRate: nil).samples }
    #expect(clip.samples == parts && clip.warnings.isEmpty, "\(clip.warnings)")
  }

  @Test(arguments: kinds) func filesOfOtherRatesAreReadWhole(_ kind: Int) throws {
    let data = try Self.sound(kind) + Self.sound(kind, rate: 48_000, channels: 2)
    let clip = try AudioClip(data, sampleRate: nil)
    #expect(clip.sampleRate == 48_000 && clip.samples.count == 48_000)
    #expect(clip.warnings.isEmpty, "\(clip.warnings)")
  }

  @Test func whatIsBehindTheSoundIsToldOf() throws {
    let mp3 = try TestAudio.encoded(seconds: 5, rate: 16_000, format: .mp3)
    let flac = try TestAudio.encoded(seconds: 1, rate: 16_000, format: .flac)
    for kind in Self.kinds + [SF_FORMAT_WAV, SF_FORMAT_FLAC] {
      let sound = try Self.sound(kind)
      for rest in [mp3, flac, Data("OggS".utf8) + Data(repeating: 7, count: 9_000)] {
        if kind == SF_FORMAT_FLAC, rest == flac { continue }
        let clip = try AudioClip(sound + rest, sampleRate: nil)
        #expect(clip.samples.count == 8_000, "\(kind)")
        let warnings = clip.warnings.map(\.description)
        #expect(
          warnings.count == 1 && warnings[0].hasSuffix("\(rest.count) \(Self.behind)"),
          "\(kind): \(warnings)")
      }
    }
  }

  @Test func flacOfOtherFormatsIsReadWhole() throws {
    let first = try Self.sound(SF_FORMAT_FLAC, rate: 8_000)
    for (rate, channels) in [(48_000, 1), (8_000, 2)] {
      let second = try Self.sound(SF_FORMAT_FLAC, rate: rate, channels: channels)
      let clip = try TestAudio.decoded(first + second, tolerance: 1e-5)
      #expect(clip.sampleRate == rate && clip.samples.count == rate)
      #expect(clip.warnings.isEmpty, "\(clip.warnings)")
    }
  }

  @Test(arguments: [TestFormat.flac, .vorbis, .opus])
  func junkBeforeTheSoundIsPassedOver(_ format: TestFormat) throws {
    let sound = try TestAudio.encoded(seconds: 1, rate: 16_000, format: format)
    let whole = try AudioClip(sound, sampleRate: nil)
    for count in [5, 3_000, 300_000] {
      var random = RandomDamage(seed: UInt64(count))
      let clip = try AudioClip(random.bytes(count) + sound, sampleRate: nil)
      #expect(clip.samples == whole.samples && clip.warnings == whole.warnings, "seed \(count)")
    }
  }

  @Test func levelsAndLengthsAreNamedAsTheyAre() throws {
    let loud = try AudioClip(TestAudio.floatWave([0, 3e38, 0.5]), sampleRate: nil)
    #expect(loud.warnings == [.rescaled(peak: 3e38)])
    #expect(
      AudioWarning.veryShort(seconds: 1 / 16_000).description
        == "only 0.063 ms of sound; the rest is silence")
  }

  @Test func tagsAndZerosBehindTheSoundAreNone() throws {
    let tag = Data("TAG".utf8) + Data(repeating: 65, count: 125)
    for kind in Self.kinds + [SF_FORMAT_WAV, SF_FORMAT_FLAC] {
      let sound = try Self.sound(kind)
      for rest in [tag, Data(count: 9_000), Data(count: 5_000) + tag] {
        let clip = try AudioClip(sound + rest, sampleRate: nil)
        #expect(clip.samples.count == 8_000 && clip.warnings.isEmpty, "\(kind) \(clip.warnings)")
      }
    }
  }

  @Test func anMP3StreamInAWaveHeaderIsCutShort() throws {
    let mp3 = try TestAudio.encoded(seconds: 2, rate: 16_000, format: .mp3)
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    // Like ffmpeg, without the number of bytes a second.
    let format: [[UInt8]] = [
      number(0x55, 2), number(1, 2), number(16_000, 4), number(0, 4), number(1, 2), number(0, 2),
    ]
    let header: [[UInt8]] = [
      Array("RIFF".utf8), number(2 * mp3.count + 36, 4), Array("WAVEfmt ".utf8), number(16, 4),
      format.flatMap { $0 }, Array("data".utf8), number(2 * mp3.count, 4),
    ]
    let clip = try AudioClip(Data(header.flatMap { $0 }) + mp3, sampleRate: nil)
    #expect(clip.warnings.count == 1 && clip.warnings[0].isCutShort, "\(clip.warnings)")
  }
}
