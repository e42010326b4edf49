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

  /// The operations of a pass that is recorded, one after another.
  private func stepByStep(_ map: AffineMap, _ x: Tensor) -> Tensor {
    guard case .floating(let weight) = map.weight else { return map(x) }
    let y = matrixProduct(Factor(x, weight.precision), weight, transposing: .right)
    Kernels.addBias(map.bias, toFresh: y)
    return map.activation == .gelu ? Kernels.gelu(y) : y
  }

  /// Few rows, whose maps are one loop, and many.
  @Test(arguments: [1, 5, 32, 33])
  func severalMapsOfOneInputGiveTheBitsOfEachStepByStep(_ rowCount: Int) {
    let x = randomTensor([rowCount, inputCount], seed: 3)
    for precision in ComputePrecision.allCases where precision.available == precision {
      let maps = maps(precision)
      for (map, y) in zip(maps, AffineMap.apply(maps, to: x)) {
        #expect(y.isIdentical(to: stepByStep(map, x)), "\(precision) \(map.bias.count)")
      }
    }
  }

  @Test(.enabled(if: ComputePrecision.int8.available == .int8, "no AVX512-VNNI or oneDNN"))
  func roundedMapsStayNearExactOnes() {
    let x = randomTensor([5, inputCount], seed: 3)
    for (exact, map) in zip(maps(.float32), maps(.int8)) {
      let error = zip(map(x).values, exact(x).values).map { abs($0 - $1) }.max() ?? 0
      // The root of 136 sums of two roundings of some 3/127 each: 0.11, and seven times that at most.
      #expect(error < 0.8 && error > 0, "\(error)")
    }
  }
}
