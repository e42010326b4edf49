import CSndfile
import Foundation
import Testing

@testable import MusicCaptioner

/// Headers that declare another length than the file has, or none: recorders that were killed,
/// streams, and programs that write chunks in their own way.
@Suite struct RecordingHeaderTests {
  private static let samples = TestAudio.music(seconds: 0.5, rate: 16_000)

  /// Chunks of a WAVE file; a size other than the content's is taken as it is.
  private static func chunk(
    _ name: String, _ content: Data, size: UInt32? = nil, isBigEndian: Bool = false
  ) -> Data {
    Data(name.utf8) + bytes(size ?? UInt32(content.count), isBigEndian) + content
  }

  private static func bytes<Number: FixedWidthInteger>(
    _ value: Number, _ isBigEndian: Bool = false
  ) -> Data {
    withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { Data($0) }
  }

  private static func format(_ isBigEndian: Bool = false) -> Data {
    func number<Number: FixedWidthInteger>(_ value: Number) -> Data { bytes(value, isBigEndian) }
    let content =
      number(UInt16(1)) + number(UInt16(1)) + number(UInt32(16_000)) + number(UInt32(32_000))
      + number(UInt16(2)) + number(UInt16(16))
    return chunk("fmt ", content, isBigEndian: isBigEndian)
  }

  private static func pcm(_ isBigEndian: Bool = false) -> Data {
    samples.reduce(into: Data()) { $0 += bytes(Int16(($1 * 32_768).rounded()), isBigEndian) }
  }

  private static func wave(
    _ chunks: Data..., kind: String = "RIFF", size: UInt32 = 0
  ) -> Data {
    Data(kind.utf8) + bytes(size, kind == "RIFX") + Data("WAVE".utf8) + chunks.reduce(Data(), +)
  }

  private static func long(_ size: UInt64) -> Data {
    chunk("ds64", bytes(size &+ 100) + bytes(size) + bytes(size / 2) + bytes(UInt32(0)))
  }

  private static func expectWhole(
    _ data: Data, warnings: Int, _ comment: Comment
  ) throws {
    let clip = try TestAudio.decoded(data, comment)
    #expect(clip.samples.count == samples.count, comment)
    #expect(TestAudio.largestDifference(clip.samples, samples) <= 1.0 / 32_768, comment)
    #expect(clip.warnings.count == warnings, "\(comment): \(clip.warnings)")
  }

  @Test func aWaveFileOfAKilledRecorderIsReadToItsEnd() throws {
    try Self.expectWhole(
      Self.wave(Self.format(), Self.chunk("data", Self.pcm(), size: 0)), warnings: 1, "RIFF")
    try Self.expectWhole(
      Self.wave(
        Self.format(true), Self.chunk("data", Self.pcm(true), size: 0, isBigEndian: true),
        kind: "RIFX"), warnings: 1, "RIFX")
    try Self.expectWhole(
      Self.wave(
        Self.long(0), Self.format(), Self.chunk("data", Self.pcm(), size: .max), kind: "RF64"),
      warnings: 1, "RF64")
    try Self.expectWhole(
      Self.wave(
        Self.chunk("JUNK", Data(count: 28)), Self.chunk("bext", Data(count: 602)), Self.format(),
        Self.chunk("data", Self.pcm(), size: 0)), warnings: 1, "bext")
    // An empty recording has no samples, though a chunk follows.
    let empty = Self.wave(
      Self.format(), Self.chunk("data", Data()), Self.chunk("LIST", Data(count: 20)))
    #expect(throws: AudioError.self) { try AudioClip(empty) }
  }

  @Test func aWaveStreamOfUnknownLengthIsWhole() throws {
    for size in [.max, 0x7FFF_FFFF, 0x8000_0000, 0x7FFF_F024, .max - 36] as [UInt32] {
      try Self.expectWhole(
        Self.wave(Self.format(), Self.chunk("data", Self.pcm(), size: size), size: size),
        warnings: 0, "\(size)")
    }
    try Self.expectWhole(
      Self.wave(Self.format(), Self.chunk("data", Self.pcm(), size: 100_000)), warnings: 1, "cut")
  }

