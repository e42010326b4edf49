import Foundation
import Testing

@testable import MusicCaptioner

/// Ogg files as recorders, streams and other programs leave them.
@Suite struct OggAudioTests {
  private static func vorbis(
    _ seconds: Double = 2.2, rate: Int = 16_000, channels: Int = 1, seed: UInt64 = 1
  ) throws -> Data {
    try TestAudio.encoded(
      seconds: seconds, rate: rate, channels: channels, format: .vorbis, seed: seed)
  }

  private static func opus(
    _ seconds: Double = 2.2, rate: Int = 48_000, channels: Int = 1, seed: UInt64 = 1
  ) throws -> Data {
    try TestAudio.encoded(
      seconds: seconds, rate: rate, channels: channels, format: .opus, seed: seed)
  }

  /// After a start in the middle, Opus takes a while until only rounding is left.
  private static let opusTolerance: Float = 1e-5

  @Test func samplesAreThoseOfLibsndfile() throws {
    for (rate, channels) in [(44_100, 2), (16_000, 1), (48_000, 2), (8_000, 1)] {
      let data = try Self.vorbis(rate: rate, channels: channels)
      let clip = try TestAudio.decoded(data)
      let expected = try TestAudio.decodedByLibsndfile(data)
      #expect(clip.samples == expected, "Vorbis, \(rate) Hz")
      #expect(clip.warnings.isEmpty)
    }
    for (rate, channels) in [(48_000, 2), (24_000, 1), (16_000, 2), (8_000, 1)] {
      let data = try Self.opus(rate: rate, channels: channels)
      let clip = try TestAudio.decoded(data, tolerance: Self.opusTolerance)
      let expected = try TestAudio.decodedByLibsndfile(data)
      #expect(clip.sampleRate == rate)
      #expect(clip.samples.count == expected.count, "Opus, \(rate) Hz")
      #expect(TestAudio.largestDifference(clip.samples, expected) < 1e-6, "Opus, \(rate) Hz")
      #expect(clip.warnings.isEmpty)
    }
  }

  @Test func chainedStreamsAreReadWhole() throws {
    for (a, b) in [
      (try Self.vorbis(seed: 1), try Self.vorbis(1.3, seed: 2)),
      (try Self.opus(seed: 1), try Self.opus(1.3, seed: 2)),
    ] {
      let separate = try [a, b, a].flatMap { try AudioClip($0, sampleRate: nil).samples }
      let clip = try TestAudio.decoded(a + b + a, tolerance: Self.opusTolerance)
      #expect(clip.samples == separate)
      #expect(clip.warnings.isEmpty)
    }
  }

  @Test func chainsOfDifferentRatesChannelsAndCodecsAreConverted() throws {
    let parts = [
      try Self.vorbis(1.2, rate: 16_000), try Self.opus(1.5, channels: 2),
      try Self.vorbis(1, rate: 44_100, channels: 2),
    ]
    for order in [[0, 1, 2], [2, 0], [1, 0, 1]] {
      let clip = try TestAudio.decoded(
        order.map { parts[$0] }.reduce(Data(), +), tolerance: Self.opusTolerance)
      let seconds = order.reduce(0) { $0 + [1.2, 1.5, 1.0][$1] }
      #expect(clip.sampleRate == (order.contains(1) ? 48_000 : 44_100))
      #expect(abs(clip.seconds - seconds) < 0.001)
      #expect(clip.warnings.isEmpty)
      var start = 0.0
      for index in order {
        let end = start + [1.2, 1.5, 1.0][index]
        let rate = Double(clip.sampleRate)
        let range = Int((start + 0.2) * rate)..<Int((end - 0.2) * rate)
        #expect(TestAudio.rootMeanSquare(clip.samples[range]) > 0.05)
        start = end
      }
    }
  }

