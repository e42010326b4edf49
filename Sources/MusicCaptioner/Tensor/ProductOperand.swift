/// A matrix in the numbers of a product: rounded once, used in several products, and what is kept of it
/// for the backward pass.
enum ProductOperand: Sendable {
  case float32(Tensor)
  case bfloat16(BFloat16Matrix)
  /// The input of products with packed weights.
  case int8(QuantizedRows)

  /// All axes of `x` but the last are run together as rows.
  init(_ x: Tensor, _ precision: ComputePrecision) {
    switch precision {
    case .float32: self = .float32(x)
    case .bfloat16: self = .bfloat16(BFloat16Matrix(rounding: x))
    case .int8: self = .int8(QuantizedRows(rounding: x))
    }
  }

  var rowCount: Int {
    switch self {
    case .float32(let x): x.rowCount
    case .bfloat16(let x): x.rowCount
    case .int8(let x): x.rowCount
    }
  }

  var width: Int {
    switch self {
    case .float32(let x): x.width
    case .bfloat16(let x): x.width
    case .int8(let x): x.width
    }
  }
}

/// An operand, or a part of one, as a product reads it.
struct MatrixView {
  let operand: ProductOperand
  private(set) var layout: MatrixLayout

  /// - Parameter layout: The operand's elements to use, by default all of them.
  init(_ operand: ProductOperand, _ layout: MatrixLayout? = nil) {
    self.operand = operand
    self.layout = layout ?? MatrixLayout(operand.rowCount, operand.width)
  }

  var transposed: MatrixView { MatrixView(operand, layout.transposed) }

  func columns(_ range: Range<Int>) -> MatrixView { MatrixView(operand, layout.columns(range)) }
}
