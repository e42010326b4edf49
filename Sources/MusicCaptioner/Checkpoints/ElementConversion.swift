/// Conversions between float32 and the narrower formats, as plain loops over bit patterns that the
/// compiler can vectorize.
///
/// Uses unsafe pointers because the loops run over the bytes of mapped files. No arithmetic in them
/// involves a denormal float32, so the results also hold under flush-to-zero.
enum ElementConversion {
  /// Converts as many elements as `output` has. `bytes` needs no alignment and must hold that many.
  static func decode(
    _ bytes: UnsafeRawBufferPointer, as type: ElementType,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(type.isReadable && bytes.count >= output.count * type.byteCount)
    guard let source = bytes.baseAddress, let target = output.baseAddress else { return }
    switch type {
    case .float32:
      UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: output.count * 4)
    case .bfloat16:
      for index in 0..<output.count {
        let bits = source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        target[index] = Float(bitPattern: UInt32(bits) << 16)
      }
    case .float16:
      for index in 0..<output.count {
        target[index] = float(
          half: source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
      }
    default:
      for index in 0..<output.count {
        let bits = source.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
        target[index] = Float(Double(bitPattern: bits))
      }
    }
  }

  /// Appends the little-endian bytes of `values` in the given precision.
  static func encode(
    _ values: UnsafeBufferPointer<Float>, as precision: StoredPrecision, into bytes: inout [UInt8]
  ) {
    switch precision {
    case .float32:
      bytes.append(contentsOf: UnsafeRawBufferPointer(values))
    case .bfloat16, .float16:
      let isBrain = precision == .bfloat16
      let words = [UInt16](unsafeUninitializedCapacity: values.count) { target, count in
        if isBrain {
          for index in 0..<values.count { target[index] = brain(values[index]) }
        } else {
          for index in 0..<values.count { target[index] = half(values[index]) }
        }
        count = values.count
      }
      words.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
  }

  /// IEEE 754 binary16 to binary32, exactly.
  @inline(__always)
  static func float(half: UInt16) -> Float {
    let magnitude = UInt32(half & 0x7fff) << 13
    let exponent = magnitude & 0x0f80_0000
    // A half's exponent is biased by 15, a float's by 127; infinity and NaN need 31 → 255.
    let shifted = magnitude &+ (exponent == 0x0f80_0000 ? 224 << 23 : 112 << 23)
    // A denormal half is (its bits) · 2⁻²⁴: with an implicit one at exponent 2⁻¹⁴ it is a normal
    // float, and subtracting that one is exact.
    let small = Float(bitPattern: magnitude &+ 113 << 23) - Float(bitPattern: 113 << 23)
    let bits = exponent == 0 ? small.bitPattern : shifted
    return Float(bitPattern: bits | UInt32(half & 0x8000) << 16)
  }

  /// The nearest binary16, ties to even; NaN stays NaN.
  @inline(__always)
  static func half(_ value: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: (value.bitPattern & 0x8000_0000) >> 16)
    let magnitude = value.bitPattern & 0x7fff_ffff
    // The processor's own rounding: at 0.5 the unit in the last place is 2⁻²⁴, the smallest half.
    let small = (Float(bitPattern: magnitude) + 0.5).bitPattern &- Float(0.5).bitPattern
    let normal = (magnitude &- 112 << 23 &+ 0xfff &+ (magnitude >> 13 & 1)) >> 13
    var result = magnitude < 0x3880_0000 ? small : normal  // 2⁻¹⁴
    result = magnitude >= 0x477f_f000 ? 0x7c00 : result  // 65,520 and more are infinite
    result = magnitude > 0x7f80_0000 ? 0x7e00 | (magnitude >> 13 & 0x3ff) : result
    return UInt16(truncatingIfNeeded: result) | sign
  }

  /// The nearest bfloat16, ties to even; NaN stays NaN.
  @inline(__always)
  static func brain(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = bits &+ 0x7fff &+ (bits >> 16 & 1)
    let isNaN = bits & 0x7fff_ffff > 0x7f80_0000
    return UInt16(truncatingIfNeeded: (isNaN ? bits | 0x0040_0000 : rounded) >> 16)
  }
}
