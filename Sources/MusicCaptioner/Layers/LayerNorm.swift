/// Each row brought to mean 0 and standard deviation 1, then multiplied by a scale and shifted, each of
/// `width` elements.
package struct LayerNorm: Layer {
  package let scale: Parameter  // [model]
  package let shift: Parameter  // [model]
  package let epsilon: Float

  package init(width: Int, epsilon: Float = 1e-5) {
    scale = Parameter([width], .constant(1))
    shift = Parameter([width], .constant(0))
    self.epsilon = epsilon
  }

  /// `[rows, model]` → the same
  package func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    layerNorm(x, scale: pass(scale), shift: pass(shift), epsilon: epsilon)
  }

  package func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", scale)
    visit("bias", shift)
  }
}