  @Test func unusualWaveFilesAreRead() throws {
    let size = UInt64(Self.pcm().count)
    for kind in ["RF64", "BW64"] {
      try Self.expectWhole(
        Self.wave(
          Self.long(size), Self.format(), Self.chunk("data", Self.pcm(), size: .max), kind: kind),
        warnings: 0, "\(kind)")
    }
    try Self.expectWhole(
      Self.wave(
        Self.format(true), Self.chunk("data", Self.pcm(true), isBigEndian: true), kind: "RIFX"),
      warnings: 0, "RIFX")
    for hasPadding in [false, true] {
      let odd = Self.chunk("LIST", Data("INFOx".utf8)) + Data(count: hasPadding ? 1 : 0)
      try Self.expectWhole(
        Self.wave(odd, Self.format(), Self.chunk("data", Self.pcm())), warnings: 0, "odd chunk")
    }
  }

  @Test func mp3InAWaveFileIsRead() throws {
    let mp3 = try TestAudio.encoded(seconds: 1, rate: 16_000, format: .mp3)
    let content =
      Self.bytes(UInt16(0x55)) + Self.bytes(UInt16(1)) + Self.bytes(UInt32(16_000))
      + Self.bytes(UInt32(4_000)) + Self.bytes(UInt16(1)) + Self.bytes(UInt16(0))
    let data = Self.wave(Self.chunk("fmt ", content), Self.chunk("data", mp3))
    #expect(try TestAudio.decoded(data).samples == TestAudio.decoded(mp3).samples)
  }

