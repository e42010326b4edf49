import Foundation
import Testing

@testable import MusicCaptioner

/// Files whose bytes are damaged, or followed by something else.
@Suite struct FLACDamageTests {
  private let file: Data
  private let whole: [Float]

  init() throws {
    file = try TestAudio.encoded(seconds: 3, rate: 16_000, format: .flac)
    whole = try TestAudio.decodedByLibsndfile(file)
  }

  private func decoded(_ data: Data) throws -> AudioClip { try AudioClip(data, sampleRate: nil) }

  @Test func samplesAreThoseOfLibsndfile() throws {
    let clip = try decoded(file)
    #expect(clip.samples == whole && clip.warnings.isEmpty)
  }

  @Test func whatFollowsTheLastFrameIsNoDamage() throws {
    var random = RandomDamage(seed: 5)
    for tail in [Data("TAG".utf8) + Data(count: 125), Data(count: 4_096), random.bytes(4_096)] {
      let clip = try decoded(file + tail)
      #expect(clip.samples == whole && clip.warnings.isEmpty, "\(clip.warnings)")
    }
  }

  @Test func whatFollowsDamageKeepsItsPlace() throws {
    var damaged = file
    let middle = file.count / 2
    for index in middle..<middle + 10 { damaged[index] = 0 }
    let clip = try decoded(damaged)
    #expect(clip.samples.count == whole.count)
    let wrong = clip.samples.indices.filter { clip.samples[$0] != whole[$0] }
    // One frame, or two where the damage is at a border.
    #expect(!wrong.isEmpty && wrong.count <= 2 * 4_608)
    #expect(wrong.allSatisfy { clip.samples[$0] == 0 })
    #expect(
      clip.warnings.map(\.description) == [
        "damaged: parts of the FLAC stream can't be decoded and are silent"
      ])
    // A part of it is the same.
    let part = try AudioFile(damaged, name: "damaged").clip(from: 2.5, sampleRate: nil)
    #expect(part.samples == Array(whole[40_000...]))
  }

  @Test func lostBytesAreSilentToo() throws {
    let lost = file.prefix(file.count / 3) + file.suffix(file.count / 3)
    let clip = try decoded(lost)
    #expect(clip.samples.count == whole.count && clip.warnings.count == 1, "\(clip.warnings)")
    // The frames at both ends of the gap are lost too; a frame has 4,608 samples at most.
    let wrong = clip.samples.indices.filter { clip.samples[$0] != whole[$0] }
    #expect(
      wrong.count <= whole.count / 3 + 3 * 4_608 && wrong.allSatisfy { clip.samples[$0] == 0 })
    #expect((wrong.last ?? 0) < whole.count * 2 / 3 + 2 * 4_608)
    let first = try #require(wrong.last) + 1
    let part = try AudioFile(lost, name: "lost").clip(
      from: Double(first) / 16_000, sampleRate: nil)
    #expect(part.samples == Array(whole[first...]))
    let cut = try decoded(file.prefix(file.count / 2))
    #expect(whole.starts(with: cut.samples) && cut.warnings.count == 1, "\(cut.warnings)")
  }

  @Test func joinedFilesAreReadOneAfterAnother() throws {
    let clip = try decoded(file + file)
    #expect(clip.samples == whole + whole && clip.warnings.isEmpty, "\(clip.warnings)")
    let other = try TestAudio.encoded(seconds: 1, rate: 48_000, format: .flac)
    let mixed = try decoded(file + other)
    #expect(mixed.sampleRate == 48_000 && mixed.samples.count == 4 * 48_000)
    #expect(mixed.warnings.isEmpty, "\(mixed.warnings)")
  }

  /// The second file's frames have the numbers of the first one's.
  @Test func partsOfJoinedFilesAreThoseOfTheWhole() throws {
    let other = try TestAudio.encoded(seconds: 2, rate: 16_000, format: .flac, seed: 2)
    let samples = try whole + TestAudio.decodedByLibsndfile(other) + whole
    let joined = file + other + file
    for (start, end) in [(0.5, 1.0), (2.9, 3.1), (4.2, 4.7), (4.9, 5.2), (7.5, 8.0), (0.1, 7.9)] {
      let clip = try AudioFile(joined, name: "joined").clip(from: start, to: end, sampleRate: nil)
      let range = Int((start * 16_000).rounded())..<Int((end * 16_000).rounded())
      #expect(clip.samples == Array(samples[range]), "\(start) to \(end)")
    }
    // There and back in the same file.
    let sound = try AudioFile(joined, name: "joined")
    for start in [6.0, 1.0, 3.5, 0.0, 7.0] {
      let clip = try sound.clip(from: start, to: start + 0.5, sampleRate: nil)
      let first = Int(start * 16_000)
      #expect(clip.samples == Array(samples[first..<first + 8_000]), "\(start)")
    }
    #expect(throws: AudioError.self) { try sound.clip(from: 9, sampleRate: nil) }
  }

  @Test func framesAreFoundUpToTheEndOfALongFile() throws {
    let long = try TestAudio.encoded(seconds: 20, rate: 16_000, channels: 2, format: .flac)
    let source = try SoundSource(inMemory: long, path: "long")
    let header = try #require(FLACHeader(source))
    let decoder = try #require(FLACDecoder(source, header))
    let first = try #require(long.firstRange(of: Data([0xFF, 0xF8])))
    let entries = FLACFrameIndex(source, from: first.lowerBound, first: 0).entries
    #expect(entries.count > 5 && entries.last.map { $0.frame > 16_000 * 17 } == true)
    let samples = try TestAudio.decodedByLibsndfile(long)
    for entry in entries {
      for frame in [entry.frame, entry.frame + 700] {
        #expect(decoder.seek(to: frame))
        var block = [Float](repeating: 0, count: 2)
        let count = block.withUnsafeMutableBufferPointer { decoder.read(1, into: $0) }
        #expect(count == 1 && (block[0] + block[1]) * 0.5 == samples[frame])
      }
    }
  }
}

