/// Weights, `[out, in]`, packed for products of inference. Narrow numbers are rounded once, and read from
/// memory in a half or a quarter of the time; float32 weights stay as they lie, in a mapped file if they
/// came from one.
enum PackedWeight: Sendable {
  case float32(Tensor)
  case bfloat16(WeightPanels)
  case int8(QuantizedMatrix)

  /// - Parameter weight: `[out, in]`
  init(_ weight: Tensor, _ precision: ComputePrecision) {
    switch precision {
    case .float32: self = .float32(weight)
    case .bfloat16: self = .bfloat16(WeightPanels(roundingToBFloat16: weight))
    case .int8: self = .int8(QuantizedMatrix(rounding: weight))
    }
  }

  var precision: ComputePrecision {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .int8: .int8
    }
  }

  var outputCount: Int {
    switch self {
    case .float32(let weight): weight.rowCount
    case .bfloat16(let weight): weight.outputCount
    case .int8(let weight): weight.outputCount
    }
  }

  var inputCount: Int {
    switch self {
    case .float32(let weight): weight.width
    case .bfloat16(let weight): weight.inputCount
    case .int8(let weight): weight.inputCount
    }
  }
}
