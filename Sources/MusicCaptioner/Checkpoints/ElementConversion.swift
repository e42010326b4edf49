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
        target[index] = Float(
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
          for index in 0..<values.count { target[index] = values[index].half }
        }
        count = values.count
      }
      words.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
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
