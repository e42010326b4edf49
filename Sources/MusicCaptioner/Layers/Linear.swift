/// y = x · weightᵀ + bias.
struct Linear: Layer {
  let weight: Parameter  // [out, in]
  let bias: Parameter  // [out]

  init(from inputWidth: Int, to outputWidth: Int, deviation: Float) {
    weight = Parameter([outputWidth, inputWidth], .normal(deviation: deviation))
    bias = Parameter([outputWidth], .constant(0))
  }

  /// `[rows, in]` → `[rows, out]`
  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    if let narrow = pass.narrowed(weight) {
      return Variable(narrow.product(x.value, bias: bias.value))
    }
    return linear(x, weight: pass(weight), bias: pass(bias), precision: pass.precision)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", weight)
    visit("bias", bias)
  }
}
