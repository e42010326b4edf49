/// y = activation(x · weightᵀ + bias).
public struct Linear: Layer {
  public let weight: Parameter  // [out, in]
  public let bias: Parameter  // `out` elements

  /// - Parameter std: The standard deviation of the first weights; the bias starts at 0.
  public init(from inputWidth: Int, to outputWidth: Int, std: Float) {
    self.init(
      weight: Parameter([outputWidth, inputWidth], .normal(std: std)),
      bias: Parameter([outputWidth], .constant(0)))
  }

  /// A layer of parameters that belong to another one too, such as an embedding's table.
  ///
  /// - Parameters:
  ///   - weight: `[out, in]`
  ///   - bias: `out` elements
  public init(weight: Parameter, bias: Parameter) {
    self.weight = weight
    self.bias = bias
  }

  /// - Parameter x: `[rows, in]`
  /// - Returns: `[rows, out]`
  public func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    self(x, activation: .identity, in: pass)
  }

  /// A pass that is recorded multiplies by the weights as they are, and keeps what the backward pass needs.
  /// One that isn't multiplies by weights that are packed once, until they change.
  ///
  /// - Parameter x: `[rows, in]`
  /// - Returns: `[rows, out]`
  func callAsFunction(
    _ x: Variable, activation: Activation, in pass: ForwardPass
  ) -> Variable {
    guard pass.isRecorded else {
      let input = ProductOperand(x.value, pass.precision)
      return Variable(
        product(
          input, .packed(weight.packed(in: pass.precision)), bias: bias.value,
          activation: activation))
    }
    let y = linear(x, weight: pass(weight), bias: pass(bias), precision: pass.precision)
    return activation == .gelu ? gelu(y) : y
  }

  /// Several layers of one input: `[rows, in]` → `[rows, out]` each. In passes that aren't recorded, threads
  /// work on all of them at once.
  static func apply(_ layers: [Linear], to x: Variable, in pass: ForwardPass) -> [Variable] {
    guard !pass.isRecorded else { return layers.map { $0(x, in: pass) } }
    return products(
      ProductOperand(x.value, pass.precision),
      layers.map { ($0.weight.packed(in: pass.precision), bias: $0.bias.value) }
    ).map { Variable($0) }
  }

  public func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", weight)
    visit("bias", bias)
  }
}
