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
  "Products with panels",
  .enabled(if: ck_has_narrow_products() != 0, "no AVX512-BF16 and AVX512-VNNI"))
struct PanelProductTests {
  /// Row counts around the tile of six; outputs around a vector and a panel; sums with and without a whole
  /// last word.
  static let shapes = [
    (1, 1, 1), (2, 15, 3), (5, 16, 4), (6, 17, 6), (7, 63, 31), (11, 64, 64), (13, 65, 66),
    (40, 130, 129),
  ]

  /// The matrix [outputs, inner] in panels, between guards that nobody may write to.
  private func panels<Scalar>(_ matrix: [Scalar], outputs: Int, inner: Int) -> [UInt32] {
    let size = MemoryLayout<Scalar>.size
    let panelBytes = ck_panel_bytes(inner * size)
    let width = Int(CK_PANEL)
    var memory = [UInt8](repeating: 0, count: (outputs + width - 1) / width * panelBytes)
    memory.withUnsafeMutableBytes { target in
      matrix.withUnsafeBytes { source in
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        for output in 0..<outputs {
          ck_panel_output(
            target + output / width * panelBytes, output % width, source + output * inner * size,
            inner * size)
        }
      }
    }
    return memory.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
  }

  @Test(arguments: shapes)
  func bytesAreAddedUpExactlyScaledAndBiasedAndNothingElseIsWritten(
    _ m: Int, _ n: Int, _ k: Int
  ) {
    var random = RandomSource(seed: 12, stream: "bytes")
    let (ldy, ldx) = (n + 3, k + 5)
    let x = (0..<m * ldx).map { _ in UInt8(random.integer(below: 256)) }
    let w = (0..<n * k).map { _ in Int8(random.integer(below: 255) - 127) }
    let (bias, scales) = (KernelTest.normals(n, &random), KernelTest.normals(n, &random))
    let rowScales = KernelTest.normals(m, &random)
    let offsets = (0..<n).map { _ in Int32(random.integer(below: 100_000)) }
    var y = [Float](repeating: 7, count: m * ldy)
    let panels = panels(w, outputs: n, inner: k)
    withEnding(bias, scales, rowScales, offsets) {
      ck_int8_panels(&y, ldy, x, ldx, panels, $0, m, n, k)
    }
    let expected = (0..<m * ldy).map { index -> Double in
      let (row, column) = (index / ldy, index % ldy)
      guard column < n else { return 7 }
      let sum = (0..<k).reduce(0) { $0 + Int(x[row * ldx + $1]) * Int(w[column * k + $1]) }
      let scale = Double(scales[column]) * Double(rowScales[row])
      return Double(sum - Int(offsets[column])) * scale + Double(bias[column])
    }
    // Sums are exact; three products and a sum of at most some 1e6 are rounded.
    expectClose(y, expected, relative: 3e-7, absolute: 1e-6, "\(m) × \(n) × \(k) seed 12")
  }

  private func withEnding(
    _ bias: [Float], _ scales: [Float] = [], _ rowScales: [Float] = [], _ offsets: [Int32] = [],
    _ body: (UnsafePointer<ck_panel_ending>) -> Void
  ) {
    bias.withUnsafeBufferPointer { bias in
      scales.withUnsafeBufferPointer { scales in
        rowScales.withUnsafeBufferPointer { rowScales in
          offsets.withUnsafeBufferPointer { offsets in
            var ending = ck_panel_ending(
              bias: bias.baseAddress, scales: scales.baseAddress,
              row_scales: rowScales.baseAddress, offsets: offsets.baseAddress)
            body(&ending)
          }
        }
      }
    }
  }

  @Test(arguments: shapes)
  func bfloat16SumsAreThoseInDoubleWhateverLiesBehindARow(_ m: Int, _ n: Int, _ k: Int) {
    var random = RandomSource(seed: 14, stream: "bfloat16")
    let (ldy, ldx) = (n + 1, k + 3)
    func bits(_ count: Int) -> [UInt16] {
      (0..<count).map { _ in UInt16(random.normal().bitPattern >> 16) }
    }
    func value(_ bits: UInt16) -> Double { Double(Float(bitPattern: UInt32(bits) << 16)) }
    var x = bits(m * ldx)
    let w = bits(n * k)
    // What follows a row of x is no number: a kernel that reads it in the last word fails.
    for row in 0..<m {
      for column in k..<ldx { x[row * ldx + column] = 0x7fc0 }
    }
    var y = [Float](repeating: 7, count: m * ldy)
    let (panels, bias) = (panels(w, outputs: n, inner: k), KernelTest.normals(n, &random))
    withEnding(bias) { ck_bfloat16_panels(&y, ldy, x, ldx, panels, $0, m, n, k) }
    let expected = (0..<m * ldy).map { index -> Double in
      let (row, column) = (index / ldy, index % ldy)
      guard column < n else { return 7 }
      return (0..<k).reduce(Double(bias[column])) {
        $0 + value(x[row * ldx + $1]) * value(w[column * k + $1])
      }
    }
    expectClose(y, expected, absolute: 3e-7 * Double(k + 1), "\(m) × \(n) × \(k) seed 14")
  }
}

@Suite(
  "Products of narrow matrices",
  .enabled(if: ComputePrecision.bfloat16.available == .bfloat16, "no AVX512-BF16 or oneDNN"))
struct NarrowMatrixTests {
  private func rounded(_ x: Tensor) -> Tensor {
    Tensor(
      x.shape,
      x.values.map { value in
        let bits = value.bitPattern
        return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
      })
  }

  @Test(arguments: [(3, 5, 7), (32, 50, 129), (33, 70, 60), (300, 40, 129)])
  func bfloat16ProductsAreThoseOfRoundedNumbers(_ m: Int, _ n: Int, _ k: Int) {
    let left = randomTensor([m, k], seed: 1)
    let right = randomTensor([k, n], seed: 2)
    let expected = matrixProduct(rounded(left), rounded(right)).values
    for (transposition, a, b) in [
      (Transposition.neither, left, right), (.left, Kernels.transpose(left), right),
      (.right, left, Kernels.transpose(right)),
    ] {
      let y = matrixProduct(
        Factor(a, .bfloat16), Factor(b, .bfloat16), transposing: transposition)
      let error = zip(y.values, expected).map { abs($0 - $1) }.max() ?? 0
      // The products are exact in float32: only the order of the sums differs.
      #expect(error < 1e-6 * Float(k), "\(transposition) \(error)")
    }
  }

  @Test(arguments: [1, 5, 32, 40]) func quantizedProductsStayWithinTheirSteps(_ rowCount: Int) {
    let (outputs, inputs) = (37, 200)
    let x = randomTensor([rowCount, inputs], seed: 3)
    let weight = randomTensor([outputs, inputs], seed: 4)
    let map = AffineMap(weight: InferenceWeight(weight, .int8), bias: Tensor(zeros: [outputs]))
    let y = map(x)
    let exact = matrixProduct(x, weight, transposing: .right)
    let error = zip(y.values, exact.values).map { abs($0 - $1) }.max() ?? 0
    // Steps of about 3/127 in both factors, each off by a third of its half at random: √200 of them.
    #expect(error < 0.5 && error > 0, "\(error)")
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
