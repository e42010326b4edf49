/// A table with one row of numbers, `model` wide, for each class (token, position).
public struct Embedding: Layer {
  public let weight: Parameter  // [classes, model]
  /// The class of padding, whose row stays zero.
  public let paddingIndex: Int?

  public init(classCount: Int, width: Int, std: Float, paddingIndex: Int? = nil) {
    weight = Parameter(
      [classCount, width], .normal(std: std, zeroRow: paddingIndex))
    self.paddingIndex = paddingIndex
  }

  /// - Parameter indices: Classes, each from 0 to below the number of classes.
  /// - Returns: `[indices, model]`
  public func callAsFunction(_ indices: [Int], in pass: ForwardPass) -> Variable {
    lookUp(indices, in: pass(weight), paddingIndex: paddingIndex)
  }

  public func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", weight)
  }
}

/// BART's learned positions, whose table has two unused rows in front.
struct LearnedPositions: Layer {
  static let offset = 2

  let table: Embedding  // [positions + 2, model]

  init(count: Int, width: Int, std: Float) {
    table = Embedding(classCount: count + Self.offset, width: width, std: std)
  }

  /// The positions of each sequence, one after another.
  func callAsFunction(_ layout: SequenceLayout, in pass: ForwardPass) -> Variable {
    table((0..<layout.count).flatMap { (0..<layout[$0].count).map { $0 + Self.offset } }, in: pass)
  }

  func visitParameters(_ visit: ParameterVisitor) { table.visitParameters(visit) }
}
