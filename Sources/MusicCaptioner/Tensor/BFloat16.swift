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
  private let offset: Int

  /// All axes of `x` but the last run together as rows.
  init(rounding x: Tensor) {
    rowCount = x.rowCount
    width = x.width
    storage = TensorStorage(count: (x.count + 1) / 2)
    offset = 0
    let target = base
    Kernels.forEachBlock(of: x.count) { range in
      ck_float_to_bfloat16(
        target + range.lowerBound, x.readPointer + range.lowerBound, range.count)
    }
  }

  private init(rowCount: Int, width: Int, storage: TensorStorage, offset: Int) {
    self.rowCount = rowCount
    self.width = width
    self.storage = storage
    self.offset = offset
  }

  /// The same memory, some rows of it.
  func rows(_ range: Range<Int>) -> BFloat16Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount)
    return BFloat16Matrix(
      rowCount: range.count, width: width, storage: storage,
      offset: offset + range.lowerBound * width)
  }

  private var base: UnsafeMutablePointer<UInt16> {
    storage.base.bfloat16Bits + offset
  }

  /// Valid while the matrix is; wrap uses in `withExtendedLifetime`.
  var bits: UnsafePointer<UInt16> { UnsafePointer(base) }

  /// This matrix as the left or right of a product.
  func stridedMatrix(transposed: Bool = false) -> MatrixProduct.StridedMatrix<BFloat16> {
    MatrixProduct.StridedMatrix(
      base: UnsafeRawPointer(bits).assumingMemoryBound(to: BFloat16.self), stride: width,
      isTransposed: transposed)
  }
}
