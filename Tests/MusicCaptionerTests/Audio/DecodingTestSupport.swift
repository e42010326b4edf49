import CSndfile
import Foundation
import Testing

@testable import MusicCaptioner

extension TestAudio {
  /// A codec's file of `music`, as bytes.
  static func encoded(
    seconds: Double, rate: Int, channels: Int = 1, format: TestFormat, seed: UInt64 = 1
  ) throws -> Data {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "sound")
      let samples = music(seconds: seconds, rate: rate, channels: channels, seed: seed)
      #expect(write(samples, rate: rate, channels: channels, format: format.code, to: url))
      return try Data(contentsOf: url)
    }
  }

  /// What libsndfile decodes, mixed to mono.
  static func decodedByLibsndfile(_ data: Data) throws -> [Float] {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "sound")
      try data.write(to: url)
      var info = SF_INFO()
      let file = try #require(sf_open(url.path, Int32(SFM_READ), &info))
      defer { sf_close(file) }
      let channels = Int(info.channels)
      var block = [Float](repeating: 0, count: 1_024 * channels)
      var mono: [Float] = []
      while true {
        let count = Int(sf_readf_float(file, &block, 1_024))
        if count <= 0 { return mono }
        for frame in 0..<count {
          let sum = (0..<channels).reduce(Float(0)) { $0 + block[frame * channels + $1] }
          mono.append(channels == 2 ? sum * 0.5 : sum / Float(channels))
        }
      }
    }
  }

  /// All samples at the file's own rate.
  ///
  /// Checks that every way to read the file gives the same: in memory, whole, in parts and in chunks,
  /// at its own rate and converted.
  static func decoded(
    _ data: Data, tolerance: Float = 1e-6, _ comment: Comment? = nil
  ) throws -> AudioClip {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "sound")
      try data.write(to: url)
      let clip = try AudioClip(contentsOf: url, sampleRate: nil)
      let memory = try AudioClip(data, sampleRate: nil)
      #expect(memory.samples == clip.samples, comment)
      for rate in [clip.sampleRate, 16_000] {
        let whole = try AudioClip(contentsOf: url, sampleRate: rate).samples
        for (start, length) in [(0.3, 0.2), (0.71, 9.0), (1.9, 0.1)]
        where start < clip.seconds - 0.01 {
          let part = try AudioClip(
            contentsOf: url, from: start, to: start + length, sampleRate: rate)
          let first = Int((start * Double(rate)).rounded())
          let last = min(Int(((start + length) * Double(rate)).rounded()), whole.count)
          #expect(part.samples.count == last - first, comment)
          let difference = largestDifference(part.samples, whole[first..<last])
          #expect(difference <= tolerance, comment)
        }
        var options = ChunkOptions()
        options.sampleRate = rate
        for clipSeconds in rate == 16_000 ? [0.4] : [100] {
          options.clipSeconds = clipSeconds
          options.minimumSeconds = 0
          let reader = try AudioChunkReader(url, options)
          var joined: [Float] = []
          while let chunk = try reader.next() {
            joined += chunk.samples.prefix(chunk.contentCount)
          }
          #expect(joined.count == whole.count, comment)
          #expect(largestDifference(joined, whole) <= tolerance, comment)
        }
      }
      return clip
    }
  }

  /// Decodes damaged or hostile bytes: anything but a trap or an endless loop is right.
  ///
  /// - Returns: The number of samples; nil for an error.
  static func survives(_ data: Data, _ comment: Comment) -> Int? {
    do throws(AudioError) {
      let clip = try AudioClip(data, sampleRate: nil)
      #expect(clip.samples.allSatisfy { $0.isFinite }, comment)
      return clip.samples.count
    } catch {
      #expect(!error.description.contains("\n"), comment)
      return nil
    }
  }
}

/// Cuts, flips and repeats bytes at random.
struct RandomDamage {
  private var random: RandomSource

  init(seed: UInt64) { random = RandomSource(seed: seed, stream: "damage") }

  mutating func callAsFunction(_ data: Data) -> Data {
    var bytes = Data(data)
    switch random.integer(below: 4) {
    case 0: bytes = bytes.prefix(random.integer(below: bytes.count))
    case 1:
      let start = random.integer(below: bytes.count)
      bytes.removeSubrange(start..<min(bytes.count, start + 1 + random.integer(below: 700)))
    case 2:
      let limit = random.integer(below: 2) == 0 ? min(200, bytes.count) : bytes.count
      for _ in 0..<4 { bytes[random.integer(below: limit)] = UInt8(random.integer(below: 256)) }
    default:
      let start = random.integer(below: bytes.count)
      for index in start..<min(bytes.count, start + random.integer(below: 300)) {
        bytes[index] = UInt8(random.integer(below: 256))
      }
    }
    return Data(bytes)
  }

  mutating func bytes(_ count: Int) -> Data {
    Data((0..<count).map { _ in UInt8(random.integer(below: 256)) })
  }
}
