import Foundation
import Testing

@testable import MusicCaptioner

/// MP3 files as people have them.
@Suite struct MPEGAudioTests {
  /// An MP3 file of libsndfile's encoder, LAME, with an Info frame at its beginning.
  private static func mp3(
    _ seconds: Double = 2.2, rate: Int = 16_000, channels: Int = 1, seed: UInt64 = 1
  ) throws -> Data {
    try TestAudio.encoded(
      seconds: seconds, rate: rate, channels: channels, format: .mp3, seed: seed)
  }

  /// Where the frames of a file are, the Info frame first.
  private static func frames(_ data: Data) throws -> [Range<Int>] {
    var reader = MPEGFrameReader(try SoundSource(inMemory: data, path: "mp3"))
    var frames: [Range<Int>] = []
    var offset = reader.endOfTags(from: 0)
    while let header = reader.header(at: offset), let length = header.length(free: nil) {
      frames.append(offset..<offset + length)
      offset += length
    }
    return frames
  }

  private static func withoutInfo(_ data: Data) throws -> Data {
    data.dropFirst(try frames(data)[0].upperBound)
  }

  @Test(arguments: [(44_100, 2), (44_100, 1), (22_050, 2), (16_000, 1), (8_000, 1), (48_000, 2)])
  func samplesAreThoseOfLibsndfile(rate: Int, channels: Int) throws {
    let data = try Self.mp3(rate: rate, channels: channels)
    let clip = try TestAudio.decoded(data)
    let expected = try TestAudio.decodedByLibsndfile(data)
    #expect(clip.sampleRate == rate)
    #expect(clip.samples.count == expected.count)
    #expect(TestAudio.largestDifference(clip.samples, expected) < 1e-6)
    #expect(clip.warnings.isEmpty)
  }

