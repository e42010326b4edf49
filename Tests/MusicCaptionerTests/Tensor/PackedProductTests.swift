import Testing

@testable import MusicCaptioner

struct PackedProductTests {
  private let inputCount = 136

  /// Weights with outputs that make one block and that make several.
  private func weights(_ precision: ComputePrecision) -> [(PackedWeight, bias: Tensor)] {
    [50, 1, 1_700, 900].map {
      (
        PackedWeight(randomTensor([$0, inputCount], seed: UInt64($0)), precision),
        bias: randomTensor([$0], seed: 7)
      )
    }
  }

  /// Few rows, whose float32 products have a kernel of their own, and many.
  @Test(arguments: [1, 5, 32, 33], [Activation.identity, .gelu])
  func severalProductsOfOneInputGiveTheBitsOfEachAlone(_ rowCount: Int, _ activation: Activation) {
    for precision in ComputePrecision.allCases {
      let x = ProductOperand(randomTensor([rowCount, inputCount], seed: 3), precision)
      let weights = weights(precision)
      for ((weight, bias), y) in zip(weights, products(x, weights, activation: activation)) {
        let alone = product(x, .packed(weight), bias: bias, activation: activation)
        #expect(y.isIdentical(to: alone), "\(precision) \(bias.count)")
      }
    }
  }

  @Test(arguments: [1, 5, 32, 33], [ComputePrecision.float32, .bfloat16])
  func packedWeightsGiveWhatPlainOnesDo(_ rowCount: Int, _ precision: ComputePrecision) {
    let x = randomTensor([rowCount, inputCount], seed: 3)
    let (weight, bias) = (randomTensor([200, inputCount], seed: 4), randomTensor([200], seed: 5))
    // Products of bfloat16 numbers are exact in float32.
    let (left, right) =
      precision == .bfloat16 ? (roundedToBFloat16(x), roundedToBFloat16(weight)) : (x, weight)
    for activation in [Activation.identity, .gelu] {
      for bias in [nil, bias] {
        let y = product(
          ProductOperand(x, precision), .packed(PackedWeight(weight, precision)), bias: bias,
          activation: activation)
        let expected = product(
          .float32(left), .plain(.float32(right)), bias: bias, activation: activation)
        let error = zip(y.values, expected.values).map { abs($0 - $1) }.max() ?? 1
        // Only the order of 136 sums differs.
        #expect(error < 1e-6 * Float(inputCount), "\(precision) \(activation) \(error)")
      }
    }
  }

  @Test func eightBitProductsStayNearExactOnes() {
    let x = randomTensor([5, inputCount], seed: 3)
    func results(_ precision: ComputePrecision) -> [Tensor] {
      products(ProductOperand(x, precision), weights(precision))
    }
    for (exact, y) in zip(results(.float32), results(.int8)) {
      let error = zip(y.values, exact.values).map { abs($0 - $1) }.max() ?? 0
      // The root of 136 sums of two roundings of some 3/127 each: 0.11, and seven times that at most.
      #expect(error < 0.8 && error > 0, "\(error)")
    }
  }
}

@Suite struct MatrixLayoutTests {
  /// The places of all elements, row by row.
  private func places(_ layout: MatrixLayout) -> [[Int]] {
    (0..<layout.rowCount).map { row in
      (0..<layout.columnCount).map { column in
        let (row, column) = layout.isTransposed ? (column, row) : (row, column)
        return layout.start + row * layout.stride + column
      }
    }
  }

  @Test func partsOfAMatrixLieWhereTheirElementsDo() {
    let layout = MatrixLayout(3, 4, start: 100, stride: 10)
    #expect(
      places(layout) == [[100, 101, 102, 103], [110, 111, 112, 113], [120, 121, 122, 123]])
    #expect(places(layout.rows(1..<3).columns(2..<4)) == [[112, 113], [122, 123]])
    let transposed = layout.transposed
    #expect(places(transposed.columns(1..<3).rows(2..<4)) == [[112, 122], [113, 123]])
    #expect(places(transposed.transposed) == places(layout))
  }
}
