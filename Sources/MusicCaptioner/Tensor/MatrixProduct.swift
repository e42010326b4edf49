import CKernels
import COpenBLAS

/// Products of float32 matrices: the one caller of BLAS.
///
/// OpenBLAS runs on the calling thread only. Large products are cut into blocks of the result,
/// shared out through `WorkPool`; how they are cut depends on the sizes alone, and the sum behind an
/// element is never divided, so the result is the same for any number of threads.
enum MatrixProduct {
  /// A matrix in memory: element (i, j) is at `i * stride + j`, or at `j * stride + i` if it is
  /// used transposed.
  struct Operand {
    let base: UnsafePointer<Float>
    let stride: Int
    var isTransposed = false

    /// This operand from row (or column) `index` of the product on.
    fileprivate func advanced(by index: Int, alongStride: Bool) -> UnsafePointer<Float> {
      base + (alongStride ? index * stride : index)
    }
  }

  /// result [m, n] = alpha · left [m, k] · right [k, n] + beta · result
  static func multiply(
    m: Int, n: Int, k: Int, _ left: Operand, _ right: Operand,
    into result: UnsafeMutablePointer<Float>, stride: Int, alpha: Float = 1, beta: Float = 0
  ) {
    guard m > 0, n > 0 else { return }
    _ = oneThreadPerCall
    let blockCount = min(maximumBlockCount, m * n * max(k, 1) / smallestBlockProducts)
    if blockCount < 2 {
      call(m, n, k, left.base, left, right.base, right, result, stride, alpha, beta)
    } else if m >= n {
      let size = blockSize(m, blockCount)
      WorkPool.shared.forEach((m + size - 1) / size) { block in
        let row = block * size
        call(
          min(size, m - row), n, k, left.advanced(by: row, alongStride: !left.isTransposed), left,
          right.base, right, result + row * stride, stride, alpha, beta)
      }
    } else {
      let size = blockSize(n, blockCount)
      WorkPool.shared.forEach((n + size - 1) / size) { block in
        let column = block * size
        call(
          m, min(size, n - column), k, left.base, left,
          right.advanced(by: column, alongStride: right.isTransposed), right, result + column,
          stride, alpha, beta)
      }
    }
  }

  /// Enough blocks to keep 16 threads busy.
  private static let maximumBlockCount = 16
  /// Below this many multiplications a block costs more to hand out than it saves.
  private static let smallestBlockProducts = 1 << 20

  /// A multiple of 16, so that blocks end where the vector kernels' tiles do.
  private static func blockSize(_ size: Int, _ blockCount: Int) -> Int {
    ((size + blockCount - 1) / blockCount + 15) / 16 * 16
  }

  private static let oneThreadPerCall: Void = {
    ck_select_blas_kernels()
    openblas_set_num_threads(1)
  }()

  private static func call(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, _ left: Operand,
    _ b: UnsafePointer<Float>, _ right: Operand, _ c: UnsafeMutablePointer<Float>, _ stride: Int,
    _ alpha: Float, _ beta: Float
  ) {
    cblas_sgemm(
      CblasRowMajor, left.isTransposed ? CblasTrans : CblasNoTrans,
      right.isTransposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), alpha, a,
      blasint(left.stride), b, blasint(right.stride), beta, c, blasint(stride))
  }
}

extension Tensor {
  /// This tensor's rows as the left or right matrix of a product.
  func operand(transposed: Bool = false) -> MatrixProduct.Operand {
    MatrixProduct.Operand(base: readPointer, stride: width, isTransposed: transposed)
  }
}

/// Which matrix of a product is used transposed.
enum Transposition {
  case neither, left, right
}

/// The product of two matrices, `[m, k]` and `[k, n]` after the transposition asked for.
func matrixProduct(
  _ left: Tensor, _ right: Tensor, transposing: Transposition = .neither
) -> Tensor {
  let m = transposing == .left ? left.width : left.rowCount
  let k = transposing == .left ? left.rowCount : left.width
  let n = transposing == .right ? right.rowCount : right.width
  precondition(
    k == (transposing == .right ? right.width : right.rowCount),
    "no product of \(left.shape) and \(right.shape)")
  let result = Tensor(uninitialized: [m, n])
  MatrixProduct.multiply(
    m: m, n: n, k: k, left.operand(transposed: transposing == .left),
    right.operand(transposed: transposing == .right), into: result.freshPointer, stride: n)
  return result
}
