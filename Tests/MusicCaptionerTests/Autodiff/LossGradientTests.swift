import Testing

@testable import MusicCaptioner

/// The losses, which are sums, and their pullbacks against differences.
@Suite struct LossGradientTests {
  private struct Rows {
    let hidden: Tensor
    let targets: [Int]
    let table = randomTensor([11, 6], seed: 26)
    let bias = randomTensor([1, 11], seed: 24)

    init(_ count: Int) {
      hidden = randomTensor([count, 6], seed: 25)
      var random = RandomSource(seed: 23, stream: "targets")
      targets = (0..<count).map { _ in random.integer(below: 11) }
    }

    /// The loss of some of the rows.
    func loss(
      _ range: Range<Int>, hidden: Variable? = nil, table: Variable? = nil, smoothing: Float
    ) -> Variable {
      vocabularyLoss(
        hidden: hidden ?? Variable(self.hidden.rows(range)), table: table ?? Variable(self.table),
        bias: bias, targets: Array(targets[range]), labelSmoothing: smoothing)
    }
  }

  /// Rows of a part of a block, of a block, and of two blocks and a part: the table's gradient is
  /// added up over blocks.
  @Test(arguments: [5, vocabularyLossRows, 2 * vocabularyLossRows + 7], [Float(0), 0.1])
  func vocabularyLossMatchesDifferences(_ count: Int, _ smoothing: Float) {
    let rows = Rows(count)
    // A sum of many rows has float32's rounding of many: where it is large, so is the step. The
    // gradient of the hidden rows, one row's, is checked by the smaller counts and by parts below.
    GradientCheck(
      inputs: [rows.table],
      operation: {
        rows.loss(0..<count, hidden: Variable(rows.hidden), table: $0[0], smoothing: smoothing)
      }, tolerance: 8e-3, step: 3e-2
    ).run("vocabularyLoss, table", seed: 13)
    guard count < vocabularyLossRows else { return }
    GradientCheck(
      inputs: [rows.hidden],
      operation: { rows.loss(0..<count, hidden: $0[0], smoothing: smoothing) }, tolerance: 8e-3,
      step: 3e-2
    ).run("vocabularyLoss, hidden", seed: 13)
  }

  @Test(arguments: [Float(0), 0.1])
  func vocabularyLossOfManyRowsIsTheSumOfThoseOfItsParts(_ smoothing: Float) throws {
    let count = 2 * vocabularyLossRows + 7
    let rows = Rows(count)
    let whole = gradients(rows, 0..<count, smoothing)
    var loss: Float = 0
    var hidden: [Float] = []
    var table = [Float](repeating: 0, count: rows.table.count)
    // Parts that no block of the whole begins or ends with.
    for start in stride(from: 0, to: count, by: 50) {
      let part = gradients(rows, start..<min(count, start + 50), smoothing)
      loss += part.loss
      hidden += part.hidden
      table = zip(table, part.table).map { $0 + $1 }
    }
    #expect(abs(loss - whole.loss) < 1e-5 * whole.loss)
    #expect(zip(hidden, whole.hidden).allSatisfy { abs($0 - $1) < 1e-5 })
    // Sums of hundreds of numbers around 1.
    #expect(zip(table, whole.table).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect((whole.table.map(abs).max() ?? 0) > 1)
  }

  private func gradients(_ rows: Rows, _ range: Range<Int>, _ smoothing: Float)
    -> (loss: Float, hidden: [Float], table: [Float])
  {
    let tape = Tape()
    var gradients: [[Float]] = [[], []]
    let owners = [Owner(), Owner()]
    let leaves = [rows.hidden.rows(range), rows.table].enumerated().map { index, value in
      tape.leaf(value, of: owners[index]) { gradients[index] = $0.values }
    }
    let loss = rows.loss(range, hidden: leaves[0], table: leaves[1], smoothing: smoothing)
    tape.backward(from: loss, cotangent: Tensor(scalar: 1))
    return (loss.value.scalar, gradients[0], gradients[1])
  }

  @Test func tagLossMatchesDifferencesAndIsASumOverTheClips() {
    let targets = Tensor([2, 3], [1, 0, 0, 0, 1, 1])
    let weights = Tensor([3], [1, 0.5, 2])
    let logits = randomTensor([2, 3], seed: 27)
    GradientCheck(inputs: [logits]) { tagLoss($0[0], targets: targets, weights: weights) }
      .run("tagLoss", seed: 14)
    func loss(_ clips: Range<Int>) -> Float {
      tagLoss(Variable(logits.rows(clips)), targets: targets.rows(clips), weights: weights)
        .value.scalar
    }
    #expect(abs(loss(0..<2) - loss(0..<1) - loss(1..<2)) < 1e-5)
  }
}

/// Something with an identity.
private final class Owner {}
