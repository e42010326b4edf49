import Testing

@testable import MusicCaptioner

struct AffineMapTests {
  private let inputCount = 136

  /// Maps with and without a GELU, to outputs that make one block and that make several.
  private func maps(_ precision: ComputePrecision) -> [AffineMap] {
    [(50, AffineMap.Activation.gelu), (1, .identity), (1_700, .identity), (900, .gelu)].map {
      AffineMap(
        weight: InferenceWeight(randomTensor([$0, inputCount], seed: UInt64($0)), precision),
        bias: randomTensor([$0], seed: 7), activation: $1)
    }
  }

  /// Few rows, whose float32 products have a kernel of their own, and many.
  @Test(arguments: [1, 5, 32, 33])
  func severalMapsOfOneInputGiveTheBitsOfEachAlone(_ rowCount: Int) {
    let x = randomTensor([rowCount, inputCount], seed: 3)
    for precision in ComputePrecision.allCases {
      let maps = maps(precision)
      for (map, y) in zip(maps, AffineMap.apply(maps, to: x)) {
        #expect(y.isIdentical(to: map(x)), "\(precision) \(map.bias.count)")
      }
    }
  }

  @Test(arguments: [1, 5, 32, 33], [ComputePrecision.float32, .bfloat16])
  func aMapIsItsProductBiasAndActivation(_ rowCount: Int, _ precision: ComputePrecision) {
    let x = randomTensor([rowCount, inputCount], seed: 3)
    for activation in [AffineMap.Activation.identity, .gelu] {
      let (weight, bias) = (randomTensor([200, inputCount], seed: 4), randomTensor([200], seed: 5))
      let map = AffineMap(
        weight: InferenceWeight(weight, precision), bias: bias, activation: activation)
      // Products of bfloat16 numbers are exact in float32.
      let (left, right) =
        precision == .bfloat16 ? (roundedToBFloat16(x), roundedToBFloat16(weight)) : (x, weight)
      let sum = matrixProduct(left, right, transposing: .right)
      Kernels.addBias(bias, toFresh: sum)
      let expected = activation == .gelu ? Kernels.gelu(sum) : sum
      let error = zip(map(x).values, expected.values).map { abs($0 - $1) }.max() ?? 1
      // Only the order of 136 sums differs.
      #expect(error < 1e-6 * Float(inputCount), "\(precision) \(activation) \(error)")
    }
  }

  @Test func roundedMapsStayNearExactOnes() {
    let x = randomTensor([5, inputCount], seed: 3)
    for (exact, map) in zip(maps(.float32), maps(.int8)) {
      let error = zip(map(x).values, exact(x).values).map { abs($0 - $1) }.max() ?? 0
      // The root of 136 sums of two roundings of some 3/127 each: 0.11, and seven times that at most.
      #expect(error < 0.8 && error > 0, "\(error)")
    }
  }
}
