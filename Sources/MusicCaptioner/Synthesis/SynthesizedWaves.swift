import Foundation

/// The sample rate of all synthesized audio, which is the model's own.
let synthesizedSampleRateHertz: Float = 16_000

/// One cycle of a periodic wave. The phase counts fractions of 2³² of the cycle, so it wraps around
/// by itself, and a sample costs two reads instead of a sine.
struct SynthesizedWavetable: Sendable {
  private static let size = 1024
  private static let cycle: [Float] = (0..<size).map {
    Float(sin(2 * Double.pi * Double($0) / Double(size)))
  }
  static let sine = SynthesizedWavetable(harmonics: [1])

  /// `size + 1` values: the first is repeated at the end, for the interpolation.
  private let values: [Float]

  /// - Parameter harmonics: The amplitudes of the fundamental and its harmonics.
  init(harmonics: [Float]) {
    var values = [Float](repeating: 0, count: Self.size + 1)
    for (order, amplitude) in harmonics.enumerated() where amplitude != 0 {
      for place in values.indices {
        values[place] += amplitude * Self.cycle[(place * (order + 1)) & (Self.size - 1)]
      }
    }
    self.values = values
  }

  /// Keeps the harmonics that are below the Nyquist frequency for a tone of `frequency`.
  init(harmonics: [Float], below limit: Float = 7_600, frequency: Float) {
    self.init(harmonics: Array(harmonics.prefix(max(1, Int(limit / frequency)))))
  }

  @inline(__always)
  func value(at phase: UInt32) -> Float {
    let place = Int(phase >> 22)
    let fraction = Float(phase & 0x3f_ffff) * 0x1p-22
    let left = values[place]
    return left + fraction * (values[place + 1] - left)
  }

  /// The phase increment per sample for a tone of the given frequency in hertz.
  static func step(_ frequency: Float) -> UInt32 {
    UInt32(Double(frequency) / Double(synthesizedSampleRateHertz) * 0x1p32)
  }
}

/// A linear fade in and out of a note, so that neither end clicks.
struct SynthesizedEnvelope {
  /// Samples from the start of the note to the end of its fade.
  let count: Int
  private let riseStep: Float
  private let fallStep: Float

  init(attackSeconds: Float, heldSeconds: Float, releaseSeconds: Float) {
    let rate = synthesizedSampleRateHertz
    count = max(1, Int((heldSeconds + releaseSeconds) * rate))
    riseStep = 1 / (attackSeconds * rate)
    fallStep = 1 / (releaseSeconds * rate)
  }

  @inline(__always)
  func gain(at sample: Int) -> Float {
    min(1, Float(sample) * riseStep, Float(count - sample) * fallStep)
  }
}

/// White noise in [-1, 1) for a few integer operations per sample (a xorshift generator).
struct SynthesizedNoise {
  private var state: UInt32

  init(random: inout RandomSource) { state = UInt32(truncatingIfNeeded: random.next()) | 1 }

  @inline(__always)
  mutating func next() -> Float {
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    return Float(Int32(bitPattern: state)) * 0x1p-31
  }
}
