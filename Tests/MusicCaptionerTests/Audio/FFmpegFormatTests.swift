import CSndfile
import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// Files that only ffmpeg reads, made by it.
@Suite(.enabled(if: FFmpeg.isInstalled)) struct FFmpegFormatTests {
  /// Sound of 16 bits in two channels, and a function that converts it.
  private func withMusic(
    seconds: Double = 2, rate: Int = 22_050,
    _ body: (_ wave: URL, _ convert: (String, [String]) throws -> URL?) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let wave = folder.appending(path: "music.wav")
      let music = TestAudio.music(seconds: seconds, rate: rate, channels: 2)
      #expect(
        TestAudio.write(
          music, rate: rate, channels: 2, format: SF_FORMAT_WAV | SF_FORMAT_PCM_16, to: wave))
      try body(wave) { name, arguments in
        let isMade = try FFmpeg.run(["-i", "music.wav"] + arguments + [name], in: folder)
        return isMade ? folder.appending(path: name) : nil
      }
    }
  }

  @Test(arguments: [
    ("alac.m4a", ["-c:a", "alac"]), ("music.wv", []), ("music.tta", []),
    ("flac.mka", ["-c:a", "flac"]), ("flac.oga", ["-c:a", "flac", "-f", "ogg"]),
    ("flac.mp4", ["-c:a", "flac", "-strict", "-2"]), ("pcm.mov", ["-c:a", "pcm_s24le"]),
    ("pcm.avi", ["-c:a", "pcm_s16le"]), ("music.thd", ["-c:a", "truehd", "-strict", "-2"]),
  ]) func losslessFormatsGiveTheSameBits(_ name: String, _ arguments: [String]) throws {
    // A rate that all of these formats have.
    try withMusic(rate: 44_100) { wave, convert in
      guard let file = try convert(name, arguments) else { return }
      for rate in [44_100, 16_000] {
        let expected = try AudioClip(contentsOf: wave, sampleRate: rate)
        let found = try AudioClip(contentsOf: file, sampleRate: rate)
        #expect(found.samples == expected.samples, "\(name) at \(rate) Hz")
        #expect(found.warnings.isEmpty && found.sampleRate == rate)
        let part = try AudioClip(contentsOf: file, from: 0.7, to: 1.4, sampleRate: rate)
        let same = try AudioClip(contentsOf: wave, from: 0.7, to: 1.4, sampleRate: rate)
        #expect(part.samples == same.samples, "a part of \(name) at \(rate) Hz")
      }
      let content = try Data(contentsOf: file)
      #expect(
        try AudioClip(content).samples == AudioClip(contentsOf: wave).samples,
        "\(name) in memory")
    }
  }

  @Test(arguments: ["music.aac", "music.ac3", "music.eac3", "music.tta", "music.wv"])
  func tagsAndZerosAroundTheSoundAreNoDamage(_ name: String) throws {
    let ape = [UInt8]("APETAGEX".utf8) + [0xD0, 7, 0, 0, 51, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xA0]
    let front = Data(ape) + Data(count: 8) + Data(repeating: 65, count: 51)
    let tag = Data("TAG".utf8) + Data(repeating: 65, count: 125)
    try withMusic(rate: 44_100) { _, convert in
      guard let file = try convert(name, []) else { return }
      let content = try Data(contentsOf: file)
      let whole = try AudioClip(content, sampleRate: nil)
      let isFramed = name.hasSuffix("ac3") || name.hasSuffix("wv")
      for tail in isFramed ? [Data(), tag, Data(count: 9_000), tag + Data(count: 99)] : [Data()] {
        for head in [Data(), front] {
          let clip = try AudioClip(head + content + tail, sampleRate: nil)
          #expect(clip.samples == whole.samples && clip.warnings.isEmpty, "\(clip.warnings)")
        }
      }
    }
  }

  @Test(
    arguments: [
      ("aac.m4a", []), ("front.m4a", ["-movflags", "+faststart"]), ("music.aac", []),
      ("music.wma", []), ("music.asf", ["-c:a", "wmav1"]), ("opus.webm", ["-c:a", "libopus"]),
      ("vorbis.mka", ["-c:a", "libvorbis"]), ("music.ac3", []), ("music.eac3", []),
      ("music.spx", ["-c:a", "libspeex", "-ar", "32000"]), ("music.ts", ["-c:a", "aac"]),
      ("music.flv", ["-c:a", "aac", "-ar", "44100"]), ("adpcm.caf", ["-c:a", "adpcm_ima_qt"]),
      ("music.dts", ["-c:a", "dca", "-strict", "-2"]), ("music.3gp", ["-c:a", "aac"]),
    ] as [(String, [String])])
  func lossyFormatsKeepLengthAndLevel(_ name: String, _ arguments: [String]) throws {
    try withMusic(rate: 44_100) { wave, convert in
      guard let file = try convert(name, arguments) else { return }
      let expected = try AudioClip(contentsOf: wave)
      let found = try AudioClip(contentsOf: file)
      #expect(abs(found.seconds - expected.seconds) < 0.12, "\(name): \(found.seconds) s")
      let level =
        TestAudio.rootMeanSquare(found.samples) / TestAudio.rootMeanSquare(expected.samples)
      // Speex is for speech.
      #expect(abs(level - 1) < (name.hasSuffix("spx") ? 0.6 : 0.1), "\(name): \(level)")
      #expect(found.warnings.isEmpty, "\(name): \(found.warnings)")
      let part = try AudioClip(contentsOf: file, from: 0.5, to: 1.5)
      let difference = TestAudio.largestDifference(part.samples, found.samples[8_000..<24_000])
      #expect(difference < 1e-5, "a part of \(name): \(difference)")
    }
  }

  @Test func theSoundOfAVideoIsRead() throws {
    try withMusic { wave, convert in
      let video = ["-f", "lavfi", "-i", "testsrc=d=2:s=64x64:r=5"]
      for name in ["film.mp4", "film.mkv"] {
        let sound = ["-c:a", "flac", "-strict", "-2", "-map", "1:v", "-map", "0:a"]
        guard let file = try convert(name, video + sound) else { continue }
        let found = try AudioClip(contentsOf: file, sampleRate: nil)
        #expect(found.samples == (try AudioClip(contentsOf: wave, sampleRate: nil)).samples)
      }
      if let silent = try convert("silent.mp4", video + ["-map", "1:v"]) {
        #expect {
          _ = try AudioClip(contentsOf: silent)
        } throws: {
          "\($0)".hasSuffix("silent.mp4: can't be decoded as MP4: it has no sound")
        }
      }
    }
  }

  @Test func whatIsCutShortIsReadUpToThereWithAWarning() throws {
    try withMusic(seconds: 4, rate: 44_100) { _, convert in
      for (name, arguments) in [
        ("front.m4a", ["-movflags", "+faststart"]), ("music.webm", []), ("music.wv", []),
        ("music.tta", []), ("music.wma", []), ("music.ac3", []),
      ] {
        guard let file = try convert(name, arguments) else { continue }
        let whole = try Data(contentsOf: file)
        let clip = try AudioClip(whole.prefix(whole.count * 6 / 10 + 37), name: name)
        #expect((1.0..<3.0).contains(clip.seconds), "\(name): \(clip.seconds)")
        #expect(clip.warnings.count == 1, "\(name): \(clip.warnings)")
        #expect(clip.warnings.first?.description.hasPrefix("damaged: ") == true)
      }
      let file = try #require(try convert("end.m4a", []))
      let whole = try Data(contentsOf: file)
      #expect {
        _ = try AudioClip(whole.prefix(whole.count / 2), name: "end.m4a")
      } throws: {
        "\($0)".hasPrefix("end.m4a: can't be decoded as M4A: its index (the moov atom) is missing")
      }
    }
  }

  @Test func damageNeverTrapsOrLeavesAProgramBehind() throws {
    let seed = UInt64.random(in: 0...9999)
    print("ffmpeg damage test: seed \(seed)")
    var random = RandomSource(seed: seed, stream: "ffmpeg damage")
    try withMusic(seconds: 0.5) { _, convert in
      for name in ["music.m4a", "music.webm"] {
        guard let file = try convert(name, []) else { continue }
        let whole = try Data(contentsOf: file)
        for round in 0..<8 {
          var bytes = whole
          for _ in 0..<8 {
            bytes[random.integer(below: round < 4 ? 200 : whole.count)] =
              UInt8(truncatingIfNeeded: random.next())
          }
          do {
            #expect(try AudioClip(bytes).samples.allSatisfy { $0.isFinite })
          } catch {
            #expect(!"\(error)".contains("\n"), "seed \(seed)")
          }
        }
      }
    }
  }

  @Test func noNameIsMistakenForAnAddressOrAPattern() throws {
    try withMusic(seconds: 0.5) { wave, convert in
      let file = try #require(try convert("music.m4a", ["-c:a", "alac"]))
      let expected = try AudioClip(contentsOf: wave).samples
      for name in [
        "a:b.m4a", "http:x.m4a", "-i.m4a", "%03d.m4a", "it's \"so\".m4a", "two\nlines.m4a", "é.m4a",
        "*.m4a", "[1].m4a", "pipe:0", "concat:a|b", "#1?x=y.m4a", " .m4a", "x.m3u8", "x.txt",
      ] {
        let url = wave.deletingLastPathComponent().appending(path: name)
        try FileManager.default.copyItem(at: file, to: url)
        #expect(try AudioClip(contentsOf: url).samples == expected, "\(name)")
      }
    }
  }

  /// Files that claim to be songs and tell their reader to open others.
  @Test func noFileMakesFFmpegOpenAnother() throws {
    try withMusic(seconds: 0.5) { wave, _ in
      let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n\(wave.path)\n#EXT-X-ENDLIST\n"
      let concatenation = "ffconcat version 1.0\nfile '\(wave.path)'\n"
      let starts: [[UInt8]] = [
        [], Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 10] + [UInt8](repeating: 0, count: 10),
        [0, 0, 0, 8] + Array("ftyp".utf8), [0x1A, 0x45, 0xDF, 0xA3], Array("OggS".utf8), [0],
      ]
      for text in [playlist, concatenation] {
        for start in starts {
          #expect(throws: AudioError.self) { _ = try AudioClip(Data(start + Array(text.utf8))) }
        }
      }
    }
  }
}
