/// What a layer must know besides its input: whether to record for a backward pass, and the
/// randomness of dropout. One object serves one pass through the model.
final class ForwardPass {
  private let tape: Tape?
  private var random: RandomSource?
  /// Of matrix products.
  let precision: ComputePrecision

  private init(tape: Tape?, random: RandomSource?, precision: ComputePrecision) {
    self.tape = tape
    self.random = random
    self.precision = precision
  }

  /// Nothing is recorded and nothing dropped.
  static var inference: ForwardPass { inference(.float32) }

  /// The same, with weights and products in narrower numbers.
  static func inference(_ precision: ComputePrecision) -> ForwardPass {
    ForwardPass(tape: nil, random: nil, precision: precision)
  }

  /// Recorded on `tape`, with dropout masks drawn from `random`; `nil`: without dropout.
  static func training(
    on tape: Tape, random: RandomSource?, precision: ComputePrecision = .float32
  ) -> ForwardPass {
    ForwardPass(tape: tape, random: random, precision: precision)
  }

  /// Convolutions multiply as training does, and have no 8-bit form: they are a small part of captioning,
  /// and come first.
  var convolutionPrecision: ComputePrecision {
    precision == .float32 ? .float32 : ComputePrecision.bfloat16.inTraining
  }

  /// activation(x · weightᵀ + bias): `[rows, in]` → `[rows, out]`
  func linear(
    _ x: Variable, weight: Parameter, bias: Parameter,
    activation: AffineMap.Activation = .identity
  ) -> Variable {
    guard tape != nil else {
      return Variable(affineMap(weight, bias, activation)(x.value))
    }
    let y = MusicCaptioner.linear(
      x, weight: self(weight), bias: self(bias), precision: precision)
    return activation == .gelu ? gelu(y) : y
  }

  /// Several maps of one input: `[rows, in]` → `[rows, out]` each.
  func linear(_ x: Variable, _ maps: [Linear]) -> [Variable] {
    guard tape == nil else { return maps.map { $0(x, in: self) } }
    return AffineMap.apply(
      maps.map { affineMap($0.weight, $0.bias, .identity) }, to: x.value
    ).map { Variable($0) }
  }

  private func affineMap(
    _ weight: Parameter, _ bias: Parameter, _ activation: AffineMap.Activation
  ) -> AffineMap {
    AffineMap(weight: weight.weight(in: precision), bias: bias.value, activation: activation)
  }

  /// The parameter as a variable whose gradient returns to it.
  func callAsFunction(_ parameter: Parameter) -> Variable {
    guard let tape, parameter.isTrained else { return Variable(parameter.value) }
    return tape.leaf(parameter.value, of: parameter) { parameter.addGradient($0) }
  }

  func dropout(_ x: Variable, _ probability: Float) -> Variable {
    guard let key = nextKey(probability) else { return x }
    return MusicCaptioner.dropout(x, probability: probability, key: key)
  }

  /// residual + dropout(x)
  func dropoutAdd(_ x: Variable, residual: Variable, _ probability: Float) -> Variable {
    guard let key = nextKey(probability) else { return add(x, residual) }
    return MusicCaptioner.dropoutAdd(x, residual: residual, probability: probability, key: key)
  }

  func attentionDropout(_ probability: Float) -> AttentionDropout? {
    nextKey(probability).map { AttentionDropout(probability: probability, key: $0) }
  }

  private func nextKey(_ probability: Float) -> UInt64? {
    guard probability > 0 else { return nil }
    return random?.next()
  }
}
