/// A parameter's value in narrower numbers, for passes that record nothing: rounded once, read from
/// memory in a half or a quarter of the time.
enum NarrowWeight: Sendable {
  case bfloat16(BFloat16Matrix)
  case int8(QuantizedMatrix)

  /// - Parameter weight: `[out, in]`
  /// - Returns: nil for float32, which needs no other form.
  init?(_ weight: Tensor, _ precision: ComputePrecision) {
    switch precision {
    case .float32: return nil
    case .bfloat16: self = .bfloat16(BFloat16Matrix(rounding: weight))
    case .int8: self = .int8(QuantizedMatrix(rounding: weight))
    }
  }

  var precision: ComputePrecision {
    switch self {
    case .bfloat16: .bfloat16
    case .int8: .int8
    }
  }

  /// x · weightᵀ + bias: `[rows, in]` → `[rows, out]`
  func product(_ x: Tensor, bias: Tensor) -> Tensor {
    let y =
      switch self {
      case .bfloat16(let weight):
        matrixProduct(Factor(x, .bfloat16), .bfloat16(weight), transposing: .right)
      case .int8(let weight):
        weight.product(x)
      }
    Kernels.addBias(bias, toFresh: y)
    return y
  }
}
