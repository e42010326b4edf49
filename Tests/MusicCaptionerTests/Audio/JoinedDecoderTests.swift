import Foundation
import Testing

@testable import MusicCaptioner

/// Parts that hold less than they promise.
@Suite struct JoinedDecoderTests {
  /// Counts upwards from 1, and has an end that may be earlier than declared.
  private final class Counter: SoundDecoder {
    let sampleRate = 16_000
    let channelCount = 1
    let declaredFrameCount: Int? = nil
    let warnings: [AudioWarning] = []
    private let end: Int
    private let lost: Range<Int>
    private var position = 0

    init(end: Int, lost: Range<Int>) { (self.end, self.lost) = (end, lost) }

    func seek(to frame: Int) -> Bool {
      if lost.contains(frame) { return false }
      position = frame
      return true
    }

    func read(_ frameCount: Int, into samples: UnsafeMutableBufferPointer<Float>) -> Int {
      let count = max(0, min(frameCount, end - position))
      for index in 0..<count { samples[index] = Float(position + index + 1) }
      position += count
      return count
    }
  }

  private func joined(end: Int = 100, lost: Range<Int> = 0..<0) -> JoinedDecoder {
    let part = { (end: Int, lost: Range<Int>) in
      JoinedDecoder.Part(sampleRate: 16_000, channelCount: 1, frameCount: 100) {
        () throws(AudioError) in Counter(end: end, lost: lost)
      }
    }
    return JoinedDecoder([part(end, lost), part(100, 0..<0)])
  }

  private func read(_ decoder: JoinedDecoder, _ count: Int) throws -> [Float] {
    var samples = [Float](repeating: -1, count: count)
    var done = 0
    while done < count {
      let found = try samples.withUnsafeMutableBufferPointer { (buffer) throws(AudioError) in
        try decoder.read(min(16, count - done), into: .init(rebasing: buffer[done...]))
      }
      if found == 0 { break }
      done += found
    }
    return Array(samples[..<done])
  }

  private let hundred = (1...100).map { Float($0) }

  @Test func anEarlyEndIsSilentAndTold() throws {
    #expect(try read(joined(), 300) == hundred + hundred)
    #expect(joined().warnings.isEmpty)
    let decoder = joined(end: 70)
    let expected = hundred.prefix(70) + [Float](repeating: 0, count: 30) + hundred
    #expect(try read(decoder, 300) == Array(expected))
    #expect(
      decoder.warnings.map(\.description) == [
        "damaged: parts of the sound can't be decoded and are silent"
      ])
    // Back to what is there.
    #expect(decoder.seek(to: 60))
    #expect(try read(decoder, 60) == Array(expected[60..<120]))
  }

  @Test func whatFollowsAFailedSeekIsInItsPlace() throws {
    let decoder = joined(lost: 20..<40)
    #expect(decoder.seek(to: 30))
    let samples = try read(decoder, 100)
    #expect(samples.count == 100 && decoder.warnings.count == 1)
    for (index, sample) in samples.enumerated() {
      let place = Float((30 + index) % 100 + 1)
      #expect(sample == place || sample == 0 && index < 26, "\(index): \(sample)")
    }
    #expect(samples.last == 30)
  }
}

/// Files that the system refuses to read.
@Suite struct UnreadableSoundTests {
  /// Nothing is at the beginning of this process's memory: reading it is an error of the device.
  private func unreadable(behind head: Data, size: Int) throws -> SoundSource {
    let file = SoundSource(
      try Descriptor(opening: "/proc/self/mem", for: .reading), size: size, path: "song")
    return SoundSource(Array(head), part: 0..<size, of: file)
  }

  @Test func aFailureToReadIsNoEnd() throws {
    let samples = TestAudio.music(seconds: 1, rate: 16_000)
    let wave = TestAudio.floatWave(samples)
    let flac = try TestAudio.encoded(seconds: 1, rate: 16_000, format: .flac)
    let mp3 = try TestAudio.encoded(seconds: 1, rate: 16_000, format: .mp3)
    for data in [wave, flac, mp3] {
      for count in [0, 20, data.count / 2] {
        let error = #expect(throws: AudioError.self) {
          let file = try AudioFile(
            unreadable(behind: data.prefix(count), size: data.count - count))
          _ = try file.clip(sampleRate: nil)
        }
        guard case .file? = error?.reason else { return #expect(Bool(false), "\(error!)") }
        #expect(error?.description.hasPrefix("song: can't be read: ") == true, "\(error!)")
      }
    }
  }

  @Test func partsOfASourceFollowOneAnother() throws {
    let source = try SoundSource(inMemory: Data(0..<100), path: "bytes")
    let inner = SoundSource([200, 201], parts: [10..<20, 30..<30, 50..<55, 90..<200], of: source)
    let expected = [200, 201] + Array(10..<20) + Array(50..<55) + Array(90..<100) as [UInt8]
    #expect(inner.size == expected.count)
    for start in 0...expected.count {
      for count in [1, 3, 100] {
        #expect(inner.bytes(count, at: start) == Array(expected[start...].prefix(count)))
      }
    }
    let part = SoundSource([7], part: 1..<14, of: inner)
    #expect(part.bytes(100, at: 0) == [7] + expected[1..<14])
  }
}
