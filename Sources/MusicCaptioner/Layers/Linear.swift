/// y = activation(x · weightᵀ + bias).
struct Linear: Layer {
  let weight: Parameter  // [out, in]
  let bias: Parameter  // [out]

  init(from inputWidth: Int, to outputWidth: Int, deviation: Float) {
    weight = Parameter([outputWidth, inputWidth], .normal(deviation: deviation))
    bias = Parameter([outputWidth], .constant(0))
  }

  /// `[rows, in]` → `[rows, out]`
  func callAsFunction(
    _ x: Variable, activation: AffineMap.Activation = .identity, in pass: ForwardPass
  ) -> Variable {
    pass.linear(x, weight: weight, bias: bias, activation: activation)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", weight)
    visit("bias", bias)
  }
}
