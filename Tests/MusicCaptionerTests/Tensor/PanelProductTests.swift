import CKernels
import Testing

@testable import MusicCaptioner

@Suite("Products with panels") struct PanelProductTests {
  /// Row counts around the tiles of five and six; outputs around a vector and a panel; sums with and
  /// without a whole last word, shorter and longer than a chunk of 32 words.
  static let shapes = [
    (1, 1, 1), (2, 15, 3), (5, 16, 4), (6, 17, 6), (7, 63, 31), (11, 64, 64), (13, 65, 66),
    (40, 130, 129),
  ]

  /// The matrix [outputs, inner] in panels.
  private func panels<Scalar>(_ matrix: [Scalar], outputs: Int, inner: Int) -> [UInt8] {
    let size = MemoryLayout<Scalar>.size
    let panelBytes = ck_panel_bytes(inner * size)
    let width = Int(CK_PANEL)
    var panels = [UInt8](repeating: 0, count: (outputs + width - 1) / width * panelBytes)
    matrix.withUnsafeBytes { bytes in
      for output in 0..<outputs {
        for byte in 0..<inner * size {
          let place = (byte / 4 * width + output % width) * 4 + byte % 4
          panels[output / width * panelBytes + place] = bytes[output * inner * size + byte]
        }
      }
    }
    return panels
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
    let panels = panels(w, outputs: n, inner: k)
    let expected = (0..<m * ldy).map { index -> Double in
      let (row, column) = (index / ldy, index % ldy)
      guard column < n else { return 7 }
      let sum = (0..<k).reduce(0) { $0 + Int(x[row * ldx + $1]) * Int(w[column * k + $1]) }
      let scale = Double(scales[column]) * Double(rowScales[row])
      return Double(sum - Int(offsets[column])) * scale + Double(bias[column])
    }
    KernelTest.eachLevel { level in
      let y = KernelTest.output(m * ldy, start: [Float](repeating: 7, count: m * ldy)) { y in
        withEnding(bias, scales, rowScales, offsets) {
          ck_int8_panels(y, ldy, x, ldx, panels, $0, m, n, k)
        }
      }
      // Sums are exact; three products and a sum of at most some 1e6 are rounded.
      expectClose(
        y, expected, relative: 3e-7, absolute: 1e-6, "\(level) \(m) × \(n) × \(k) seed 12")
    }
  }

  private func withEnding(
    _ bias: [Float], _ scales: [Float] = [], _ rowScales: [Float] = [], _ offsets: [Int32] = [],
    _ body: (UnsafePointer<ck_panel_epilogue>) -> Void
  ) {
    bias.withUnsafeBufferPointer { bias in
      scales.withUnsafeBufferPointer { scales in
        rowScales.withUnsafeBufferPointer { rowScales in
          offsets.withUnsafeBufferPointer { offsets in
            var epilogue = ck_panel_epilogue(
              bias: bias.baseAddress, scales: scales.baseAddress,
              row_scales: rowScales.baseAddress, offsets: offsets.baseAddress)
            body(&epilogue)
          }
        }
      }
    }
  }

  /// A product of bfloat16 matrices and what comes out, computed in double; 7 where nothing is written.
  private struct BFloat16Case {
    let (ldy, ldx): (Int, Int)
    let x: [UInt16]
    let bias: [Float]
    let expected: [Double]

    init(_ m: Int, _ n: Int, _ k: Int, weights w: [UInt16], _ random: inout RandomSource) {
      let (ldy, ldx) = (n + 1, k + 3)
      func value(_ bits: UInt16) -> Double { Double(Float(bitPattern: UInt32(bits) << 16)) }
      var x = (0..<m * ldx).map { _ in UInt16(random.normal().bitPattern >> 16) }
      // What follows a row of x is no number: a kernel that reads it in the last word fails.
      for row in 0..<m {
        for column in k..<ldx { x[row * ldx + column] = 0x7fc0 }
      }
      let bias = KernelTest.normals(n, &random)
      expected = (0..<m * ldy).map { index in
        let (row, column) = (index / ldy, index % ldy)
        guard column < n else { return 7 }
        return (0..<k).reduce(Double(bias[column])) {
          $0 + value(x[row * ldx + $1]) * value(w[column * k + $1])
        }
      }
      (self.ldy, self.ldx, self.x, self.bias) = (ldy, ldx, x, bias)
    }
  }