  /// The bytes of their blocks are no frames.
  @Test func cutFilesOfBlockCodecsDeclareSeconds() throws {
    for codec in [SF_FORMAT_IMA_ADPCM, SF_FORMAT_MS_ADPCM, SF_FORMAT_GSM610, SF_FORMAT_ULAW] {
      try withTemporaryFolder { folder in
        let url = folder.appending(path: "sound")
        let music = TestAudio.music(seconds: 8, rate: 8_000)
        try #require(
          TestAudio.write(
            music, rate: 8_000, channels: 1, format: SF_FORMAT_WAV | codec,
            to: url))
        let data = try Data(contentsOf: url)
        let clip = try AudioClip(data.prefix(data.count / 2), sampleRate: nil)
        guard case .cutShort(let found, let declared)? = clip.warnings.first else {
          return #expect(Bool(false), "\(codec): \(clip.warnings)")
        }
        #expect(abs(declared - 8) < 0.2 && abs(found - 4) < 0.2, "\(codec): \(clip.warnings)")
      }
    }
    let mp3 = try TestAudio.encoded(seconds: 2, rate: 16_000, format: .mp3)
    let rate = UInt32(mp3.count / 2)
    let content =
      Self.bytes(UInt16(0x55)) + Self.bytes(UInt16(1)) + Self.bytes(UInt32(16_000))
      + Self.bytes(rate) + Self.bytes(UInt16(1)) + Self.bytes(UInt16(0))
    let data = Self.wave(Self.chunk("fmt ", content), Self.chunk("data", mp3))
    #expect(try AudioClip(data).warnings.isEmpty)
    #expect(try AudioClip(data.prefix(data.count / 2)).warnings.count == 1)
  }

  @Test func joinedWaveFilesAreReadOneAfterAnother() throws {
    let one = Self.wave(Self.format(), Self.chunk("data", Self.pcm()))
    let tagged = Self.wave(
      Self.format(), Self.chunk("data", Self.pcm()), Self.chunk("LIST", Data("INFOx".utf8)))
    for (data, count) in [
      (one + one, 2), (tagged + Data([0]) + one + tagged, 3), (tagged + one, 2),
    ] {
      let clip = try TestAudio.decoded(data)
      #expect(clip.samples.count == count * Self.samples.count && clip.warnings.isEmpty)
      for part in 0..<count {
        let samples = clip.samples[part * Self.samples.count..<(part + 1) * Self.samples.count]
        #expect(TestAudio.largestDifference(samples, Self.samples) <= 1.0 / 32_768)
      }
    }
    let fast = TestAudio.floatWave(TestAudio.music(seconds: 1, rate: 48_000), rate: 48_000)
    let mixed = try TestAudio.decoded(one + fast, tolerance: 1e-5)
    #expect(mixed.sampleRate == 48_000 && abs(mixed.seconds - 1.5) < 0.001)
    // The second one can't be read, or only a part of it.
    let broken = try AudioClip(one + one.prefix(30), sampleRate: nil)
    #expect(broken.samples.count == Self.samples.count)
    #expect(
      broken.warnings.map(\.description) == [
        "damaged: 30 bytes behind the first WAV files can't be read and are left out"
      ])
    let cut = try AudioClip(one + one.dropLast(Self.samples.count), sampleRate: nil)
    #expect(cut.samples.count == Self.samples.count * 3 / 2 && cut.warnings.count == 1)
    let double = Self.wave(
      Self.format(), Self.chunk("data", Self.pcm()), Self.chunk("data", Self.pcm()))
    let error = #expect(throws: AudioError.self) { try AudioClip(double, name: "double") }
    #expect(
      error?.description == "double: not a valid WAV file: it has more than one data chunk")
  }

  @Test func aiffAndAuFilesOfKilledRecordersAreReadToTheirEnd() throws {
    func aiff(frames: UInt32, sounds: UInt32) -> Data {
      func number<Number: FixedWidthInteger>(_ value: Number) -> Data { Self.bytes(value, true) }
      // 16 kHz as an 80-bit number.
      let rate = Data([0x40, 0x0C, 0xFA, 0, 0, 0, 0, 0, 0, 0])
      return Data("FORM".utf8) + number(UInt32(0)) + Data("AIFFCOMM".utf8) + number(UInt32(18))
        + number(UInt16(1)) + number(frames) + number(UInt16(16)) + rate
        + Data("SSND".utf8) + number(sounds) + Data(count: 8) + Self.pcm(true)
    }
    let count = UInt32(Self.samples.count)
    try Self.expectWhole(aiff(frames: count, sounds: 8 + 2 * count), warnings: 0, "AIFF")
    try Self.expectWhole(aiff(frames: 0, sounds: 8), warnings: 1, "AIFF")
    func au(_ size: UInt32) -> Data {
      Data(".snd".utf8) + [24, size, 3, 16_000, 1].reduce(Data()) { $0 + Self.bytes($1, true) }
        + Self.pcm(true)
    }
    try Self.expectWhole(au(2 * count), warnings: 0, "AU")
    try Self.expectWhole(au(.max), warnings: 0, "AU of unknown length")
    try Self.expectWhole(au(0x7FFF_FFF0), warnings: 0, "AU of unknown length")
    try Self.expectWhole(au(0), warnings: 1, "AU of a killed recorder")
    try Self.expectCut(au(2 * count), "AU")
    try Self.expectCut(aiff(frames: count, sounds: 8 + 2 * count), "AIFF")
  }

  /// Half a file says what its header declares.
  private static func expectCut(_ data: Data, _ comment: Comment) throws {
    let clip = try AudioClip(data.prefix(data.count - samples.count), sampleRate: nil)
    #expect(clip.samples.count == samples.count / 2, comment)
    #expect(
      clip.warnings == [.cutShort(foundSeconds: 0.25, declaredSeconds: 0.5)],
      "\(comment): \(clip.warnings)")
  }

  @Test func coreAudioFilesOfAnyDeclaredLengthAreWhole() throws {
    func number<Number: FixedWidthInteger>(_ value: Number) -> Data { Self.bytes(value, true) }
    func caf(_ size: Int64) -> Data {
      let description =
        Data("desc".utf8) + number(Int64(32)) + number(Double(16_000).bitPattern)
        + Data("lpcm".utf8) + [0, 2, 1, 1, 16].reduce(Data()) { $0 + number(UInt32($1)) }
      let free = Data("free".utf8) + number(Int64(12_000)) + Data(count: 12_000)
      return Data("caff".utf8) + number(UInt16(1)) + number(UInt16(0)) + description + free
        + Data("data".utf8) + number(size) + number(UInt32(0)) + Self.pcm(true)
    }
    let size = Int64(4 + 2 * Self.samples.count)
    try Self.expectWhole(caf(size), warnings: 0, "CAF")
    try Self.expectWhole(caf(-1), warnings: 0, "CAF of unknown length")
    try Self.expectWhole(caf(4), warnings: 1, "CAF of a killed recorder")
    try Self.expectWhole(caf(0), warnings: 1, "CAF of a killed recorder")
    try Self.expectCut(caf(size), "CAF")
  }

  @Test func wave64AndTextHeadersAreComparedWithTheFile() throws {
    func guid(_ name: String, _ rest: [UInt8]) -> Data { Data(name.utf8) + rest }
    let tail: [UInt8] = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A]
    let riff: [UInt8] = [0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00, 0x00]
    func wave64(_ size: UInt64) -> Data {
      guid("riff", riff) + Self.bytes(UInt64(104 + Self.pcm().count)) + guid("wave", tail)
        + guid("fmt ", tail) + Self.bytes(UInt64(40)) + Self.format().dropFirst(8)
        + guid("data", tail) + Self.bytes(size) + Self.pcm()
    }
    let size = UInt64(Self.pcm().count)
    try Self.expectWhole(wave64(size + 24), warnings: 0, "Wave64")
    try Self.expectWhole(wave64(.max), warnings: 0, "Wave64 of unknown length")
    try Self.expectWhole(wave64(24), warnings: 1, "Wave64 of a killed recorder")
    try Self.expectCut(wave64(size + 24), "Wave64")
    let text = """
      NIST_1A
         1024
      sample_count -i \(Self.samples.count)
      sample_n_bytes -i 2
      channel_count -i 1
      sample_byte_format -s2 01
      sample_rate -i 16000
      sample_coding -s3 pcm
      end_head

      """
    let nist = Data(text.utf8) + Data(repeating: 32, count: 1_024 - text.utf8.count) + Self.pcm()
    try Self.expectWhole(nist, warnings: 0, "NIST")
    try Self.expectCut(nist, "NIST")
  }

  @Test func flacIsReadWholeWhateverLengthItDeclares() throws {
    let flac = try TestAudio.encoded(seconds: 1.5, rate: 16_000, format: .flac)
    let expected = try TestAudio.decoded(flac)
    func declaring(_ count: UInt64) -> Data {
      var flac = flac
      flac[21] = flac[21] & 0xF0 | UInt8(count >> 32)
      for byte in 0..<4 {
        flac[22 + byte] = UInt8(truncatingIfNeeded: count >> (24 - 8 * UInt64(byte)))
      }
      return flac
    }
    // The last one would be 100 hours in some kilobytes.
    for count in [0, 5, 24_000, 1 << 35] as [UInt64] {
      let clip = try TestAudio.decoded(declaring(count), "\(count)")
      #expect(clip.samples == expected.samples, "\(count)")
      #expect(clip.warnings.isEmpty, "\(count)")
    }
    let clip = try AudioClip(declaring(30_000), sampleRate: nil)
    #expect(clip.samples == expected.samples)
    #expect(clip.warnings.count == 1)
  }

  @Test func damagedHeadersAreSafe() throws {
    let seed: UInt64 = 41
    var damage = RandomDamage(seed: seed)
    let files = [
      Self.wave(Self.format(), Self.chunk("data", Self.pcm(), size: 0)),
      Self.wave(
        Self.long(4), Self.format(), Self.chunk("data", Self.pcm(), size: .max), kind: "BW64"),
      try TestAudio.encoded(seconds: 0.2, rate: 16_000, format: .flac),
      try TestAudio.encoded(seconds: 0.2, rate: 16_000, format: .aiff),
    ].map { $0.prefix(3_000) }
    for data in files {
      for round in 0..<60 {
        _ = TestAudio.survives(damage(damage(Data(data))), "round \(round), seed \(seed)")
      }
    }
  }
}

