import CKernels
import COneDNN
import COpenBLAS

/// Products of matrices in float32 or bfloat16: the one caller of BLAS and oneDNN.
///
/// Both libraries run on the calling thread only. Large products are cut into blocks of the result,
/// shared out through `WorkPool`; how they are cut depends on the sizes alone, and the sum behind an
/// element is never divided, so the result is the same for any number of threads.
enum MatrixProduct {
  /// A matrix in memory: element (i, j) is at `i * stride + j`, or at `j * stride + i` if it is
  /// used transposed.
  struct StridedMatrix<Scalar> {
    let base: UnsafePointer<Scalar>
    let stride: Int
    var isTransposed = false

    /// This operand from row (or column) `index` of the product on.
    fileprivate func advanced(by index: Int, alongStride: Bool) -> StridedMatrix {
      StridedMatrix(
        base: base + (alongStride ? index * stride : index), stride: stride,
        isTransposed: isTransposed)
    }
  }

  /// result [m, n] = left [m, k] · right [k, n] + beta · result, in float32.
  static func multiply<Scalar: ProductScalar>(
    m: Int, n: Int, k: Int, _ left: StridedMatrix<Scalar>, _ right: StridedMatrix<Scalar>,
    into result: UnsafeMutablePointer<Float>, stride: Int, beta: Float = 0
  ) {
    guard m > 0, n > 0 else { return }
    let grid = BlockGrid(m: m, n: n, k: k)
    WorkPool.shared.forEach(grid.count) { index in
      let (rows, columns) = grid[index]
      Scalar.multiplyBlock(
        Block(
          m: rows.count, n: columns.count, k: k,
          result: result + rows.lowerBound * stride + columns.lowerBound, stride: stride,
          beta: beta),
        left.advanced(by: rows.lowerBound, alongStride: !left.isTransposed),
        right.advanced(by: columns.lowerBound, alongStride: right.isTransposed))
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

/// Numbers that matrices can be multiplied in, with float32 sums.
protocol ProductScalar {
  static func multiplyBlock(
    _ block: MatrixProduct.Block, _ left: MatrixProduct.StridedMatrix<Self>,
    _ right: MatrixProduct.StridedMatrix<Self>)
}

extension Float: ProductScalar {
  /// On large blocks oneDNN's packing costs less than OpenBLAS's; on small ones it is the other way.
  private static let hasOneDNN = cod_has_float32() != 0
  private static let largeProduct = 1 << 20

  private static let oneThreadPerCall: Void = {
    ck_select_blas_kernels()
    openblas_set_num_threads(1)
  }()

  static func multiplyBlock(
    _ block: MatrixProduct.Block, _ left: MatrixProduct.StridedMatrix<Float>,
    _ right: MatrixProduct.StridedMatrix<Float>
  ) {
    if hasOneDNN && block.m * block.n * block.k >= largeProduct {
      let status = cod_float32_product(
        left.isTransposed ? 1 : 0, right.isTransposed ? 1 : 0, Int64(block.m), Int64(block.n),
        Int64(block.k), left.base, Int64(left.stride), right.base, Int64(right.stride),
        block.beta, block.result, Int64(block.stride))
      if status == 0 { return }
    }
    _ = oneThreadPerCall
    cblas_sgemm(
      CblasRowMajor, left.isTransposed ? CblasTrans : CblasNoTrans,
      right.isTransposed ? CblasTrans : CblasNoTrans, blasint(block.m), blasint(block.n),
      blasint(block.k), 1, left.base, blasint(left.stride), right.base, blasint(right.stride),
      block.beta, block.result, blasint(block.stride))
  }
}

extension BFloat16: ProductScalar {
  static func multiplyBlock(
    _ block: MatrixProduct.Block, _ left: MatrixProduct.StridedMatrix<BFloat16>,
    _ right: MatrixProduct.StridedMatrix<BFloat16>
  ) {
    let status = cod_bfloat16_product(
      left.isTransposed ? 1 : 0, right.isTransposed ? 1 : 0, Int64(block.m), Int64(block.n),
      Int64(block.k), words(left), Int64(left.stride), words(right), Int64(right.stride),
      block.beta, block.result, Int64(block.stride))
    precondition(status == 0, "oneDNN refused a bfloat16 product: status \(status)")
  }

  private static func words(
    _ operand: MatrixProduct.StridedMatrix<BFloat16>
  ) -> UnsafePointer<UInt16> {
    UnsafeRawPointer(operand.base).assumingMemoryBound(to: UInt16.self)
  }
}

extension Tensor {
  /// This tensor's rows as the left or right matrix of a product.
  func stridedMatrix(transposed: Bool = false) -> MatrixProduct.StridedMatrix<Float> {
    MatrixProduct.StridedMatrix(base: readPointer, stride: width, isTransposed: transposed)
  }
}
