import Testing

@testable import MusicCaptioner

@Suite struct TapeTests {
  private final class Owner {}

  @Test func aVariableUsedTwiceCollectsBothGradients() {
    let tape = Tape()
    let owner = Owner()
    var gradient: Tensor?
    let x = tape.leaf(Tensor([2], [1, 2]), of: owner) { gradient = $0 }
    let y = add(scale(x, by: 3), add(x, x))
    tape.backward(from: y, cotangent: Tensor([2], [1, 10]))
    #expect(gradient?.values == [5, 50])
  }

  @Test func aLeafAskedForTwiceIsOneVariableAndReceivesOnce() {
    let tape = Tape()
    let owner = Owner()
    var received: [Float] = []
    func leaf() -> Variable {
      tape.leaf(Tensor(scalar: 2), of: owner) { received.append($0.scalar) }
    }
    tape.backward(from: add(leaf(), leaf()), cotangent: Tensor(scalar: 1))
    #expect(received == [2])
  }

  @Test(arguments: [false, true]) func whatIsAddedInPlaceMeetsWhatComesBeforeAndAfterIt(first: Bool)
  {
    let tape = Tape()
    let owner = Owner()
    var gradient: Tensor?
    let x = tape.leaf(Tensor([3, 1], [1, 2, 3]), of: owner) { gradient = $0 }
    // The backward pass meets them in the opposite order.
    let early = first ? lookUp([2, 0, 2], in: x) : scale(x, by: 5)
    let late = first ? scale(x, by: 5) : lookUp([2, 0, 2], in: x)
    tape.backward(from: add(early, late), cotangent: Tensor([3, 1], [1, 10, 100]))
    #expect(gradient?.values == [15, 50, 601])
  }

  @Test func operationsOnConstantsAreNotRecorded() {
    let y = gelu(scale(Variable(Tensor(scalar: 2)), by: 2))
    #expect(!y.requiresGradient)
  }

  @Test func whatTheOutputDoesNotDependOnReceivesNothing() {
    let tape = Tape()
    let (used, unused) = (Owner(), Owner())
    var touched = false
    let x = tape.leaf(Tensor(scalar: 1), of: used) { _ in }
    let other = tape.leaf(Tensor(scalar: 1), of: unused) { _ in touched = true }
    _ = gelu(other)
    tape.backward(from: scale(x, by: 2), cotangent: Tensor(scalar: 1))
    #expect(!touched)
  }

  @Test func activationsAreFreedWhileTheBackwardPassGoesOn() {
    let tape = Tape()
    let owner = Owner()
    final class Witness {}
    weak var saved: Witness?
    var wasFreed = false
    let x = tape.leaf(Tensor(scalar: 1), of: owner) { _ in wasFreed = saved == nil }
    func step() -> Variable {
      let witness = Witness()
      saved = witness
      return Variable(x.value, from: [x]) { dy in
        withExtendedLifetime(witness) { [dy] }
      }
    }
    let y = step()
    #expect(saved != nil)
    tape.backward(from: y, cotangent: Tensor(scalar: 1))
    #expect(wasFreed)
  }

  @Test func aSharedGradientIsNotChangedByItsOtherReceivers() {
    // add hands the same dy to both parents; accumulating into one must not change the other.
    let tape = Tape()
    let (a, b) = (Owner(), Owner())
    var gradients: [String: Float] = [:]
    let x = tape.leaf(Tensor(scalar: 1), of: a) { gradients["x"] = $0.scalar }
    let y = tape.leaf(Tensor(scalar: 1), of: b) { gradients["y"] = $0.scalar }
    tape.backward(from: add(add(x, y), x), cotangent: Tensor(scalar: 1))
    #expect(gradients == ["x": 2, "y": 1])
  }
}