  @Test(arguments: shapes)
  func bfloat16SumsAreThoseInDoubleWhateverLiesBehindARow(_ m: Int, _ n: Int, _ k: Int) {
    var random = RandomSource(seed: 14, stream: "bfloat16")
    let w = (0..<n * k).map { _ in UInt16(random.normal().bitPattern >> 16) }
    let panels = panels(w, outputs: n, inner: k)
    let product = BFloat16Case(m, n, k, weights: w, &random)
    KernelTest.eachLevel { level in
      let start = [Float](repeating: 7, count: m * product.ldy)
      let y = KernelTest.output(start.count, start: start) { y in
        withEnding(product.bias) {
          ck_bfloat16_panels(y, product.ldy, product.x, product.ldx, panels, $0, m, n, k)
        }
      }
      expectClose(
        y, product.expected, absolute: 3e-7 * Double(k + 1), "\(level) \(m) × \(n) × \(k) seed 14")
    }
  }

  /// The matrix [outputs, inner] in compact panels; nil where it doesn't fit into them.
  private func compactPanels(_ matrix: [UInt16], outputs: Int, inner: Int) -> [UInt8]? {
    let wide = panels(matrix, outputs: outputs, inner: inner)
    let (wideBytes, compactBytes) = (ck_panel_bytes(2 * inner), ck_compact_panel_bytes(inner))
    var compact = [UInt8](repeating: 0, count: wide.count / wideBytes * compactBytes)
    let fits = wide.withUnsafeBytes { wide in
      compact.withUnsafeMutableBytes { compact in
        (0..<wide.count / wideBytes).map { panel in
          guard let from = wide.baseAddress, let to = compact.baseAddress else { return false }
          return ck_compact_panel(to + panel * compactBytes, from + panel * wideBytes, inner) == 1
        }
      }
    }
    return fits.allSatisfy { $0 } ? compact : nil
  }

  /// Weights as they may be: normal ones, zeros of both signs, and a few that are tiny.
  private func unevenWeights(_ count: Int, _ random: inout RandomSource) -> [UInt16] {
    (0..<count).map { index in
      switch index % 1_000 {
      case 7: 0
      case 8: 0x8000
      case 9: UInt16((1e-12 * random.normal()).bitPattern >> 16)
      default: UInt16(random.normal().bitPattern >> 16)
      }
    }
  }

  @Test(arguments: [(1, 1), (15, 3), (64, 2), (65, 66), (130, 129), (64, 768)])
  func compactPanelsHoldEveryNumberToItsLastBit(_ n: Int, _ k: Int) throws {
    var random = RandomSource(seed: 15, stream: "compact")
    let w = unevenWeights(n * k, &random)
    let bias = [Float](repeating: 0, count: n)
    var scratch = [UInt8](repeating: 0, count: ck_panel_bytes(2 * k))
    // Each row of x takes one number of every output, as many rows at once as the kernels tell apart.
    var one = [UInt16](repeating: 0, count: k * k)
    for row in 0..<k { one[row * k + row] = 0x3f80 }
    KernelTest.eachLevel { level in
      guard let compact = compactPanels(w, outputs: n, inner: k) else {
        Issue.record("\(level) \(n) × \(k): not compacted, seed 15")
        return
      }
      for rowsAtOnce in [1, 2, 3, 4, 5, k] {
        let y = KernelTest.output(k * n) { y in
          for first in stride(from: 0, to: k, by: rowsAtOnce) {
            one.withUnsafeBufferPointer { one in
              guard let x = one.baseAddress else { return }
              withEnding(bias) {
                ck_compact_panels(
                  y + first * n, n, x + first * k, k, compact, $0, min(rowsAtOnce, k - first), n,
                  k, &scratch)
              }
            }
          }
        }
        let different = (0..<k * n).filter { index in
          y[index] != Float(bitPattern: UInt32(w[index % n * k + index / n]) << 16)
        }
        #expect(different.isEmpty, "\(level) \(n) × \(k), \(rowsAtOnce) rows, seed 15")
      }
    }
  }

