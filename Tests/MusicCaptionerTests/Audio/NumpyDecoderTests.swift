import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct NumpyDecoderTests {
  private func array(
    _ descr: String, _ shape: String, _ content: Data, order: String = "False",
    version: UInt8 = 1
  ) -> Data {
    var header = "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(shape), }"
    let sizeBytes = version == 1 ? 2 : 4
    while (8 + sizeBytes + header.utf8.count + 1) % 64 != 0 { header += " " }
    header += "\n"
    var bytes = Data([0x93] + Array("NUMPY".utf8) + [version, 0])
    for byte in 0..<sizeBytes { bytes.append(UInt8(header.utf8.count >> (8 * byte) & 255)) }
    return bytes + Data(header.utf8) + content
  }

  private func data<Element>(_ values: [Element]) -> Data { values.withUnsafeBytes { Data($0) } }

  private func problem(_ content: Data) -> String {
    do {
      _ = try AudioClip(content, name: "clip.npy")
      return ""
    } catch {
      #expect(ExitStatus(error) == .badData)
      return error.description
    }
  }

  private let samples: [Float] = [0, 0.5, -0.5, 1, -1, 0.25, 1e-3, -0.125]

  @Test func everyElementTypeAndByteOrderIsRead() throws {
    let halves = samples.map { Float16($0).bitPattern }
    let shorts = samples.map { Int16(max(-32_768, min(32_767, $0 * 32_768))) }
    for (descr, content, tolerance) in [
      ("<f4", data(samples), 0), (">f4", data(samples.map { $0.bitPattern.bigEndian }), 0),
      ("<f8", data(samples.map(Double.init)), 0),
      (">f8", data(samples.map { Double($0).bitPattern.bigEndian }), 0),
      ("<f2", data(halves), 1e-3), (">f2", data(halves.map(\.bigEndian)), 1e-3),
      ("<i2", data(shorts), 1e-4), (">i2", data(shorts.map(\.bigEndian)), 1e-4),
    ] as [(String, Data, Float)] {
      for version in [UInt8(1), 2, 3] {
        let clip = try AudioClip(array(descr, "(8,)", content, version: version))
        #expect(clip.sampleRate == 16_000 && clip.samples.count == 8 && clip.warnings.isEmpty)
        #expect(
          TestAudio.largestDifference(clip.samples, samples) <= tolerance, "\(descr) \(version)")
      }
    }
  }

  @Test func channelsAreMixedInEitherOrder() throws {
    let left = TestAudio.music(seconds: 0.3, rate: 16_000, seed: 1)
    let right = TestAudio.music(seconds: 0.3, rate: 16_000, seed: 2)
    let mixed = zip(left, right).map { ($0 + $1) * 0.5 }
    let shape = "(2, \(left.count))"
    let rows = try AudioClip(array("<f4", shape, data(left + right)))
    #expect(rows.samples == mixed)
    let interleaved = zip(left, right).flatMap { [$0, $1] }
    let columns = try AudioClip(array("<f4", shape, data(interleaved), order: "True"))
    #expect(columns.samples == mixed)
    let single = try AudioClip(array("<f4", "(1, \(left.count))", data(left)))
    #expect(single.samples == left)
  }

  @Test func partsEqualSlicesOfTheWhole() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "clip.npy")
      let music = TestAudio.music(seconds: 3, rate: 16_000)
      try array("<f4", "(\(music.count),)", data(music)).write(to: url)
      let part = try AudioClip(contentsOf: url, from: 1.25, to: 2)
      #expect(part.samples == Array(music[20_000..<32_000]))
      #expect(throws: AudioError.self) { _ = try AudioClip(contentsOf: url, from: 4) }
    }
  }

  @Test func whatIsCutShortOrNoNumberIsTold() throws {
    let music = TestAudio.music(seconds: 1, rate: 16_000)
    let whole = array("<f4", "(16000,)", data(music))
    let cut = try AudioClip(whole.dropLast(40_000))
    #expect(cut.samples == Array(music.prefix(6_000)))
    #expect(cut.warnings == [.cutShort(foundSeconds: 0.375, declaredSeconds: 1)])
    let rows = array("<f4", "(2, 8000)", data(music))
    #expect(problem(rows.dropLast(4)).contains("cut short: found 15999 of 16000 elements"))
    let longer = try AudioClip(whole + Data([1, 2, 3]))
    #expect(longer.warnings.map(\.description).joined().contains("3 bytes after the array"))
    let odd = try AudioClip(array("<f4", "(3,)", data([Float.nan, 0.5, .infinity])))
    #expect(odd.samples == [0, 0.5, 0] && odd.warnings == [.nonFiniteSamples(count: 2)])
  }

  @Test func otherArraysAreRefusedWithTheReason() {
    let content = Data(count: 64)
    for (descr, shape, words) in [
      ("|O", "(2,)", "found Python objects, which are never loaded"),
      (
        "<i8", "(8,)", "found elements of the type <i8; expected float32, float64, float16 or int16"
      ),
      ("|u1", "(64,)", "the type |u1"), ("<c8", "(8,)", "the type <c8"),
      ("<f4", "()", "the shape []"), ("<f4", "(2, 2, 2)", "the shape [2, 2, 2]"),
      ("<f4", "(16000, 2)", "transpose it"), ("<f4", "(0,)", "no audio samples"),
      ("<f4", "(0, 5)", "no audio samples"),
      ("<f4", "(99999999999999999999,)", "not a Python dictionary"),
      ("<f4", "(9999999999, 9999999999)", "the shape"), ("<f4", "(-5,)", "not a Python dictionary"),
    ] {
      let found = problem(array(descr, shape, content))
      #expect(found.hasPrefix("clip.npy: ") && found.contains(words), "\(found)")
    }
    let record = array("<f4", "(1,)", content)
    let text = String(decoding: record, as: Unicode.ASCII.self)
    #expect(text.contains("'<f4'"))
    var bytes = Array(record)
    let list = Array("[('a','<f4')]".utf8)
    if let place = record.range(of: Data("'<f4'".utf8)) {
      bytes.replaceSubrange(place, with: list)
      bytes[8] = UInt8(Int(bytes[8]) + list.count - 5)
    }
    #expect(problem(Data(bytes)).contains("found an array of records"))
    bytes[6] = 9
    #expect(problem(Data(bytes)).contains("version 9"))
    var long = record
    long[9] = 0xFF
    #expect(problem(long).contains("a header of 65"))
    let archive =
      Data([0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 26)) + Data("arr_0.npy".utf8)
    #expect(problem(archive).contains("a NumPy archive (.npz)"))
  }

  @Test func everyPrefixAndFlippedByteIsSafe() throws {
    let seed = UInt64.random(in: 0...9999)
    print("npy damage test: seed \(seed)")
    var random = RandomSource(seed: seed, stream: "npy damage")
    let whole = array("<f4", "(2, 100)", data(TestAudio.music(seconds: 0.0125, rate: 16_000)))
    for round in 0..<600 {
      var bytes = whole
      if round % 2 == 0 {
        bytes = bytes.prefix(random.integer(below: whole.count))
      } else {
        for _ in 0..<3 {
          bytes[random.integer(below: 128)] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      do {
        #expect(try AudioClip(bytes).samples.allSatisfy { $0.isFinite })
      } catch {
        #expect(!"\(error)".contains("\n"), "seed \(seed)")
      }
    }
  }

  @Test(.enabled(if: SharedData.has("faults/audio/wave.npy")))
  func aClipOfTheOfficialDataCodeIsRead() throws {
    let clip = try AudioClip(contentsOf: SharedData.url("faults/audio/wave.npy"))
    #expect(clip.seconds == 2 && clip.warnings.isEmpty)
    let wave = try AudioClip(contentsOf: SharedData.url("faults/audio/plain.wav"))
    #expect(TestAudio.largestDifference(clip.samples, wave.samples) < 1e-4)
  }
}
