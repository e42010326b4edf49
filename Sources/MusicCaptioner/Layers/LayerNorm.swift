/// Each row brought to mean 0 and deviation 1, then scaled and shifted by element.
struct LayerNorm: Layer {
  let scale: Parameter  // [model]
  let shift: Parameter  // [model]
  let epsilon: Float

  init(width: Int, epsilon: Float = 1e-5) {
    scale = Parameter([width], .constant(1))
    shift = Parameter([width], .constant(0))
    self.epsilon = epsilon
  }

  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    layerNorm(x, scale: pass(scale), shift: pass(shift), epsilon: epsilon)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", scale)
    visit("bias", shift)
  }
}
