import Foundation

/// K-weighting (ITU-R BS.1770-4, annex 1) of two channels at once: a shelf that adds 4 dB to what is
/// above 1.7 kHz, for the head, then a high-pass filter at 38 Hz.
///
/// The standard gives coefficients for 48 kHz only. They are bilinear transforms of two analog
/// filters, whose frequencies, gain and quality follow from the coefficients and give those of any
/// other rate; at 48 kHz they give the standard's to all of its digits.
struct WeightingFilter {
  private var shelf: SecondOrderFilter
  private var highPass: SecondOrderFilter

  init(sampleRate: Int) {
    shelf = .highShelf(
      1681.974450955533, decibels: 3.999843853973347, quality: 0.7071752369554196,
      sampleRate: Double(sampleRate))
    highPass = .highPass(
      38.13547087602444, quality: 0.5003270373238773, sampleRate: Double(sampleRate))
  }

  @inline(__always)
  mutating func callAsFunction(_ x: SIMD2<Double>) -> SIMD2<Double> { highPass(shelf(x)) }

  /// Sets to zero what fades away after the music. Processors compute slowly with such numbers.
  mutating func forgetTinyNumbers() {
    shelf.forgetTinyNumbers()
    highPass.forgetTinyNumbers()
  }
}

/// Two poles and two zeros, for two channels (transposed direct form II).
struct SecondOrderFilter {
  var b0 = 1.0
  var b1 = 0.0
  var b2 = 0.0
  var a1 = 0.0
  var a2 = 0.0
  private var first = SIMD2<Double>.zero
  private var second = SIMD2<Double>.zero

  @inline(__always)
  mutating func callAsFunction(_ x: SIMD2<Double>) -> SIMD2<Double> {
    let y = b0 * x + first
    // In this order, so that the next sample waits for two operations only.
    first = (b1 * x + second) - a1 * y
    second = b2 * x - a2 * y
    return y
  }

  mutating func forgetTinyNumbers() {
    for lane in 0..<2 {
      if abs(first[lane]) < 1e-30 { first[lane] = 0 }
      if abs(second[lane]) < 1e-30 { second[lane] = 0 }
    }
  }

  static func highShelf(
    _ frequency: Double, decibels: Double, quality: Double, sampleRate: Double
  ) -> Self {
    var filter = Self()
    // At such low rates there is nothing that the shelf would raise.
    guard frequency < 0.49 * sampleRate else { return filter }
    let k = tan(.pi * frequency / sampleRate)
    let high = pow(10, decibels / 20)
    let middle = pow(high, 0.4996667741545416)
    let a0 = 1 + k / quality + k * k
    filter.b0 = (high + middle * k / quality + k * k) / a0
    filter.b1 = 2 * (k * k - high) / a0
    filter.b2 = (high - middle * k / quality + k * k) / a0
    filter.a1 = 2 * (k * k - 1) / a0
    filter.a2 = (1 - k / quality + k * k) / a0
    return filter
  }

  static func highPass(_ frequency: Double, quality: Double, sampleRate: Double) -> Self {
    var filter = Self()
    func denominator(_ k: Double) -> Double { 1 + k / quality + k * k }
    let k = tan(.pi * frequency / sampleRate)
    let a0 = denominator(k)
    // The standard's numerator at 48 kHz is 1, −2, 1, which raises everything by 0.04 dB. That is to
    // be the same at every rate.
    let gain = denominator(tan(.pi * frequency / 48_000)) / a0
    filter.b0 = gain
    filter.b1 = -2 * gain
    filter.b2 = gain
    filter.a1 = 2 * (k * k - 1) / a0
    filter.a2 = (1 - k / quality + k * k) / a0
    return filter
  }
}