  @Test func anythingMayPrecedeTheFirstFrame() throws {
    let seed: UInt64 = 5
    var damage = RandomDamage(seed: seed)
    let data = try Self.mp3()
    let expected = try TestAudio.decoded(data)
    let half = try Self.frames(data)[3]
    func tag(_ size: Int, declared: Int? = nil) -> Data {
      let declared = declared ?? size
      let digits = [21, 14, 7, 0].map { UInt8(declared >> $0 & 0x7F) }
      return Data("ID3".utf8) + [3, 0, 0] + digits
        + Data((0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) })
    }
    let fronts: [(String, Data)] = [
      ("zeros", Data(count: 3_000)), ("many zeros", Data(count: 300_000)),
      ("text", Data(String(repeating: "junk ", count: 120).utf8)),
      ("random bytes", damage.bytes(5_000)), ("many random bytes", damage.bytes(100_000)),
      ("0xFF", Data(repeating: 0xFF, count: 2_000)),
      ("the end of a frame", data[half].dropFirst(20)), ("a tag", tag(400)),
      ("a large tag", tag(300_000)), ("two tags", tag(4_000) + tag(20)),
      ("a tag and zeros", tag(50) + Data(count: 700)),
      ("a tag of a wrong size", tag(500, declared: 100)),
      ("a tag that claims the whole file", tag(500, declared: 1 << 27)),
      ("an HTTP header", Data("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n".utf8)),
    ]
    for (name, front) in fronts {
      let clip = try TestAudio.decoded(front + data, "\(name), seed \(seed)")
      #expect(clip.samples == expected.samples, "\(name), seed \(seed)")
      #expect(clip.warnings.isEmpty, "\(name)")
    }
  }

  @Test func longFilesWithoutFramesHaveNoSound() throws {
    let count = 1 << 18
    var random = RandomSource(seed: 3, stream: "long files")
    var noise = Data(capacity: count)
    while noise.count < count {
      withUnsafeBytes(of: random.next()) { noise.append(contentsOf: $0) }
    }
    let headers = Data((0..<count / 4).flatMap { _ in [0xFF, 0xFB, 0x90, 0x04] as [UInt8] })
    for (name, data) in [
      ("0xFF", Data(repeating: 0xFF, count: count)), ("zeros", Data(count: count)),
      ("random", noise), ("headers", headers),
    ] {
      for front in [Data(), Data([7, 7]), Data("ID3".utf8) + [3, 0, 0, 0, 0, 0, 0]] {
        #expect(throws: AudioError.self, "\(name)") { try AudioClip(front + data, name: name) }
      }
    }
  }

  @Test func whatFollowsTheLastFrameIsTold() throws {
    let data = try Self.mp3()
    let expected = try TestAudio.decoded(data)
    let rest = Data(repeating: 0x61, count: 20_000)
    for end in [rest, Data(count: 700) + rest] {
      let clip = try TestAudio.decoded(data + end)
      #expect(clip.samples == expected.samples)
      #expect(
        clip.warnings.map(\.description) == [
          "damaged: 20000 bytes after the last MPEG frame can't be decoded and are left out"
        ])
    }
    let frames = try Self.frames(data)
    for end in [data, data + rest] {
      // Cut within a frame, and another file behind.
      let cut = end.prefix(frames[10].lowerBound + 5) + Data(count: 3) + end.prefix(7)
      let index = try #require(MPEGFrameIndex(SoundSource(inMemory: cut, path: "cut")))
      #expect(index.runs.allSatisfy { !$0.frames.isEmpty })
    }
  }

  @Test func anMP3WithinSomethingElseIsNoMP3() throws {
    var damage = RandomDamage(seed: 13)
    let bare = try Self.withoutInfo(try Self.mp3())
    let noise = damage.bytes(2 * bare.count)
    for data in [noise + bare, noise.prefix(900) + bare + noise, noise + bare + noise] {
      let error = #expect(throws: AudioError.self) { try AudioClip(data, name: "noise") }
      guard case .notAudio? = error?.reason else { return #expect(Bool(false), "\(error!)") }
    }
    #expect(try AudioClip(noise.prefix(900) + bare, name: "cut").seconds > 2)
    var tar = Data("song.mp3".utf8) + Data(count: 249) + Data("ustar\u{0}00".utf8)
    tar += Data(count: 512 - tar.count) + bare
    let header: [UInt8] = [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 48, 0, 24, 0x20]
    for (data, words) in [(tar, "a tar archive"), (Data(header) + bare, "an image")] {
      let error = #expect(throws: AudioError.self) { try AudioClip(data, name: words) }
      #expect(error?.description.contains("it begins with \(words)") == true, "\(error!)")
    }
  }

  /// Rows of pixels at equal distances may look like frames.
  @Test func picturesAreNoSound() throws {
    // MPEG 1, layer 3, 128 kbit/s, 44.1 kHz; and the same of layer 2.
    for header: [UInt8] in [[0xFF, 0xFB, 0x90, 0x04], [0xFF, 0xFD, 0x80, 0x04]] {
      var row = header
      row += [UInt8](repeating: 0xFF, count: 417 - row.count)
      let same = Data([0, 1, 2, 3] + (0..<400).flatMap { _ in row })
      #expect(throws: AudioError.self) { try TestAudio.decoded(same) }
      var damage = RandomDamage(seed: 11)
      let noise = (0..<400).map { _ in header + damage.bytes(413) }
      let random = Data([0, 1, 2, 3]) + noise.reduce(Data(), +)
      if header[1] == 0xFB {
        #expect(throws: AudioError.self) { try TestAudio.decoded(random) }
      }
      let sparse =
        try Data([0, 1, 2, 3]) + Self.mp3().prefix(9_000) + Data(count: 5)
        + damage.bytes(50_000) + Self.mp3().prefix(9_000)
      #expect(throws: AudioError.self) { try TestAudio.decoded(sparse) }
    }
    for name: [UInt8] in [
      Array("BM6000".utf8) + [0, 0, 0, 0], [0x49, 0x49, 0x2A, 0], Array("P6\n640 480\n".utf8),
      Array("SDPX".utf8), [0x0A, 5, 1, 8],
    ] {
      let picture = try Data(name) + Data(count: 20) + Self.mp3()
      let error = #expect(throws: AudioError.self) { try TestAudio.decoded(picture) }
      guard case .notAudio(let found)? = error?.reason else { continue }
      #expect(found.contains("image"))
    }
  }

  @Test func tagsAtTheEndAreNoSound() throws {
    let data = try Self.mp3()
    let expected = try TestAudio.decoded(data)
    let old = Data("TAG".utf8) + Data(repeating: 0x20, count: 125)
    let ape =
      Data("APETAGEX".utf8) + [0xD0, 7, 0, 0, 52, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xA0]
      + Data(count: 8) + Data(repeating: 0xFF, count: 20)
      + Data("APETAGEX".utf8) + [0xD0, 7, 0, 0, 52, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x80]
      + Data(count: 8)
    for end in [old, ape, ape + old, Data(count: 5_000), Data("trailing text".utf8)] {
      let clip = try TestAudio.decoded(data + end)
      #expect(clip.samples == expected.samples)
      #expect(clip.warnings.isEmpty)
    }
  }

  @Test func aLengthThatIsNotDeclaredIsNotMissed() throws {
    for (rate, channels) in [(44_100, 2), (16_000, 1)] {
      let data = try Self.mp3(rate: rate, channels: channels)
      let frames = try Self.frames(data)
      let clip = try TestAudio.decoded(try Self.withoutInfo(data))
      let frameLength = rate == 44_100 ? 1_152 : 576
      #expect(clip.samples.count == (frames.count - 1) * frameLength)
      #expect(clip.warnings.isEmpty)
    }
  }

  @Test func theEndIsWhereTheSamplesEndWhateverIsDeclared() throws {
    let data = try Self.mp3()
    let expected = try TestAudio.decoded(data)
    let frames = try Self.frames(data)
    let info = try #require(
      data.firstRange(of: Data("Info".utf8)) ?? data.firstRange(of: Data("Xing".utf8)))
    func declaring(_ count: Int) -> Data {
      var data = data
      for byte in 0..<4 {
        data[info.upperBound + 4 + byte] = UInt8(count >> (24 - 8 * byte) & 0xFF)
      }
      return data
    }
    let few = try TestAudio.decoded(declaring(10))
    #expect(few.samples.prefix(expected.samples.count).elementsEqual(expected.samples))
    #expect(few.warnings.isEmpty)
    let many = try TestAudio.decoded(declaring(1_000))
    #expect(many.samples.prefix(expected.samples.count).elementsEqual(expected.samples))
    #expect(many.warnings.count == 1)
    guard case .cutShort = many.warnings.first else { return #expect(Bool(false)) }

    let cut = try TestAudio.decoded(data.prefix(frames[frames.count / 2].lowerBound + 7))
    #expect(cut.samples.elementsEqual(expected.samples.prefix(cut.samples.count)))
    #expect(cut.samples.count > expected.samples.count / 3)
    guard case .cutShort = cut.warnings.first else { return #expect(Bool(false)) }
  }

  @Test func joinedFilesAreReadWhole() throws {
    let first = try Self.mp3(seed: 1)
    let second = try Self.mp3(1.5, seed: 2)
    let one = try TestAudio.decoded(first)
    // The parts' own delays stay, as ffmpeg and mpg123 have it: a few frames of silence.
    let joined = try TestAudio.decoded(first + second)
    #expect(joined.samples.prefix(one.samples.count).elementsEqual(one.samples))
    #expect((3.7..<3.9).contains(joined.seconds))
    #expect(joined.warnings.isEmpty)
    let tag = Data("TAG".utf8) + Data(count: 125)
    let tagged = Data("ID3".utf8) + [4, 0, 0, 0, 0, 0, 100] + Data(count: 100) + second
    #expect(try TestAudio.decoded(first + tag + tagged).samples == joined.samples)
  }

  @Test func joinedFilesOfDifferentRatesAndChannelsAreConverted() throws {
    let mono = try Self.mp3(2, rate: 16_000)
    let stereo = try Self.mp3(1.5, rate: 44_100, channels: 2, seed: 2)
    for parts in [[mono, stereo], [stereo, mono], [mono, stereo, mono]] {
      let clip = try TestAudio.decoded(parts.reduce(Data(), +))
      let seconds = parts.reduce(0) { $0 + ($1 == mono ? 2.0 : 1.5) }
      #expect(clip.sampleRate == 44_100)
      #expect(abs(clip.seconds - seconds) < 0.4)
      #expect(clip.warnings.isEmpty)
      // Every part sounds.
      for second in 0..<Int(seconds) {
        let range = second * 44_100..<(second + 1) * 44_100
        #expect(TestAudio.rootMeanSquare(clip.samples[range]) > 0.05)
      }
    }
    // From stereo to mono, at the same rate.
    let both = try Self.mp3(1, rate: 16_000, channels: 2) + mono
    #expect(abs(try TestAudio.decoded(both).seconds - 3) < 0.3)
  }

  @Test func damageCostsWhatIsDamagedAndIsReported() throws {
    let data = try Self.mp3(3, rate: 44_100, channels: 2)
    let expected = try TestAudio.decoded(data)
    let frames = try Self.frames(data)
    // A frame's header, its bit rate only, or its sound.
    for (place, value) in [(0, 0), (2, 0xE0), (2, 0x10), (4, 0xFF), (60, 0xA5)] as [(Int, UInt8)] {
      var damaged = data
      for frame in [frames[20], frames[40]] {
        for index in 0..<(place == 4 ? 30 : 1) { damaged[frame.lowerBound + place + index] = value }
      }
      let clip = try TestAudio.decoded(damaged, "byte \(place)")
      #expect(abs(clip.samples.count - expected.samples.count) <= 5 * 1_152, "byte \(place)")
      #expect(clip.warnings.count <= 2)
      if place == 0 { #expect(!clip.warnings.isEmpty) }
    }
    // Bytes between frames that are none.
    let between =
      data.prefix(frames[30].lowerBound) + Data(repeating: 0x55, count: 999)
      + data.dropFirst(frames[30].lowerBound)
    let clip = try TestAudio.decoded(Data(between))
    #expect(clip.samples == expected.samples)
    #expect(clip.warnings.count == 1)
  }

  /// Frames of silence that no encoder here writes.
  private static func silentFrames(header: [UInt8], length: Int, count: Int) -> Data {
    (0..<count).reduce(into: Data()) { data, _ in
      data += header
      data += Data(count: length - header.count)
    }
  }

  @Test func layersOneAndTwoAndFreeFormatsAreRead() throws {
    // Layer 1, 32 kHz, 64 kbit/s; layer 2, 44.1 kHz, 64 kbit/s mono; layer 3, free, of 500 bytes;
    // layer 3 of MPEG 2.5, 8 kHz, 8 kbit/s mono.
    for (header, length, samples, rate) in [
      ([0xFF, 0xFF, 0x28, 0x00], 96, 384, 32_000), ([0xFF, 0xFD, 0x40, 0xC0], 208, 1_152, 44_100),
      ([0xFF, 0xFB, 0x00, 0x00], 500, 1_152, 44_100), ([0xFF, 0xE3, 0x18, 0xC0], 72, 576, 8_000),
    ] as [([UInt8], Int, Int, Int)] {
      let data = Self.silentFrames(header: header, length: length, count: 50)
      let clip = try TestAudio.decoded(data, "\(header)")
      #expect(clip.sampleRate == rate, "\(header)")
      #expect(clip.samples.count == 50 * samples, "\(header)")
      #expect(clip.samples.allSatisfy { $0 == 0 })
      #expect(clip.warnings.isEmpty)
    }
  }

  @Test func whatIsNoMPEGAudioIsNotTakenForIt() throws {
    let seed: UInt64 = 11
    var damage = RandomDamage(seed: seed)
    var others: [(String, Data)] = (0..<8).map { ("random \($0)", damage.bytes(40_000)) }
    let mp3 = try Self.mp3(1)
    others += [
      ("PDF", Data("%PDF-1.7\n".utf8) + mp3),
      ("zip", Data([0x50, 0x4B, 3, 4]) + Data(count: 30) + mp3),
      ("PNG", Data([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]) + mp3),
      ("text", Data(String(repeating: "plain text\n", count: 4_000).utf8)),
      ("UTF-16", Data([0xFF, 0xFE]) + Data(String(repeating: "ab\0", count: 4_000).utf8)),
      ("0xFF", Data(repeating: 0xFF, count: 50_000)), ("zeros", Data(count: 50_000)),
      ("samples", Data((0..<60_000).map { [0xFB, 0xFF, 0xFA, 0xFF][$0 % 4] })),
      (
        "two frames",
        Data(count: 10)
          + mp3[try Self.frames(mp3)[4].lowerBound..<(try Self.frames(mp3)[5].upperBound)]
          + damage.bytes(3_000)
      ),
    ]
    for (name, data) in others {
      #expect(throws: AudioError.self, "\(name), seed \(seed)") {
        try AudioClip(data, name: name)
      }
    }
  }

  @Test func damagedAndCutFilesAreSafe() throws {
    let seed: UInt64 = 21
    var damage = RandomDamage(seed: seed)
    let short = try Self.mp3(0.4)
    let data = short + (try Self.mp3(0.3, rate: 44_100, channels: 2))
    var readCount = 0
    for round in 0..<120 {
      let comment: Comment = "round \(round), seed \(seed)"
      if TestAudio.survives(damage(damage(data)), comment) != nil { readCount += 1 }
    }
    #expect(readCount > 60)
    for length in stride(from: 0, to: short.count, by: 41) {
      _ = TestAudio.survives(short.prefix(length), "the first \(length) bytes")
    }
  }

  @Test func manyFilesAtOnceAreDecodedAlike() throws {
    let data = try Self.mp3(0.5)
    let expected = try AudioClip(data).samples
    DispatchQueue.concurrentPerform(iterations: 16) { _ in
      #expect((try? AudioClip(data).samples) == expected)
    }
  }
}
