import COneDNN
import COpenBLAS

/// Products of matrices as they lie in memory, in float32 or bfloat16: the one caller of BLAS and oneDNN.
///
/// Both libraries run on the calling thread only. Large products are cut into blocks of the result,
/// shared out through `WorkPool`; how they are cut depends on the sizes alone, and the sum behind an
/// element is never divided, so the result is the same for any number of threads.
enum MatrixProduct {
  /// A matrix of numbers at an address.
  struct StridedMatrix<Scalar> {
    let base: UnsafePointer<Scalar>
    var layout: MatrixLayout

    init(_ base: UnsafePointer<Scalar>, _ layout: MatrixLayout) {
      self.base = base
      self.layout = layout
    }

    var transposed: StridedMatrix { StridedMatrix(base, layout.transposed) }

    fileprivate var first: UnsafePointer<Scalar> { base + layout.start }
    fileprivate var stride: Int { layout.stride }
    fileprivate var isTransposed: Bool { layout.isTransposed }
  }

  /// result [m, n] = left [m, k] · right [k, n] + beta · result, in the operands' precision.
  ///
  /// - Parameter stride: Elements from one row of the result to the next.
  static func multiply(
    _ left: MatrixView, _ right: MatrixView, into result: UnsafeMutablePointer<Float>, stride: Int,
    beta: Float = 0
  ) {
    // Strided matrices are bare addresses: the operands must outlive them.
    withExtendedLifetime((left, right)) {
      switch (left.operand, right.operand) {
      case (.float32(let a), .float32(let b)):
        multiply(
          StridedMatrix(a.readPointer, left.layout), StridedMatrix(b.readPointer, right.layout),
          into: result, stride: stride, beta: beta)
      case (.bfloat16(let a), .bfloat16(let b)):
        multiply(
          StridedMatrix(a.numbers, left.layout), StridedMatrix(b.numbers, right.layout),
          into: result, stride: stride, beta: beta)
      default:
        preconditionFailure(
          "the operands of a product have the same precision, 8 bits with packed weights only")
      }
    }
  }

  /// The same of matrices whose memory the caller keeps alive.
  static func multiply<Scalar: ProductScalar>(
    _ left: StridedMatrix<Scalar>, _ right: StridedMatrix<Scalar>,
    into result: UnsafeMutablePointer<Float>, stride: Int, beta: Float = 0
  ) {
    let (m, n, k) = (left.layout.rowCount, right.layout.columnCount, left.layout.columnCount)
    precondition(
      k == right.layout.rowCount, "no product of \(m) × \(k) and \(right.layout.rowCount) × \(n)")
    guard m > 0, n > 0 else { return }
    let grid = BlockGrid(m: m, n: n, k: k)
    WorkPool.shared.forEach(grid.count) { index in
      let (rows, columns) = grid[index]
      Scalar.multiplyBlock(
        Block(
          m: rows.count, n: columns.count, k: k,
          result: result + rows.lowerBound * stride + columns.lowerBound, stride: stride,
          beta: beta),
        StridedMatrix(left.base, left.layout.rows(rows)),
        StridedMatrix(right.base, right.layout.columns(columns)))
    }
  }

  /// A part of a product that one thread computes.
  struct Block {
    let m: Int
    let n: Int
    let k: Int
    let result: UnsafeMutablePointer<Float>
    let stride: Int
    let beta: Float
  }
}

/// Numbers that a library multiplies, with float32 sums.
protocol ProductScalar {
  /// Calls the library, which has to be ready.
  static func multiply(
    _ block: MatrixProduct.Block, _ left: MatrixProduct.StridedMatrix<Self>,
    _ right: MatrixProduct.StridedMatrix<Self>)
}

extension ProductScalar {
  fileprivate static func multiplyBlock(
    _ block: MatrixProduct.Block, _ left: MatrixProduct.StridedMatrix<Self>,
    _ right: MatrixProduct.StridedMatrix<Self>
  ) {
    _ = MatrixLibraries.areReady
    ProductGate.shared { multiply(block, left, right) }
  }
}

extension Float: ProductScalar {
  /// On large blocks oneDNN's packing costs less than OpenBLAS's; on small ones it is the other way.
  private static let hasOneDNN = cod_has_float32() != 0
  private static let largeProduct = 1 << 20

  static func multiply(
    _ block: MatrixProduct.Block, _ left: MatrixProduct.StridedMatrix<Float>,
    _ right: MatrixProduct.StridedMatrix<Float>
  ) {
    if hasOneDNN && block.m * block.n * block.k >= largeProduct {
      let status = cod_float32_product(
        left.isTransposed ? 1 : 0, right.isTransposed ? 1 : 0, Int64(block.m), Int64(block.n),
        Int64(block.k), left.first, Int64(left.stride), right.first, Int64(right.stride),
        block.beta, block.result, Int64(block.stride))
      if status == 0 { return }
    }
    let refusedBytes = cob_float32_product(
      left.isTransposed ? 1 : 0, right.isTransposed ? 1 : 0, Int32(block.m), Int32(block.n),
      Int32(block.k), left.first, Int32(left.stride), right.first, Int32(right.stride), block.beta,
      block.result, Int32(block.stride))
    precondition(
      refusedBytes == 0, "out of memory: OpenBLAS was refused \(refusedBytes) bytes")
  }
}

extension BFloat16: ProductScalar {
  static func multiply(
    _ block: MatrixProduct.Block, _ left: MatrixProduct.StridedMatrix<BFloat16>,
    _ right: MatrixProduct.StridedMatrix<BFloat16>
  ) {
    func bits(_ matrix: MatrixProduct.StridedMatrix<BFloat16>) -> UnsafePointer<UInt16> {
      UnsafeRawPointer(matrix.first).assumingMemoryBound(to: UInt16.self)
    }
    let status = cod_bfloat16_product(
      left.isTransposed ? 1 : 0, right.isTransposed ? 1 : 0, Int64(block.m), Int64(block.n),
      Int64(block.k), bits(left), Int64(left.stride), bits(right), Int64(right.stride),
      block.beta, block.result, Int64(block.stride))
    precondition(status == 0, "oneDNN refused a bfloat16 product: status \(status)")
  }
}