  /// The pages' positions are what recorders get wrong; the packets tell how long they are.
  @Test func positionsThatJitterJumpOrBeginAnywhereLoseNothing() throws {
    for data in [try Self.vorbis(3), try Self.opus(3)] {
      let expected = try AudioClip(data, sampleRate: nil).samples
      let pages = OggBytes(data)
      let last = pages.pages.count - 1
      var jittered = pages
      for index in 3..<last { jittered.pages[index].granule += index % 2 == 0 ? 700 : -700 }
      var jumping = pages
      for index in 3..<last { jumping.pages[index].granule = 1 << 40 }
      var unknown = pages
      for index in 3..<last { unknown.pages[index].granule = -1 }
      var live = pages
      for index in 2...last where pages.pages[index].granule > 0 {
        live.pages[index].granule += 48_000 * 3_600
      }
      for (name, changed) in [
        ("jitter", jittered), ("jump", jumping), ("unknown", unknown), ("live", live),
      ] {
        let clip = try TestAudio.decoded(
          changed.data, tolerance: Self.opusTolerance, "\(name)")
        #expect(clip.samples == expected, "\(name)")
        #expect(clip.warnings.isEmpty, "\(name)")
      }
    }
  }

  @Test func anEndThatIsMissingIsReported() throws {
    for data in [try Self.vorbis(3), try Self.opus(3)] {
      let expected = try AudioClip(data, sampleRate: nil).samples
      let pages = OggBytes(data)
      var open = pages
      open.pages[pages.pages.count - 1].flags &= ~4
      let clip = try TestAudio.decoded(open.data, tolerance: Self.opusTolerance)
      #expect(clip.samples.prefix(expected.count).elementsEqual(expected))
      #expect(clip.warnings.count == 1)
      let cut = try TestAudio.decoded(
        data.prefix(data.count - 100), tolerance: Self.opusTolerance)
      #expect(cut.samples.elementsEqual(expected.prefix(cut.samples.count)))
      #expect(cut.warnings.count == 1)
    }
  }

  @Test func missingPagesAreReported() throws {
    for data in [try Self.vorbis(4), try Self.opus(4)] {
      let expected = try AudioClip(data, sampleRate: nil).samples
      var pages = OggBytes(data)
      pages.pages.remove(at: 4)
      let clip = try TestAudio.decoded(pages.data, tolerance: Self.opusTolerance)
      #expect(clip.samples.count < expected.count)
      #expect(clip.samples.count > expected.count / 4)
      #expect(clip.warnings.count == 1)
      // A damaged page is a missing one.
      var damaged = data
      damaged[data.startIndex + OggBytes(data).pages[..<4].reduce(0) { $0 + $1.data.count } + 60] ^=
        1
      #expect(try TestAudio.decoded(damaged, tolerance: Self.opusTolerance).samples == clip.samples)
    }
  }

  @Test func otherStreamsBesideTheSoundAreIgnored() throws {
    let data = try Self.vorbis()
    let expected = try AudioClip(data, sampleRate: nil).samples
    let sound = OggBytes(data)
    func page(_ text: String, flags: UInt8, sequence: UInt32) -> OggBytes.Page {
      OggBytes.Page(
        flags: flags, granule: 0, serial: 0xABCD, sequence: sequence,
        segments: [UInt8(text.utf8.count)], body: Data(text.utf8))
    }
    var mixed = sound
    mixed.pages.insert(page("fishead\0 of Skeleton", flags: 2, sequence: 0), at: 0)
    for (index, place) in [3, 5, mixed.pages.count].enumerated() {
      mixed.pages.insert(page("something", flags: 0, sequence: UInt32(index + 1)), at: place)
    }
    let clip = try TestAudio.decoded(mixed.data)
    #expect(clip.samples == expected)
    #expect(clip.warnings.isEmpty)

    // Two sounds at once: the first is read, the other is mentioned.
    var second = OggBytes(try Self.opus())
    for index in second.pages.indices { second.pages[index].serial = 77 }
    var both = sound
    both.pages.insert(second.pages[0], at: 1)
    both.pages += second.pages.dropFirst()
    let one = try TestAudio.decoded(both.data)
    #expect(one.samples == expected)
    #expect(one.warnings.count == 1)
  }