/// Inputs on which earlier versions failed, and the seconds that other programs find in them.
@Suite(.enabled(if: SharedData.has("faults/audio"))) struct AudioFaultTests {
  @Test(arguments: [
    ("vbr_no_xing.mp3", 16.065, 0), ("mp3_concat.mp3", 8.175, 0), ("chained.ogg", 4.0, 0),
    ("mp3_zeros_front.mp3", 4.0, 0), ("mp3_junk_front.mp3", 4.0, 0), ("cut_start.mp3", 5.956, 0),
    ("stream_data0.wav", 2.0, 1), ("stream_ffffffff.wav", 2.0, 0), ("cbr_no_xing.mp3", 4.049, 0),
    // Cut short, and damaged.
    ("mp3_bit_errors.mp3", 7.394, 1), ("of2.oga", 2.0, 0), ("opus_from_vorbis.opus", 40.0, 0),
    ("plain.wav", 2.0, 0), ("plain.mp3", 4.0, 0),
  ])
  func everyFileIsReadWhole(name: String, seconds: Double, warningCount: Int) throws {
    let data = try Data(contentsOf: SharedData.url("faults/audio").appending(path: name))
    let clip = try TestAudio.decoded(data, tolerance: 1e-5, "\(name)")
    #expect(abs(clip.seconds - seconds) < 0.001, "\(name): \(clip.seconds)")
    #expect(clip.warnings.count == warningCount, "\(name): \(clip.warnings)")
  }
}
