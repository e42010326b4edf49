/// A record of operations, from which gradients are computed.
///
/// Operations on variables of a tape append to it. `backward` walks it once from the end; each
/// step is dropped as soon as it has been used, and with it the activations that only it held.
/// A variable without a tape is a constant, and operations on constants cost their arithmetic alone.
///
/// A tape belongs to one task. It serves one forward and one backward pass.
public final class Tape {
  /// The gradients with respect to the parents, in their order; `nil` for a constant parent.
  public typealias Pullback = (_ dy: Tensor) -> [Tensor?]

  /// Adds the gradient with respect to the one parent to the sum of those from other operations.
  typealias InPlacePullback = (_ dy: Tensor, _ sum: inout Tensor) -> Void

  private struct Step {
    let parents: [Int?]
    let pullback: Pullback
  }

  private struct InPlaceStep {
    let parent: Int
    let parentShape: Shape
    let pullback: InPlacePullback
  }

  private enum Node {
    case step(Step)
    case inPlaceStep(InPlaceStep)
    case leaf(receive: (Tensor) -> Void)
  }

  private var nodes: [Node] = []
  private var gradients: [Tensor?] = []
  private var leaves: [ObjectIdentifier: Variable] = [:]

  public init() {}

  /// The variable of `owner`'s value on this tape. Its gradient goes to `receive`, once, when the
  /// backward pass has collected all of it.
  func leaf(
    _ value: Tensor, of owner: AnyObject, receive: @escaping (Tensor) -> Void
  ) -> Variable {
    if let known = leaves[ObjectIdentifier(owner)] { return known }
    let variable = append(value, .leaf(receive: receive))
    leaves[ObjectIdentifier(owner)] = variable
    return variable
  }

  fileprivate func record(
    _ value: Tensor, from parents: [Variable], pullback: @escaping Pullback
  ) -> Variable {
    append(value, .step(Step(parents: parents.map { $0.place?.index }, pullback: pullback)))
  }

  fileprivate func record(
    _ value: Tensor, from parent: Variable, at place: Int,
    addingInPlace pullback: @escaping InPlacePullback
  ) -> Variable {
    let step = InPlaceStep(parent: place, parentShape: parent.shape, pullback: pullback)
    return append(value, .inPlaceStep(step))
  }

  private func append(_ value: Tensor, _ node: Node) -> Variable {
    nodes.append(node)
    gradients.append(nil)
    return Variable(value, at: Variable.Place(tape: self, index: nodes.count - 1))
  }

  /// Computes the gradients of `output` times `cotangent` and hands them to the leaves.
  ///
  /// - Parameters:
  ///   - output: What was computed last, such as the loss.
  ///   - cotangent: The gradient to start from, in `output`'s shape; 1 for a loss.
  public func backward(from output: Variable, cotangent: Tensor = Tensor(scalar: 1)) {
    precondition(output.place?.tape === self, "the output was not computed on this tape")
    precondition(cotangent.count == output.value.count, "the cotangent has another shape")
    if let index = output.place?.index { gradients[index] = cotangent }
    leaves = [:]
    while let node = nodes.popLast() {
      guard let gradient = gradients.removeLast() else { continue }
      switch node {
      case .leaf(let receive):
        receive(gradient)
      case .step(let step):
        let contributions = step.pullback(gradient)
        precondition(
          contributions.count == step.parents.count, "a pullback forgot one of its parents")
        for (parent, contribution) in zip(step.parents, contributions) {
          if let parent, let contribution { add(contribution, to: parent) }
        }
      case .inPlaceStep(let step):
        // Taken out of the array, so that the sum is held here alone and grows in place.
        var sum = gradients[step.parent] ?? Tensor(zeros: step.parentShape)
        gradients[step.parent] = nil
        step.pullback(gradient, &sum)
        gradients[step.parent] = sum
      }
    }
  }

  private func add(_ contribution: Tensor, to index: Int) {
    guard var sum = gradients[index] else {
      gradients[index] = contribution
      return
    }
    gradients[index] = nil
    Kernels.accumulate(&sum, contribution)
    gradients[index] = sum
  }
}

/// A tensor, and its place on the tape that records it, if one does.
public struct Variable {
  fileprivate struct Place {
    let tape: Tape
    let index: Int
  }

  public let value: Tensor
  fileprivate let place: Place?

  /// A constant: no gradient is computed for it.
  public init(_ value: Tensor) {
    self.value = value
    self.place = nil
  }

  fileprivate init(_ value: Tensor, at place: Place) {
    self.value = value
    self.place = place
  }

  /// The result of an operation on `parents`. `pullback` is kept only if one requires a gradient,
  /// so what it captures is exactly what is saved for the backward pass.
  public init(_ value: Tensor, from parents: [Variable], pullback: @escaping Tape.Pullback) {
    guard let tape = parents.lazy.compactMap(\.place?.tape).first else {
      self.init(value)
      return
    }
    self = tape.record(value, from: parents, pullback: pullback)
  }

  /// The result of an operation whose gradient concerns only a small part of its one parent: it is added
  /// to the gradients of other operations, instead of being a tensor of its own.
  init(
    _ value: Tensor, from parent: Variable,
    addingInPlace pullback: @escaping Tape.InPlacePullback
  ) {
    guard let place = parent.place else {
      self.init(value)
      return
    }
    self = place.tape.record(value, from: parent, at: place.index, addingInPlace: pullback)
  }

  public var shape: Shape { value.shape }
  /// Whether it is on a tape, and not a constant.
  public var requiresGradient: Bool { place != nil }
}
