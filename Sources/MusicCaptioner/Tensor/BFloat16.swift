import CKernels

/// A float32 number's upper half: eight bits of exponent, seven of mantissa.
struct BFloat16: Sendable {
  let bits: UInt16
}

extension UnsafePointer<Float> {
  /// The memory of floats that is used for bfloat16 numbers alone: two in the place of each float.
  var bfloat16Bits: UnsafePointer<UInt16> {
    UnsafeRawPointer(self).assumingMemoryBound(to: UInt16.self)
  }
}

extension UnsafeMutablePointer<Float> {
  /// The memory of floats that is used for bfloat16 numbers alone: two in the place of each float.
  var bfloat16Bits: UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt16.self)
  }
}

/// A row-major matrix of bfloat16 numbers, rounded to the nearest (ties to even) from float32.
struct BFloat16Matrix: Sendable {
  let rowCount: Int
  let width: Int
  /// Two numbers in the place of each float.
  private let storage: TensorStorage

  /// All axes of `x` but the last are run together as rows.
  init(rounding x: Tensor) {
    rowCount = x.rowCount
    width = x.width
    storage = TensorStorage(count: (x.count + 1) / 2)
    let target = storage.base.bfloat16Bits
    Kernels.forEachBlock(of: x.count) { range in
      ck_float_to_bfloat16(
        target + range.lowerBound, x.readPointer + range.lowerBound, range.count)
    }
  }

  /// Valid while the matrix is; wrap uses in `withExtendedLifetime`.
  var bits: UnsafePointer<UInt16> { UnsafePointer(storage.base.bfloat16Bits) }

  /// The same numbers, as a product's operand has them.
  var numbers: UnsafePointer<BFloat16> {
    UnsafeRawPointer(bits).assumingMemoryBound(to: BFloat16.self)
  }
}
