import Foundation

extension SynthesizedStroke {
  /// Adds the stroke to `samples`, up to their end.
  func play(into samples: inout [Float], random: inout RandomSource) {
    let start = Int(startSeconds * synthesizedSampleRateHertz)
    guard start < samples.count else { return }
    switch drum {
    case .kick: Self.kick(at: start, &samples)
    case .snare: Self.snare(at: start, &samples, &random)
    case .hat: Self.hat(at: start, &samples, &random)
    }
  }

  /// A sine that falls from 170 to 45 Hz.
  private static func kick(at start: Int, _ samples: inout [Float]) {
    let envelope = SynthesizedEnvelope(
      attackSeconds: 0.001, heldSeconds: 0.16, releaseSeconds: 0.04)
    let sine = SynthesizedWavetable.sine
    let glide = exp(-1 / (0.03 * synthesizedSampleRateHertz))
    let decay = exp(-1 / (0.08 * synthesizedSampleRateHertz))
    let floorStep = Float(SynthesizedWavetable.step(45))
    var extraStep = Float(SynthesizedWavetable.step(125))
    var loudness: Float = 0.8
    var phase: UInt32 = 0
    for i in 0..<min(envelope.count, samples.count - start) {
      samples[start + i] += envelope.gain(at: i) * loudness * sine.value(at: phase)
      phase &+= UInt32(floorStep + extraStep)
      extraStep *= glide
      loudness *= decay
    }
  }

  /// Noise over a short tone of 185 Hz.
  private static func snare(
    at start: Int, _ samples: inout [Float], _ random: inout RandomSource
  ) {
    let envelope = SynthesizedEnvelope(
      attackSeconds: 0.001, heldSeconds: 0.14, releaseSeconds: 0.04)
    let sine = SynthesizedWavetable.sine
    let step = SynthesizedWavetable.step(185)
    let decay = exp(-1 / (0.05 * synthesizedSampleRateHertz))
    var noise = SynthesizedNoise(random: &random)
    var loudness: Float = 1
    var phase: UInt32 = 0
    for i in 0..<min(envelope.count, samples.count - start) {
      let value = 0.45 * noise.next() + 0.3 * sine.value(at: phase)
      samples[start + i] += envelope.gain(at: i) * loudness * value
      phase &+= step
      loudness *= decay
    }
  }

  /// Differences of noise, which keep its highest frequencies.
  private static func hat(at start: Int, _ samples: inout [Float], _ random: inout RandomSource) {
    let envelope = SynthesizedEnvelope(
      attackSeconds: 0.001, heldSeconds: 0.04, releaseSeconds: 0.02)
    let decay = exp(-1 / (0.02 * synthesizedSampleRateHertz))
    var noise = SynthesizedNoise(random: &random)
    var loudness: Float = 0.2
    var last: Float = 0
    for i in 0..<min(envelope.count, samples.count - start) {
      let value = noise.next()
      samples[start + i] += envelope.gain(at: i) * loudness * (value - last)
      last = value
      loudness *= decay
    }
  }
}
