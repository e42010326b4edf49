import CSndfile
import Foundation

@testable import MusicCaptioner

/// Sounds, files and references that the audio tests share.
enum TestAudio {
  /// Three gliding partials and a little noise: no two milliseconds are alike, and nothing is above
  /// 3 kHz but the noise, so that codecs and resamplers keep most of it.
  static func music(
    seconds: Double, rate: Int, channels: Int = 1, seed: UInt64 = 1
  ) -> [Float] {
    var random = RandomSource(seed: seed, stream: "test music")
    let count = Int(seconds * Double(rate))
    var samples: [Float] = []
    samples.reserveCapacity(count * channels)
    for frame in 0..<count {
      let t = Double(frame) / Double(rate)
      for channel in 0..<channels {
        var value = 0.0
        for partial in 1...3 {
          let pitch = 220.0 * Double(partial) + 40 * Double(channel)
          value += sin(2 * .pi * (pitch * t + 25 * t * t)) / Double(2 * partial)
        }
        samples.append(Float(0.4 * value) + 0.01 * (random.uniform() - 0.5))
      }
    }
    return samples
  }

  /// Writes interleaved samples through libsndfile; false where this build has no such encoder.
  static func write(
    _ samples: [Float], rate: Int, channels: Int, format: Int, to url: URL
  ) -> Bool {
    var info = SF_INFO()
    info.samplerate = Int32(rate)
    info.channels = Int32(channels)
    info.format = Int32(format)
    guard let file = sf_open(url.path, Int32(SFM_WRITE), &info) else { return false }
    defer { sf_close(file) }
    return sf_writef_float(file, samples, Int64(samples.count / channels))
      == Int64(samples.count / channels)
  }

  /// The bytes of a 32-bit float WAV file with any header that a test likes.
  static func floatWave(_ samples: [Float], rate: UInt32 = 16_000, channels: UInt16 = 1) -> Data {
    var bytes = Data()
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.append(contentsOf: "RIFF".utf8)
    append(UInt32(36 + 4 * samples.count))
    bytes.append(contentsOf: "WAVEfmt ".utf8)
    append(UInt32(16))
    append(UInt16(3))
    append(channels)
    append(rate)
    append(rate &* UInt32(channels) &* 4)
    append(channels &* 4)
    append(UInt16(32))
    bytes.append(contentsOf: "data".utf8)
    append(UInt32(4 * samples.count))
    for sample in samples { append(sample.bitPattern) }
    return bytes
  }

  static func largestDifference(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  static func rootMeanSquare(_ values: some Collection<Float>) -> Double {
    (values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, values.count)))
      .squareRoot()
  }

  /// A float32 tensor of a safetensors file of goldens, read without the library's own reader, which
  /// audio doesn't know.
  static func golden(_ name: String, in path: String) throws -> [Float] {
    let data = try Data(contentsOf: SharedData.url(path))
    let headerSize = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.1) << (8 * $1.0) }
    let header = try JSONSerialization.jsonObject(with: data.dropFirst(8).prefix(headerSize))
    guard let table = header as? [String: Any], let entry = table[name] as? [String: Any],
      let offsets = entry["data_offsets"] as? [Int]
    else { throw CocoaError(.keyValueValidation) }
    let bytes = [UInt8](data[(8 + headerSize + offsets[0])..<(8 + headerSize + offsets[1])])
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  static func json(_ path: String) throws -> [String: Any] {
    let data = try Data(contentsOf: SharedData.url(path))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  static func jsonLines(_ path: String) throws -> [[String: Any]] {
    try String(contentsOf: SharedData.url(path), encoding: .utf8).split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
    }
  }
}
