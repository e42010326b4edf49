// IEEE 754 half precision (binary16), as files have it. No arithmetic here involves a denormal float32, so the
// results also hold under flush-to-zero.

extension Float {
  /// The value of a half-precision number, exactly.
  @inline(__always)
  init(half: UInt16) {
    let magnitude = UInt32(half & 0x7fff) << 13
    let exponent = magnitude & 0x0f80_0000
    // A half's exponent is biased by 15, a float's by 127; infinity and NaN need 31 → 255.
    let shifted = magnitude &+ (exponent == 0x0f80_0000 ? 224 << 23 : 112 << 23)
    // A denormal half is (its bits) · 2⁻²⁴: with an implicit one at exponent 2⁻¹⁴ it is a normal
    // float, and subtracting that one is exact.
    let small = Float(bitPattern: magnitude &+ 113 << 23) - Float(bitPattern: 113 << 23)
    let bits = exponent == 0 ? small.bitPattern : shifted
    self.init(bitPattern: bits | UInt32(half & 0x8000) << 16)
  }

  /// The nearest half-precision number, ties to even; NaN stays NaN.
  @inline(__always)
  var half: UInt16 {
    let sign = UInt16(truncatingIfNeeded: (bitPattern & 0x8000_0000) >> 16)
    let magnitude = bitPattern & 0x7fff_ffff
    // The processor's own rounding: at 0.5 the unit in the last place is 2⁻²⁴, the smallest half.
    let small = (Float(bitPattern: magnitude) + 0.5).bitPattern &- Float(0.5).bitPattern
    let normal = (magnitude &- 112 << 23 &+ 0xfff &+ (magnitude >> 13 & 1)) >> 13
    var result = magnitude < 0x3880_0000 ? small : normal  // 2⁻¹⁴
    result = magnitude >= 0x477f_f000 ? 0x7c00 : result  // 65,520 and more are infinite
    result = magnitude > 0x7f80_0000 ? 0x7e00 | (magnitude >> 13 & 0x3ff) : result
    return UInt16(truncatingIfNeeded: result) | sign
  }
}
