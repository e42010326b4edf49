/// What a layer must know besides its input: whether to record for a backward pass, and the
/// randomness of dropout. One object serves one pass through the model.
final class ForwardPass {
  private let tape: Tape?
  private var random: RandomSource?

  private init(tape: Tape?, random: RandomSource?) {
    self.tape = tape
    self.random = random
  }

  /// Nothing is recorded and nothing dropped.
  static var inference: ForwardPass { ForwardPass(tape: nil, random: nil) }

  /// Recorded on `tape`, with dropout masks drawn from `random`; `nil`: without dropout.
  static func training(on tape: Tape, random: RandomSource?) -> ForwardPass {
    ForwardPass(tape: tape, random: random)
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
