import CKernels
import COneDNN
import Testing

@testable import MusicCaptioner

@Suite("Products of few rows") struct FewRowsProductTests {
  /// Row counts around the tile of five; outputs around the tile of four.
  static let shapes = [
    (1, 1, 1), (2, 3, 5), (3, 9, 16), (4, 4, 31), (5, 8, 64), (6, 7, 67), (11, 13, 129),
  ]

  @Test(arguments: shapes)
  func equalSumsInDoubleAtEveryLevelAndWriteNothingElse(_ m: Int, _ n: Int, _ k: Int) {
    var random = RandomSource(seed: 11, stream: "few rows")
    let (ldy, ldx) = (n + 3, k + 2)
    let x = KernelTest.normals(m * ldx, &random)
    let w = KernelTest.normals(n * k, &random)
    KernelTest.eachLevel { level in
      let start = [Float](repeating: 7, count: m * ldy)
      let y = KernelTest.output(m * ldy, start: start) {
        ck_product_rows($0, ldy, x, ldx, w, m, n, k)
      }
      let expected = (0..<m * ldy).map { index -> Double in
        let (row, column) = (index / ldy, index % ldy)
        guard column < n else { return 7 }
        return (0..<k).reduce(0) { $0 + Double(x[row * ldx + $1]) * Double(w[column * k + $1]) }
      }
      // Each of k products and sums of numbers about 1 is rounded to 2⁻²⁴.
      expectClose(y, expected, absolute: 3e-7 * Double(k), "\(level) \(m) × \(n) × \(k) seed 11")
    }
  }

  @Test func quantizedRowsAreWithinHalfAStepAtEveryLevel() {
    var random = RandomSource(seed: 13, stream: "steps")
    KernelTest.eachLevel { level in
      for count in KernelTest.sizes where count > 0 {
        let x = KernelTest.normals(count, &random, scale: 3)
        var (steps, scale) = ([Int8](repeating: 0, count: count), Float(0))
        let sum = ck_quantize_signed(&steps, &scale, x, count)
        #expect(sum == steps.reduce(0) { $0 + Int32($1) }, "\(level) \(count)")
        var (shifted, other) = ([UInt8](repeating: 0, count: count), Float(0))
        ck_quantize_unsigned(&shifted, &other, x, count)
        #expect(other == scale && zip(steps, shifted).allSatisfy { Int($0) + 128 == Int($1) })
        for (step, value) in zip(steps, x) {
          #expect(abs(Float(step) * scale - value) <= 0.501 * scale, "\(level) \(count) seed 13")
        }
      }
    }
  }

  @Test func aRowOfZerosAndOneOfNoNumbersStayInRange() {
    KernelTest.eachLevel { _ in
      for x in [[Float](repeating: 0, count: 19), [Float](repeating: .nan, count: 19)] {
        var (steps, scale) = ([Int8](repeating: 1, count: 19), Float(0))
        _ = ck_quantize_signed(&steps, &scale, x, 19)
        #expect(scale == 1 && steps.allSatisfy { (-127...127).contains($0) })
      }
    }
  }
}

@Suite(
  "Products of narrow matrices in training",
  .enabled(if: ComputePrecision.bfloat16.inTraining == .bfloat16, "no AVX512-BF16 or oneDNN"))
struct NarrowMatrixTests {
  @Test(arguments: [(3, 5, 7), (32, 50, 129), (33, 70, 60), (300, 40, 129)])
  func bfloat16ProductsAreThoseOfRoundedNumbers(_ m: Int, _ n: Int, _ k: Int) {
    let left = randomTensor([m, k], seed: 1)
    let right = randomTensor([k, n], seed: 2)
    let expected = product(roundedToBFloat16(left), roundedToBFloat16(right)).values
    for (transposition, a, b) in [
      (Transposition.neither, left, right), (.left, transpose(left), right),
      (.right, left, transpose(right)),
    ] {
      let y = product(
        ProductOperand(a, .bfloat16), ProductOperand(b, .bfloat16), transposing: transposition)
      let error = zip(y.values, expected).map { abs($0 - $1) }.max() ?? 0
      // The products are exact in float32: only the order of the sums differs.
      #expect(error < 1e-6 * Float(k), "\(transposition) \(error)")
    }
  }

  @Test func gradientsOfALinearMapFollowFloat32() {
    let inputs = [
      randomTensor([40, 64], seed: 5), randomTensor([48, 64], seed: 6), randomTensor([48], seed: 7),
    ]
    let cotangent = randomTensor([40, 48], seed: 8)
    func gradients(_ precision: ComputePrecision) -> [Tensor] {
      let tape = Tape()
      var found = inputs
      let owners = inputs.map { Parameter($0.shape, .constant(0)) }
      let leaves = inputs.indices.map { index in
        tape.leaf(inputs[index], of: owners[index]) { found[index] = $0 }
      }
      let y = linear(leaves[0], weight: leaves[1], bias: leaves[2], precision: precision)
      tape.backward(from: y, cotangent: cotangent)
      return found
    }
    for (narrow, exact) in zip(gradients(.bfloat16), gradients(.float32)) {
      let error = zip(narrow.values, exact.values).map { abs($0 - $1) }.max() ?? 0
      let scale = exact.values.map(abs).max() ?? 0
      #expect(error < 0.01 * scale, "\(error) of \(scale)")
    }
  }
}

@Suite struct BlockGridTests {
  @Test(arguments: [
    (1, 1, 1), (17, 5, 3), (128, 50_265, 768), (128, 768, 50_265), (5, 3_072, 768), (512, 768, 768),
    (33, 700, 60), (1_000, 3, 9),
  ])
  func blocksCoverEveryElementOnce(_ m: Int, _ n: Int, _ k: Int) {
    let grid = BlockGrid(m: m, n: n, k: k)
    var covered = 0
    var corners: Set<[Int]> = []
    for index in 0..<grid.count {
      let (rows, columns) = grid[index]
      #expect(!rows.isEmpty && !columns.isEmpty && rows.upperBound <= m && columns.upperBound <= n)
      covered += rows.count * columns.count
      corners.insert([rows.lowerBound, columns.lowerBound])
    }
    #expect(covered == m * n && corners.count == grid.count && grid.count <= 24)
  }

  @Test(arguments: [(1, 768), (64, 1), (65, 5_000), (768, 3_840), (50_265, 69_120)])
  func panelBlocksCoverEveryColumnOnceInWholePanels(_ columns: Int, _ work: Int) {
    let blocks = PanelBlocks(columns: columns, work: work)
    var next = 0
    for index in 0..<blocks.count {
      #expect(blocks[index].lowerBound == next && !blocks[index].isEmpty)
      #expect(next % WeightPanels.outputsPerPanel == 0)
      next = blocks[index].upperBound
    }
    #expect(next == columns && blocks.count <= 64)
  }
}