/// Samples of 32 bits, which libsndfile doesn't read.
@Suite struct FLACDecoderTests {
  private let file = Fixtures.url("flac/32-bit.flac")

  /// The formula of `make.py`, mixed to mono.
  private let expected: [Float] = (0..<5_000).map { frame in
    let values = (0..<2).map { channel in
      let sine = 0.4 * sin(Double(frame) * Double(channel + 1) / 40)
      return Int(Double(1 << 31) * sine) + frame * (channel + 3) % 1021
    }
    let samples = values.map { Float($0) / Float(1 << 31) }
    return (samples[0] + samples[1]) * 0.5
  }

  @Test func samplesOf32BitsAreReadExactly() throws {
    let clip = try AudioClip(contentsOf: file, sampleRate: nil)
    #expect(clip.sampleRate == 48_000 && clip.warnings.isEmpty && clip.samples.count == 5_000)
    #expect(TestAudio.largestDifference(clip.samples, expected) < 1e-7)
    #expect(try AudioClip(Data(contentsOf: file), sampleRate: nil).samples == clip.samples)
  }

  @Test func partsEqualSlicesOfTheWhole() throws {
    let whole = try AudioClip(contentsOf: file, sampleRate: nil).samples
    for (first, last) in [(0, 100), (1_024, 2_048), (1_500, 4_900), (4_900, 5_000)] {
      let part = try AudioClip(
        contentsOf: file, from: Double(first) / 48_000, to: Double(last) / 48_000, sampleRate: nil)
      #expect(part.samples == Array(whole[first..<last]) && part.warnings.isEmpty)
    }
    let sound = try AudioFile(file)
    #expect(try sound.clip(from: 0.08, sampleRate: nil).samples == Array(whole[3_840...]))
    #expect(
      try sound.clip(from: 0.01, to: 0.02, sampleRate: nil).samples == Array(whole[480..<960]))
  }

  @Test func whatIsCutShortIsReadUpToThere() throws {
    let data = try Data(contentsOf: file)
    let clip = try AudioClip(data.prefix(data.count * 7 / 10), sampleRate: nil)
    #expect(clip.samples.count == 3 * 1_024)
    #expect(clip.samples == Array(try AudioClip(data, sampleRate: nil).samples.prefix(3 * 1_024)))
    #expect(clip.warnings.count == 1)
    #expect(clip.warnings.first?.description.contains("the header declares") == true)
  }

  @Test func damageIsSafeAndTold() throws {
    let seed = UInt64.random(in: 0...9999)
    print("32-bit FLAC damage test: seed \(seed)")
    var random = RandomSource(seed: seed, stream: "flac damage")
    let data = try Data(contentsOf: file)
    for round in 0..<100 {
      var bytes = data
      for _ in 0..<3 {
        bytes[random.integer(below: round < 50 ? 64 : data.count)] =
          UInt8(truncatingIfNeeded: random.next())
      }
      do {
        let clip = try AudioClip(bytes, sampleRate: nil)
        #expect(clip.samples.allSatisfy { $0.isFinite }, "seed \(seed)")
      } catch {
        #expect(!"\(error)".contains("\n"), "seed \(seed)")
      }
    }
  }

  @Test(.enabled(if: SharedData.has("faults/audio/f32.flac")))
  func aRecordingWithOneChannelIsRead() throws {
    let clip = try AudioClip(contentsOf: SharedData.url("faults/audio/f32.flac"))
    #expect(clip.seconds == 2 && clip.warnings.isEmpty)
    #expect(TestAudio.rootMeanSquare(clip.samples) > 0.01)
  }
}
