/// What a layer needs to know besides its input: whether the pass is recorded for a backward pass, the
/// randomness of dropout, and the precision of matrix products. One object serves one pass through a model.
public final class ForwardPass {
  private let tape: Tape?
  private var random: RandomSource?
  /// Of matrix products.
  public let precision: ComputePrecision

  private init(tape: Tape?, random: RandomSource?, precision: ComputePrecision) {
    self.tape = tape
    self.random = random
    self.precision = precision
  }

  /// Nothing is recorded and nothing dropped; float32.
  public static var inference: ForwardPass { inference(.float32) }

  /// Nothing is recorded and nothing dropped.
  public static func inference(_ precision: ComputePrecision) -> ForwardPass {
    ForwardPass(tape: nil, random: nil, precision: precision)
  }

  /// Recorded on `tape`.
  ///
  /// - Parameters:
  ///   - random: What dropout masks are drawn from; `nil` for no dropout.
  ///   - precision: `float32`, or `bfloat16` where the machine trains in it
  ///     (``ComputePrecision/inTraining``).
  public static func training(
    on tape: Tape, random: RandomSource?, precision: ComputePrecision = .float32
  ) -> ForwardPass {
    ForwardPass(tape: tape, random: random, precision: precision)
  }

  /// Whether a backward pass will follow.
  public var isRecorded: Bool { tape != nil }

  /// The parameter as a variable whose gradient returns to it.
  public func callAsFunction(_ parameter: Parameter) -> Variable {
    guard let tape, parameter.isTrained else { return Variable(parameter.value) }
    return tape.leaf(parameter.value, of: parameter) { parameter.addGradient($0) }
  }

  /// A new mask, or `nil` where nothing is dropped.
  func dropoutMask(_ probability: Float) -> DropoutMask? {
    guard probability > 0, let key = random?.next() else { return nil }
    return DropoutMask(probability: probability, key: key)
  }
}
