import Foundation

/// The rate of all synthesised audio, which is the model's own.
let synthesizedSampleRateHertz: Float = 16_000

/// One cycle of a periodic wave, read at a phase that is a fraction of 2³² of the cycle, so that
/// it wraps by itself and a sample costs two reads instead of a sine.
struct SynthesizedWavetable: Sendable {
  private static let size = 1024
  private static let cycle: [Float] = (0..<size).map {
    Float(sin(2 * Double.pi * Double($0) / Double(size)))
  }
  static let sine = SynthesizedWavetable(harmonics: [1])

  /// `size + 1` numbers: the first again at the end, for the interpolation.
  private let values: [Float]

  /// - Parameter harmonics: The amplitudes of the fundamental and the harmonics above it.
  init(harmonics: [Float]) {
    var values = [Float](repeating: 0, count: Self.size + 1)
    for (order, amplitude) in harmonics.enumerated() where amplitude != 0 {
      for place in values.indices {
        values[place] += amplitude * Self.cycle[(place * (order + 1)) & (Self.size - 1)]
      }
    }
    self.values = values
  }

  /// Keeps the harmonics that a tone of `frequency` has below the Nyquist rate.
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

  /// What to add to a phase at each sample for a tone of the given frequency in hertz.
  static func step(_ frequency: Float) -> UInt32 {
    UInt32(Double(frequency) / Double(synthesizedSampleRateHertz) * 0x1p32)
  }
}

/// A linear rise and fall around a note, so that neither end clicks.
struct SynthesizedEnvelope {
  /// Samples from the note's start to the end of its fall.
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

/// White noise in [-1, 1) at the price of a few integer operations (a xorshift generator).
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