  /// Made with `ffmpeg -f lavfi -i sine=440:sample_rate=8000:duration=0.5 -c:a flac tone-flac.oga`.
  @Test func flacInOggIsRead() throws {
    let data = try Data(contentsOf: Fixtures.url("audio/tone-flac.oga"))
    let clip = try TestAudio.decoded(data)
    #expect(clip.sampleRate == 8_000)
    #expect(clip.samples.count == 4_000)
    #expect(clip.warnings.isEmpty)
    let chain = try TestAudio.decoded(data + data)
    #expect(chain.samples == clip.samples + clip.samples)
    let mixed = try TestAudio.decoded(data + (try Self.vorbis(1)))
    #expect(abs(mixed.seconds - 1.5) < 0.001)
  }

  @Test func headersWithoutSoundAreRefused() throws {
    for data in [try Self.vorbis(), try Self.opus()] {
      let pages = OggBytes(data)
      for count in 1...2 {
        let head = pages.pages.prefix(count).reduce(Data()) { $0 + $1.data }
        #expect(throws: AudioError.self) { try AudioClip(head) }
      }
    }
    var unknown = OggBytes(try Self.vorbis())
    unknown.pages[0].body.replaceSubrange(1..<7, with: Data("monkey".utf8))
    #expect(throws: AudioError.self) { try AudioClip(unknown.data) }
  }

  @Test func damagedAndCutFilesAreSafe() throws {
    let seed: UInt64 = 31
    var damage = RandomDamage(seed: seed)
    let flac = try Data(contentsOf: Fixtures.url("audio/tone-flac.oga"))
    for data in [
      try Self.vorbis(0.3) + Self.vorbis(0.2, rate: 44_100, channels: 2),
      try Self.opus(0.3) + Self.opus(0.2, rate: 16_000, channels: 2), flac,
    ] {
      for round in 0..<60 {
        let comment: Comment = "round \(round), seed \(seed)"
        // Half of them with checksums that are right, so that the damage gets through.
        let damaged = damage(damage(data))
        _ = TestAudio.survives(round % 2 == 0 ? damaged : OggBytes(damaged).data, comment)
      }
      for length in stride(from: 0, to: data.count, by: 397) {
        _ = TestAudio.survives(data.prefix(length), "the first \(length) bytes")
      }
    }
  }

  @Test func headersOfFLACThatEndEarlyAreSurvived() {
    let header = [0x7F] + Array("FLAC".utf8) + [1, 0, 0, 1] + Array("fLaC".utf8)
    for count in 1...header.count {
      let page = OggBytes.Page(
        flags: 2, granule: 0, serial: 1, sequence: 0, segments: [UInt8(count)],
        body: Data(header.prefix(count)))
      #expect(TestAudio.survives(page.data, "\(count) bytes") == nil)
    }
  }

  /// Each would take hours or all memory if it cost more than its bytes are worth.
  @Test func hostileFilesTakeNoMoreThanTheirBytes() throws {
    let marks = Data(String(repeating: "OggS\0\0", count: 5_000).utf8)
    _ = TestAudio.survives(marks, "many marks")
    let claims = Data(
      (0..<6_000).flatMap { _ in Array("OggS".utf8) + [0, 0] + [UInt8](repeating: 0xFF, count: 25)
      })
    _ = TestAudio.survives(claims.prefix(400_000), "many long pages")
    let beginning = OggBytes(try Self.opus(0.1)).pages[0].data
    let links = (0..<500).reduce(into: Data()) { data, _ in data += beginning }
    _ = TestAudio.survives(links, "many streams")
    var endless = OggBytes(try Self.vorbis(0.2))
    for index in 3..<20 {
      endless.pages.append(
        OggBytes.Page(
          flags: 1, granule: -1, serial: endless.pages[0].serial, sequence: UInt32(index),
          segments: [UInt8](repeating: 255, count: 255), body: Data(count: 255 * 255)))
    }
    _ = TestAudio.survives(endless.data, "one packet")
  }
}
