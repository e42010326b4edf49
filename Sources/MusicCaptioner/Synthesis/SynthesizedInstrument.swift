import Foundation

/// The instruments of the synthesized music. Each is synthesized differently, so that they differ
/// in attack, decay and spectrum and not just in tone color.
package enum SynthesizedInstrument: String, CaseIterable, Codable, Sendable {
  /// A few strong harmonics, held at full strength.
  case organ
  /// A plucked string (Karplus and Strong, Computer Music Journal 7(2), 1983).
  case guitar
  /// Almost a sine, with breath and vibrato.
  case flute
  /// Inharmonic partials that ring on.
  case bell
  /// Frequency modulation whose brightness follows its loudness (Chowning, JAES 21(7), 1973).
  case trumpet
  /// Three detuned sawtooths with a slow attack.
  case strings

  /// Adds a note to `samples`, up to their end.
  func play(_ note: SynthesizedNote, into samples: inout [Float], random: inout RandomSource) {
    let frequency = 440 * exp2(Float(note.midiNumber - 69) / 12)
    let start = Int(note.startSeconds * synthesizedSampleRateHertz)
    guard start < samples.count else { return }
    let held = note.durationSeconds
    switch self {
    case .organ: Self.organ(frequency, held, at: start, &samples)
    case .guitar: Self.guitar(frequency, held, at: start, &samples, &random)
    case .flute: Self.flute(frequency, held, at: start, &samples, &random)
    case .bell: Self.bell(frequency, at: start, &samples)
    case .trumpet: Self.trumpet(frequency, held, at: start, &samples)
    case .strings: Self.strings(frequency, held, at: start, &samples, &random)
    }
  }

  private static func organ(
    _ frequency: Float, _ held: Float, at start: Int, _ samples: inout [Float]
  ) {
    let envelope = SynthesizedEnvelope(
      attackSeconds: 0.01, heldSeconds: held - 0.04, releaseSeconds: 0.04)
    let table = SynthesizedWavetable(
      harmonics: [0.5, 0.45, 0.35, 0.3, 0, 0.2, 0, 0.2], frequency: frequency)
    let sine = SynthesizedWavetable.sine
    let step = SynthesizedWavetable.step(frequency)
    let tremoloStep = SynthesizedWavetable.step(6.5)
    var phase: UInt32 = 0
    var tremolo: UInt32 = 0
    for i in 0..<min(envelope.count, samples.count - start) {
      let loudness = envelope.gain(at: i) * (1 + 0.2 * sine.value(at: tremolo))
      samples[start + i] += 0.6 * loudness * table.value(at: phase)
      phase &+= step
      tremolo &+= tremoloStep
    }
  }

  private static func guitar(
    _ frequency: Float, _ held: Float, at start: Int, _ samples: inout [Float],
    _ random: inout RandomSource
  ) {
    let envelope = SynthesizedEnvelope(
      attackSeconds: 0.001, heldSeconds: held - 0.05, releaseSeconds: 0.05)
    // The string's loss filter, (1 - s)·x[n] + s·x[n-1], delays by about s samples; an all-pass
    // filter adds the fraction that the delay line's whole samples leave over. High strings lose
    // less per round, or they would fade at once, since they go around more often.
    let loss = min(0.5, 60 / frequency)
    let period = synthesizedSampleRateHertz / frequency - loss
    let length = max(2, Int(period - 0.3))
    let fraction = period - Float(length)
    let tuning = (1 - fraction) / (1 + fraction)
    let decay = exp(-1.1 / frequency)
    var noise = SynthesizedNoise(random: &random)
    var line = [Float](repeating: 0, count: length)
    // A soft pick: noise averaged over two points, without a DC offset.
    var previous = noise.next()
    for i in 0..<length {
      let current = noise.next()
      line[i] = 0.5 * (current + previous)
      previous = current
    }
    let mean = line.reduce(0, +) / Float(length)
    let energy = line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(length)
    let scale = 0.35 / max(energy, 1e-4).squareRoot()
    for i in 0..<length { line[i] = scale * (line[i] - mean) }

    var place = 0
    var last: Float = 0
    var tunedInput: Float = 0
    var tuned: Float = 0
    for i in 0..<min(envelope.count, samples.count - start) {
      let value = line[place]
      samples[start + i] += envelope.gain(at: i) * value
      let filtered = decay * ((1 - loss) * value + loss * last)
      last = value
      tuned = tuning * (filtered - tuned) + tunedInput
      tunedInput = filtered
      line[place] = tuned
      place += 1
      if place == length { place = 0 }
    }
  }

  private static func flute(
    _ frequency: Float, _ held: Float, at start: Int, _ samples: inout [Float],
    _ random: inout RandomSource
  ) {
    let envelope = SynthesizedEnvelope(
      attackSeconds: 0.07, heldSeconds: held - 0.06, releaseSeconds: 0.06)
    let table = SynthesizedWavetable(harmonics: [0.6, 0.08, 0.03], frequency: frequency)
    let sine = SynthesizedWavetable.sine
    let step = Float(SynthesizedWavetable.step(frequency))
    let vibratoStep = SynthesizedWavetable.step(5)
    var noise = SynthesizedNoise(random: &random)
    var breath: Float = 0
    var phase: UInt32 = 0
    var vibrato: UInt32 = 0
    for i in 0..<min(envelope.count, samples.count - start) {
      let bend = sine.value(at: vibrato)
      breath += 0.4 * (noise.next() - breath)
      let tone = table.value(at: phase) * (1 + 0.15 * bend)
      samples[start + i] += envelope.gain(at: i) * (tone + 0.07 * breath)
      phase &+= UInt32(step * (1 + 0.006 * bend))
      vibrato &+= vibratoStep
    }
  }

  /// Each partial is a decaying two-term recurrence; a vector computes all of them together.
  private static func bell(_ frequency: Float, at start: Int, _ samples: inout [Float]) {
    let ringSeconds: Float = 1.3
    let envelope = SynthesizedEnvelope(
      attackSeconds: 0.002, heldSeconds: ringSeconds - 0.1, releaseSeconds: 0.1)
    // The partials of a free bar (Fletcher and Rossing, The Physics of Musical Instruments, 2.15).
    let ratios = SIMD4<Double>(1, 2.756, 5.404, 8.933)
    let amplitudes = SIMD4<Double>(0.4, 0.3, 0.25, 0.15)
    let decaySeconds = SIMD4<Double>(0.7, 0.5, 0.3, 0.2)
    let rate = Double(synthesizedSampleRateHertz)
    var doubled = SIMD4<Double>.zero
    var squared = SIMD4<Double>.zero
    var current = SIMD4<Double>.zero
    var previous = SIMD4<Double>.zero
    for partial in 0..<4 {
      let hertz = ratios[partial] * Double(frequency)
      guard hertz < 7_600 else { continue }
      let angle = 2 * .pi * hertz / rate
      let radius = exp(-1 / (decaySeconds[partial] * rate))
      doubled[partial] = 2 * radius * cos(angle)
      squared[partial] = radius * radius
      // The values of a decaying sine at -1 and 0, so that the recurrence starts at zero.
      previous[partial] = -amplitudes[partial] * sin(angle) / radius
    }
    for i in 0..<min(envelope.count, samples.count - start) {
      samples[start + i] += envelope.gain(at: i) * Float(current.sum())
      let next = doubled * current - squared * previous
      previous = current
      current = next
    }
  }

  private static func trumpet(
    _ frequency: Float, _ held: Float, at start: Int, _ samples: inout [Float]
  ) {
    let envelope = SynthesizedEnvelope(
      attackSeconds: 0.05, heldSeconds: held - 0.06, releaseSeconds: 0.06)
    let sine = SynthesizedWavetable.sine
    let step = SynthesizedWavetable.step(frequency)
    // Sidebands extend to about (index + 1) times the frequency; the brightest stays below Nyquist.
    let index = min(4.5, 7_000 / frequency - 1.5)
    // From radians to fractions of 2³² of a cycle.
    let deviation = index * 0x1p32 / (2 * .pi)
    var phase: UInt32 = 0
    for i in 0..<min(envelope.count, samples.count - start) {
      let gain = envelope.gain(at: i)
      let shift = Int64(gain * deviation * sine.value(at: phase))
      samples[start + i] += 0.7 * gain * sine.value(at: phase &+ UInt32(truncatingIfNeeded: shift))
      phase &+= step
    }
  }

  private static func strings(
    _ frequency: Float, _ held: Float, at start: Int, _ samples: inout [Float],
    _ random: inout RandomSource
  ) {
    let envelope = SynthesizedEnvelope(
      attackSeconds: min(0.16, 0.6 * held), heldSeconds: held, releaseSeconds: 0.15)
    let table = SynthesizedWavetable(
      harmonics: (1...40).map { 0.3 / Float($0) }, frequency: frequency)
    let steps = [0.992, 1, 1.007].map { SynthesizedWavetable.step(frequency * $0) }
    var (first, second, third) = (
      UInt32(truncatingIfNeeded: random.next()), UInt32(truncatingIfNeeded: random.next()),
      UInt32(truncatingIfNeeded: random.next())
    )
    for i in 0..<min(envelope.count, samples.count - start) {
      let value = table.value(at: first) + table.value(at: second) + table.value(at: third)
      samples[start + i] += envelope.gain(at: i) * value
      first &+= steps[0]
      second &+= steps[1]
      third &+= steps[2]
    }
  }
}
