/// A matrix of weights in the numbers that passes without a backward multiply in. Narrow ones are
/// rounded once, and read from memory in a half or a quarter of the time.
enum InferenceWeight: Sendable {
  case floating(Factor)
  case int8(QuantizedMatrix)

  /// - Parameter weight: `[out, in]`
  init(_ weight: Tensor, _ precision: ComputePrecision) {
    switch precision {
    case .float32, .bfloat16: self = .floating(Factor(weight, precision))
    case .int8: self = .int8(QuantizedMatrix(rounding: weight))
    }
  }

  var precision: ComputePrecision {
    switch self {
    case .floating(let weight): weight.precision
    case .int8: .int8
    }
  }

  var outputCount: Int {
    switch self {
    case .floating(let weight): weight.rowCount
    case .int8(let weight): weight.outputCount
    }
  }

  var inputCount: Int {
    switch self {
    case .floating(let weight): weight.width
    case .int8(let weight): weight.inputCount
    }
  }
}
