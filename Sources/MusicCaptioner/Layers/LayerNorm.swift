/// Each row brought to mean 0 and standard deviation 1, then multiplied by a scale and shifted, each of
/// `width` elements.
public struct LayerNorm: Layer {
  public let scale: Parameter  // [model]
  public let shift: Parameter  // [model]
  public let epsilon: Float

  public init(width: Int, epsilon: Float = 1e-5) {
    scale = Parameter([width], .constant(1))
    shift = Parameter([width], .constant(0))
    self.epsilon = epsilon
  }

  /// `[rows, model]` → the same
  public func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    layerNorm(x, scale: pass(scale), shift: pass(shift), epsilon: epsilon)
  }

  public func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", scale)
    visit("bias", shift)
  }
}
