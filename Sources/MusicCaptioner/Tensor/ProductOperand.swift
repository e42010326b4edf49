/// A matrix to be multiplied, in the numbers of the product: rounded once, used in several products,
/// and what is kept of it for the backward pass.
enum ProductOperand: Sendable {
  case float32(Tensor)
  case bfloat16(BFloat16Matrix)

  /// - Parameter precision: Of the product; `int8` is for ``QuantizedMatrix`` alone.
  init(_ x: Tensor, _ precision: ComputePrecision) {
    switch precision {
    case .float32: self = .float32(x)
    case .bfloat16: self = .bfloat16(BFloat16Matrix(rounding: x))
    case .int8: preconditionFailure("8-bit integers are for the weights of captioning")
    }
  }

  var precision: ComputePrecision {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    }
  }

  var rowCount: Int {
    switch self {
    case .float32(let x): x.rowCount
    case .bfloat16(let x): x.rowCount
    }
  }

  var width: Int {
    switch self {
    case .float32(let x): x.width
    case .bfloat16(let x): x.width
    }
  }

  /// Some rows, without copying.
  func rows(_ range: Range<Int>) -> ProductOperand {
    switch self {
    case .float32(let x): .float32(x.reshaped(to: [x.rowCount, x.width]).rows(range))
    case .bfloat16(let x): .bfloat16(x.rows(range))
    }
  }
}

/// A part of an operand: where it begins, in elements, and how its rows follow one another.
struct ProductOperandView {
  let operand: ProductOperand
  var start = 0
  let stride: Int
  var isTransposed = false

  init(_ operand: ProductOperand, start: Int = 0, stride: Int? = nil, isTransposed: Bool = false) {
    self.operand = operand
    self.start = start
    self.stride = stride ?? operand.width
    self.isTransposed = isTransposed
  }
}

extension MatrixProduct {
  /// result [m, n] = left [m, k] · right [k, n] + beta · result, in the operands' precision.
  static func multiply(
    m: Int, n: Int, k: Int, _ left: ProductOperandView, _ right: ProductOperandView,
    into result: UnsafeMutablePointer<Float>, stride: Int, beta: Float = 0
  ) {
    func shifted<Scalar>(
      _ whole: StridedMatrix<Scalar>, _ view: ProductOperandView
    ) -> StridedMatrix<Scalar> {
      StridedMatrix(
        base: whole.base + view.start, stride: view.stride, isTransposed: view.isTransposed)
    }
    // Strided matrices are bare addresses: the operands must outlive them.
    withExtendedLifetime((left, right)) {
      switch (left.operand, right.operand) {
      case (.float32(let a), .float32(let b)):
        multiply(
          m: m, n: n, k: k, shifted(a.stridedMatrix(), left), shifted(b.stridedMatrix(), right),
          into: result,
          stride: stride, beta: beta)
      case (.bfloat16(let a), .bfloat16(let b)):
        multiply(
          m: m, n: n, k: k, shifted(a.stridedMatrix(), left), shifted(b.stridedMatrix(), right),
          into: result,
          stride: stride, beta: beta)
      case (.float32, .bfloat16), (.bfloat16, .float32):
        preconditionFailure("the operands of a product have the same precision")
      }
    }
  }
}

/// Which matrix of a product is used transposed.
enum Transposition {
  case neither, left, right
}

/// The product of two matrices, `[m, k]` and `[k, n]` after the transposition asked for.
func matrixProduct(
  _ left: ProductOperand, _ right: ProductOperand, transposing: Transposition = .neither
) -> Tensor {
  let m = transposing == .left ? left.width : left.rowCount
  let k = transposing == .left ? left.rowCount : left.width
  let n = transposing == .right ? right.rowCount : right.width
  precondition(
    k == (transposing == .right ? right.width : right.rowCount),
    "no product of \(left.rowCount) × \(left.width) and \(right.rowCount) × \(right.width)")
  let result = Tensor(uninitialized: [m, n])
  MatrixProduct.multiply(
    m: m, n: n, k: k, ProductOperandView(left, isTransposed: transposing == .left),
    ProductOperandView(right, isTransposed: transposing == .right), into: result.freshPointer,
    stride: n)
  return result
}

/// The same of two tensors, in float32.
func matrixProduct(
  _ left: Tensor, _ right: Tensor, transposing: Transposition = .neither
) -> Tensor {
  matrixProduct(.float32(left), .float32(right), transposing: transposing)
}
