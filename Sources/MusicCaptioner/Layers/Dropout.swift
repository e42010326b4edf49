/// Elements zeroed at random, the others divided by the probability to stay, in passes that have
/// randomness; in others, x as it is.
public struct Dropout: Sendable {
  /// Of an element to be zeroed.
  public let probability: Float

  public init(_ probability: Float) { self.probability = probability }

  public func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    guard let mask = pass.dropoutMask(probability) else { return x }
    return dropout(x, mask: mask)
  }

  /// residual + dropout(x), the end of a sub-layer.
  func callAsFunction(_ x: Variable, addedTo residual: Variable, in pass: ForwardPass) -> Variable {
    guard let mask = pass.dropoutMask(probability) else { return add(x, residual) }
    return dropoutAdd(x, residual: residual, mask: mask)
  }
}
