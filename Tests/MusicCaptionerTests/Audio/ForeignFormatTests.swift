import Foundation
import Testing

@testable import MusicCaptioner

/// What is recognized by content, without ffmpeg.
@Suite struct ForeignFormatTests {
  private func name(_ bytes: [UInt8]) -> String? {
    ForeignFormat { offset, count in Array(bytes.dropFirst(offset).prefix(count)) }?.name
  }

  private func bytes(_ parts: Any..., padding: Int = 256) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in parts {
      if let text = part as? String { bytes += Array(text.utf8) }
      if let numbers = part as? [Int] { bytes += numbers.map { UInt8($0) } }
    }
    return bytes + [UInt8](repeating: 0, count: padding)
  }

  @Test func containersAreNamed() {
    let atom = [0, 0, 0, 32]
    for (content, expected) in [
      (bytes(atom, "ftypM4A "), "M4A"), (bytes(atom, "ftypmp42"), "MP4"),
      (bytes(atom, "ftypqt  "), "QuickTime"), (bytes(atom, "ftyp3gp5"), "3GP"),
      (bytes([0, 0, 16, 0], "moov"), "QuickTime"),
      (bytes([0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x84], "webm"), "WebM"),
      (bytes([0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x88], "matroska"), "Matroska"),
      (bytes([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]), "WMA"),
      (bytes("#!AMR\n", [0x3C]), "AMR"), (bytes("MAC ", [0x96]), "Monkey's Audio"),
      (bytes("MPCK"), "Musepack"), (bytes("MP+", [7]), "Musepack"), (bytes("wvpk"), "WavPack"),
      (bytes("TTA1"), "True Audio"), (bytes("DSD ", [28]), "DSF"), (bytes("FRM8"), "DSDIFF"),
      (bytes("caff", [0, 1]), "CAF"), (bytes("RIFF", atom, "AVI LIST"), "AVI"),
      (bytes(".RMF", [0]), "RealMedia"), (bytes(".ra", [0xFD, 0]), "RealAudio"),
      (bytes("FLV", [1, 4]), "FLV"), (bytes([0, 0, 1, 0xBA]), "MPEG"),
      (bytes("ID3", [4, 0, 0, 0, 0, 0, 3, 1, 1, 1], "wvpk"), "WavPack"),
    ] {
      #expect(name(content) == expected)
    }
  }

  @Test func streamsAreRecognizedByTheirFrames() {
    let frame = [0xFF, 0xF1, 0x50, 0x80, 0x01, 0x00, 0xFC]  // of 8 bytes
    #expect(name(bytes(frame, [0], frame)) == "AAC")
    #expect(name(bytes(frame, [0, 0, 0])) == nil)
    #expect(name(bytes([0x0B, 0x77, 1, 2, 3, 0x40])) == "AC-3")
    #expect(name(bytes([0x0B, 0x77, 1, 2, 3, 0x80])) == "E-AC-3")
    #expect(name(bytes([0x7F, 0xFE, 0x80, 0x01])) == "DTS")
    var transport = [UInt8](repeating: 1, count: 188 * 5)
    for packet in 0..<5 { transport[188 * packet] = 0x47 }
    #expect(name(transport) == "MPEG-TS")
    transport[188] = 0
    #expect(name(transport) == nil)
  }

  @Test func variantsThatTheLibrariesLackAreTold() {
    func ogg(_ packet: String) -> [UInt8] {
      bytes("OggS", [Int](repeating: 0, count: 22), [1, 80], packet)
    }
    #expect(name(ogg("Speex   1.2")) == "Ogg Speex")
    #expect(name(ogg("\u{7F}FLAC")) == "Ogg FLAC")
    #expect(name(ogg("fishead\0")) == "Ogg video")
    #expect(name(ogg("OpusHead")) == nil)
    #expect(name(ogg("\u{1}vorbis")) == nil)
    let flac = { (bits: Int) in
      [Int](repeating: 0, count: 16) + [(bits - 1) >> 4, ((bits - 1) & 15) << 4]
    }
    #expect(name(bytes("fLaC", flac(32))) == "32-bit FLAC")
    #expect(name(bytes("fLaC", flac(24))) == nil)
    let wave = { (tag: Int) in
      [
        "RIFF", [60, 0, 0, 0], "WAVEfmt ", [16, 0, 0, 0, tag & 255, tag >> 8, 1, 0],
        [0x80, 0x3E, 0, 0, 0x80, 0x3E, 0, 0, 1, 0, 8, 0],
        "data", [4, 0, 0, 0],
      ] as [Any]
    }
    for (tag, expected) in [(0x2000, "WAV with AC-3"), (1, nil), (0x161, nil)] {
      let content = wave(tag).reduce(into: [UInt8]()) { $0 += bytes($1, padding: 0) }
      #expect(name(content + [UInt8](repeating: 0, count: 64)) == expected)
    }
  }

  /// Playlists name other files and addresses, wherever they claim to be.
  @Test func textsImagesAndArchivesNeverReachAnotherProgram() {
    for text in ["#EXTM3U\n#EXT-X-VERSION:3\n", "ffconcat version 1.0\nfile x\n", "v=0\no=- 0\n"] {
      #expect(name(Array(text.utf8)) == nil)
      #expect(name(bytes("ID3", [4, 0, 0, 0, 0, 0, 2, 0, 0], text, padding: 0)) == nil)
    }
    #expect(name(Array("This free text has an atom's name at byte 4".utf8)) == nil)
    for content in [
      bytes([0x89], "PNG"), bytes("PK", [3, 4]), bytes("%PDF-1.4", [0x80]),
      bytes([0, 0, 0, 24], "ftypheic"), bytes([0, 0, 0, 24], "ftypavif"), [0], [],
    ] {
      #expect(name(content) == nil)
    }
  }

  @Test func anyBytesAreSafe() {
    let seed = UInt64.random(in: 0...9999)
    print("foreign format test: seed \(seed)")
    var random = RandomSource(seed: seed, stream: "foreign formats")
    let starts: [[UInt8]] = [
      [], Array("OggS".utf8), Array("fLaC".utf8), Array("RIFF    WAVEfmt ".utf8), [0xFF, 0xF1],
      Array("ID3\u{4}\0\0\u{7F}\u{7F}\u{7F}\u{7F}".utf8), [0, 0, 0, 0] + Array("ftyp".utf8),
    ]
    for round in 0..<2_000 {
      let count = random.integer(below: 100)
      let noise = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      _ = name(starts[round % starts.count] + noise)
    }
  }
}