  @Test(arguments: shapes)
  func compactSumsAreThoseInDoubleWhateverLiesBehindARow(_ m: Int, _ n: Int, _ k: Int) {
    var random = RandomSource(seed: 16, stream: "compact sums")
    let w = unevenWeights(n * k, &random)
    let product = BFloat16Case(m, n, k, weights: w, &random)
    var scratch = [UInt8](repeating: 0, count: ck_panel_bytes(2 * k))
    KernelTest.eachLevel { level in
      guard let compact = compactPanels(w, outputs: n, inner: k) else {
        Issue.record("\(level) \(n) × \(k): not compacted, seed 16")
        return
      }
      let start = [Float](repeating: 7, count: m * product.ldy)
      let y = KernelTest.output(start.count, start: start) { y in
        withEnding(product.bias) {
          ck_compact_panels(
            y, product.ldy, product.x, product.ldx, compact, $0, m, n, k, &scratch)
        }
      }
      expectClose(
        y, product.expected, absolute: 3e-7 * Double(k + 1), "\(level) \(m) × \(n) × \(k) seed 16")
    }
  }

  @Test func numbersThatLieTooFarApartAreNotCompacted() {
    var w = [UInt16](repeating: 0x3f80, count: 64 * 64)
    for index in stride(from: 0, to: w.count, by: 2) { w[index] = 0x2f80 }
    #expect(compactPanels(w, outputs: 64, inner: 64) == nil)
    w[0] = 0x7f80
    #expect(compactPanels(w, outputs: 64, inner: 64) == nil, "infinity beside all others")
  }

  /// With three tiny weights among four, a matrix isn't compacted on any processor.
  @Test(arguments: [0, 3], [1, 5, 6, 40])
  func bfloat16ProductsAreOfRoundedWeightsHoweverTheyLie(_ tinyInFour: Int, _ rowCount: Int) {
    let (outputs, inputs) = (130, 99)
    let x = randomTensor([rowCount, inputs], seed: 5)
    let weight = Tensor(
      [outputs, inputs],
      randomTensor([outputs, inputs], seed: 6).values.enumerated().map {
        $0.offset % 4 < tinyInFour ? $0.element * 1e-9 : $0.element
      })
    let y = product(
      ProductOperand(x, .bfloat16), .packed(PackedWeight(weight, .bfloat16)))
    func rounded(_ tensor: Tensor) -> [Double] {
      var bits = [UInt16](repeating: 0, count: tensor.count)
      ck_float_to_bfloat16(&bits, tensor.readPointer, tensor.count)
      return bits.map { Double(Float(bitPattern: UInt32($0) << 16)) }
    }
    let (a, b) = (rounded(x), rounded(weight))
    let expected = (0..<rowCount * outputs).map { index in
      (0..<inputs).reduce(0) {
        $0 + a[index / outputs * inputs + $1] * b[index % outputs * inputs + $1]
      }
    }
    expectClose(y.values, expected, absolute: 3e-5, "\(tinyInFour) of 4 tiny, seeds 5 and 6")
  }

  @Test func sumsOfTheLargestBytesAreExactAtEveryLevel() {
    let (n, k) = (64, 3_072)
    let x = [UInt8](repeating: 255, count: k)
    for weight in [Int8(-127), 127] {
      let panels = panels([Int8](repeating: weight, count: n * k), outputs: n, inner: k)
      // Taking the sum off again leaves the bias, where no bit of it is lost.
      let offsets = [Int32](repeating: 255 * Int32(weight) * Int32(k), count: n)
      let ones = [Float](repeating: 1, count: n)
      KernelTest.eachLevel { level in
        let y = KernelTest.output(n) { y in
          withEnding(ones, ones, [1], offsets) {
            ck_int8_panels(y, n, x, k, panels, $0, 1, n, k)
          }
        }
        #expect(y == ones, "\(level) \(weight)")
      }
    }
  }

  @Test(arguments: [1, 5, 32, 40]) func quantizedProductsStayWithinTheirSteps(_ rowCount: Int) {
    let (outputs, inputs) = (37, 200)
    let x = randomTensor([rowCount, inputs], seed: 3)
    let weight = randomTensor([outputs, inputs], seed: 4)
    let y = product(ProductOperand(x, .int8), .packed(PackedWeight(weight, .int8)))
    let exact = product(x, weight, transposing: .right)
    let error = zip(y.values, exact.values).map { abs($0 - $1) }.max() ?? 0
    // Steps of about 3/127 in both factors, each off by a third of its half at random: √200 of them.
    #expect(error < 0.5 && error > 0, "\(error)")
  }
}
