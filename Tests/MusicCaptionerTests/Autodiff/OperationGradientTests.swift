import Testing

@testable import MusicCaptioner

/// Every operation's pullback against differences of its forward pass, at awkward sizes.
@Suite struct OperationGradientTests {
  /// Rows and widths: one, a prime, the tail of a vector, more than a vector.
  static let sizes: [(rows: Int, width: Int)] = [(1, 1), (3, 7), (5, 17), (13, 33)]

  private func x(_ rows: Int, _ width: Int, _ seed: UInt64) -> Tensor {
    randomTensor([rows, width], seed: seed)
  }

  @Test(arguments: sizes) func addPassesItsGradientToBoth(_ size: (rows: Int, width: Int)) {
    GradientCheck(inputs: [x(size.rows, size.width, 1), x(size.rows, size.width, 2)]) {
      add($0[0], $0[1])
    }.run("add", seed: 1)
  }

  @Test(arguments: sizes) func scaleScalesItsGradient(_ size: (rows: Int, width: Int)) {
    GradientCheck(inputs: [x(size.rows, size.width, 3)]) { scale($0[0], by: -2.5) }
      .run("scale", seed: 2)
  }

  @Test(arguments: sizes) func geluMatchesDifferences(_ size: (rows: Int, width: Int)) {
    GradientCheck(inputs: [x(size.rows, size.width, 4)]) { gelu($0[0]) }.run("gelu", seed: 3)
  }

  @Test(arguments: sizes) func dropoutUsesTheSameMaskBothWays(_ size: (rows: Int, width: Int)) {
    GradientCheck(inputs: [x(size.rows, size.width, 5)]) {
      dropout($0[0], mask: DropoutMask(probability: 0.4, key: 99))
    }.run("dropout", seed: 4)
    GradientCheck(inputs: [x(size.rows, size.width, 6), x(size.rows, size.width, 7)]) {
      dropoutAdd($0[0], residual: $0[1], mask: DropoutMask(probability: 0.4, key: 98))
    }.run("dropoutAdd", seed: 5)
  }

  @Test(arguments: sizes) func linearMatchesDifferences(_ size: (rows: Int, width: Int)) {
    let out = size.width + 2
    GradientCheck(
      inputs: [x(size.rows, size.width, 8), x(out, size.width, 9), randomTensor([out], seed: 10)]
    ) { linear($0[0], weight: $0[1], bias: $0[2]) }.run("linear", seed: 6)
    GradientCheck(inputs: [x(size.rows, size.width, 8), x(out, size.width, 9)]) {
      linear($0[0], weight: $0[1], bias: nil)
    }.run("linear without bias", seed: 7)
  }

  @Test(arguments: [(2, 3), (3, 7), (5, 17), (13, 33)])
  func layerNormMatchesDifferences(_ rows: Int, _ width: Int) {
    GradientCheck(
      inputs: [
        x(rows, width, 11), randomTensor([width], seed: 12), randomTensor([width], seed: 13),
      ], operation: { layerNorm($0[0], scale: $0[1], shift: $0[2]) }, tolerance: 5e-3
    ).run("layerNorm", seed: 8)
  }

  @Test func lookUpAddsUpRowsThatOccurTwiceAndSparesThatOfPadding() {
    GradientCheck(inputs: [x(5, 7, 14)]) { lookUp([4, 0, 4, 2, 4], in: $0[0]) }
      .run("lookUp", seed: 9)

    let tape = Tape()
    let owner = NSObjectStandIn()
    var gradient: Tensor?
    let table = tape.leaf(x(3, 2, 15), of: owner) { gradient = $0 }
    let y = lookUp([1, 2, 1], in: table, paddingIndex: 1)
    tape.backward(from: y, cotangent: Tensor(repeating: 1, shape: [3, 2]))
    #expect(gradient?.values == [0, 0, 0, 0, 1, 1])
  }

  @Test func meanOverTimeMatchesDifferences() {
    let layout = SequenceLayout(lengths: [3, 1, 4])
    GradientCheck(inputs: [x(8, 5, 16)]) { meanOverTime($0[0], layout: layout) }
      .run("meanOverTime", seed: 10)
  }

  @Test(arguments: [(1, 1, 4), (2, 1, 5), (2, 2, 8), (3, 2, 9), (1, 3, 10)])
  func convolutionMatchesDifferences(_ batch: Int, _ stride: Int, _ time: Int) {
    let (input, output) = (3, 5)
    // The padding is part of the operation's contract, not of its input: only clips are moved.
    GradientCheck(
      inputs: [
        randomTensor([batch, time, input], seed: 17), randomTensor([output, input, 3], seed: 18),
        randomTensor([output], seed: 19),
      ]
    ) { unpadOverTime(convolve(padded($0[0]), weight: $0[1], bias: $0[2], stride: stride)) }
    .run("convolve stride \(stride)", seed: 11)
  }

  /// `padOverTime` with a pullback of its own, so that the convolution's input requires a gradient.
  private func padded(_ x: Variable) -> Variable {
    Variable(padOverTime(x.value), from: [x]) { [shape = x.shape] dy in
      [unpadOverTime(Variable(dy)).value.reshaped(to: shape)]
    }
  }

  @Test func summarizeOverTimeMatchesDifferencesAndDoesNotCountThePadding() {
    GradientCheck(inputs: [randomTensor([2, 5, 3], seed: 28)]) {
      summarizeOverTime(padded($0[0]))
    }.run("summarizeOverTime", seed: 15)
    let clip = padOverTime(Tensor([1, 2, 1], [1, 3]))
    #expect(summarizeOverTime(Variable(clip), floor: 0).value.values == [2, 1])
  }

  @Test func standardizeMatchesDifferences() {
    let (mean, std) = (Tensor([3], [1, -2, 0]), Tensor([3], [2, 0.5, 4]))
    GradientCheck(inputs: [x(4, 3, 29)]) {
      standardize($0[0], mean: mean, std: std)
    }.run("standardize", seed: 16)
    let y = standardize(Variable(Tensor([1, 3], [3, -1, 4])), mean: mean, std: std)
    #expect(y.value.values == [1, 2, 1])
  }

  @Test func appendRowGivesEachClipItsOwnRowAndItsGradientBack() {
    GradientCheck(inputs: [x(6, 4, 30), x(2, 4, 31)]) { appendRow($0[1], toEachClipOf: $0[0]) }
      .run("appendRow", seed: 17)
    let y = appendRow(
      Variable(Tensor([2, 1], [8, 9])), toEachClipOf: Variable(Tensor([4, 1], [1, 2, 3, 4])))
    #expect(y.value.values == [1, 2, 8, 3, 4, 9])
  }

  @Test(arguments: [AttentionMask.none, .causal])
  func attentionMatchesDifferences(_ mask: AttentionMask) {
    let queries = SequenceLayout(lengths: [3, 1, 5])
    let keys = mask == .causal ? queries : SequenceLayout(lengths: [4, 2, 3])
    for dropout in [nil, DropoutMask(probability: 0.3, key: 5)] {
      GradientCheck(
        inputs: [x(9, 12, 20), x(keys.rowCount, 12, 21), x(keys.rowCount, 12, 22)],
        operation: {
          attend(
            query: $0[0], key: $0[1], value: $0[2], queryLayout: queries, keyLayout: keys,
            headCount: 3, mask: mask, dropout: dropout)
        }, tolerance: 4e-3, samples: 40
      ).run("attend \(mask)", seed: 12)
    }
  }
}

/// Something with an identity.
private final class NSObjectStandIn {}
