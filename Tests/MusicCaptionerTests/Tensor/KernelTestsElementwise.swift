import CKernels
import Foundation
import Testing

@testable import MusicCaptioner

/// Units in the last place of a float, relative.
private let ulp = 0x1p-23

@Suite("Kernels of single elements") struct KernelTestsElementwise {
  private func gelu(_ x: Double) -> Double {
    x == -.infinity ? 0 : x * 0.5 * erfc(-x / 2.0.squareRoot())
  }

  private func geluSlope(_ x: Double) -> Double {
    if x.isInfinite { return x > 0 ? 1 : 0 }
    return 0.5 * erfc(-x / 2.0.squareRoot()) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
  }

  @Test func arithmeticAgreesWithFloat64AtEverySize() {
    var random = RandomSource(seed: 1, stream: "kernels")
    KernelTest.eachLevel { level in
      for n in KernelTest.sizes {
        let a = KernelTest.normals(n, &random)
        let b = KernelTest.normals(n, &random)
        let label = "\(level), \(n), seed 1"
        let wide = { (f: (Double, Double) -> Double) in zip(a, b).map { f(Double($0), Double($1)) }
        }
        expectClose(
          KernelTest.output(n) { ck_add($0, a, b, n) }, wide(+), relative: ulp, "add \(label)")
        expectClose(
          KernelTest.output(n, start: a) { ck_accumulate($0, b, n) }, wide(+), relative: ulp,
          "accumulate \(label)")
        expectClose(
          KernelTest.output(n) { ck_multiply($0, a, b, n) }, wide(*), relative: ulp,
          "multiply \(label)")
        expectClose(
          KernelTest.output(n) { ck_scale($0, a, 0.75, n) }, a.map { Double($0) * 0.75 },
          relative: ulp, "scale \(label)")
      }
    }
  }

  @Test func elementwiseKernelsWorkInPlace() {
    var random = RandomSource(seed: 2, stream: "kernels")
    let n = 100
    let x = KernelTest.normals(n, &random)
    KernelTest.eachLevel { level in
      let apart = KernelTest.output(n) { ck_gelu($0, x, n) }
      #expect(KernelTest.output(n, start: x) { ck_gelu($0, $0, n) } == apart, "\(level)")
      let sum = KernelTest.output(n) { ck_add($0, x, x, n) }
      #expect(KernelTest.output(n, start: x) { ck_add($0, $0, $0, n) } == sum, "\(level)")
      let dropped = KernelTest.output(n) { ck_dropout($0, x, n, 7, 0, 0.5) }
      #expect(KernelTest.output(n, start: x) { ck_dropout($0, $0, n, 7, 0, 0.5) } == dropped)
    }
  }

  @Test func biasIsAddedToEveryRow() {
    KernelTest.eachLevel { level in
      for width in [1, 7, 8, 17, 33] {
        let x = (0..<(3 * width)).map { Float($0) }
        let bias = (0..<width).map { Float($0) * 0.5 }
        let want = x.indices.map { x[$0] + bias[$0 % width] }
        #expect(
          KernelTest.output(3 * width, start: x) { ck_add_bias($0, bias, 3, width) } == want,
          "\(level) \(width)")
      }
    }
  }

  @Test func geluKeepsItsDigitsInTheFarNegativeTail() {
    // Down to where the result is subnormal: its relative error grows there, bounded absolutely.
    let x = (0..<6000).map { Float($0) / 200 - 14.2 } + [0, -0.0, 1e-30, -1e-30, 30, -30, 1e38]
    KernelTest.eachLevel { level in
      for start in [0, 1, 5] {
        let part = Array(x[start...])
        expectClose(
          KernelTest.output(part.count) { ck_gelu($0, part, part.count) },
          part.map { gelu(Double($0)) }, relative: 3.5 * ulp, absolute: 0x1p-148, level)
        let ones = [Float](repeating: 1, count: part.count)
        expectClose(
          KernelTest.output(part.count) { ck_gelu_backward($0, ones, part, part.count) },
          part.map { geluSlope(Double($0)) }, absolute: 3e-7, level)
      }
    }
  }

  @Test func geluOfInfinitiesAndNaN() {
    let x: [Float] = [.infinity, -.infinity, .nan]
    KernelTest.eachLevel { level in
      let y = KernelTest.output(3) { ck_gelu($0, x, 3) }
      #expect(y[0] == .infinity && y[1] == 0 && y[2].isNaN, "\(level)")
      let slope = KernelTest.output(3) { ck_gelu_backward($0, [2, 2, 2], x, 3) }
      #expect(slope[0] == 2 && slope[1] == 0 && slope[2].isNaN, "\(level)")
    }
  }

  @Test func geluAgreesAtEverySize() {
    var random = RandomSource(seed: 3, stream: "kernels")
    KernelTest.eachLevel { level in
      for n in KernelTest.sizes {
        let x = KernelTest.normals(n, &random, scale: 2)
        let dy = KernelTest.normals(n, &random)
        expectClose(
          KernelTest.output(n) { ck_gelu($0, x, n) }, x.map { gelu(Double($0)) },
          relative: 3.5 * ulp, "\(level) \(n) seed 3")
        expectClose(
          KernelTest.output(n, start: dy) { ck_gelu_backward($0, $0, x, n) },
          zip(dy, x).map { Double($0) * geluSlope(Double($1)) }, absolute: 2e-6,
          "\(level) \(n) seed 3")
      }
    }
  }

  @Test func decibelsAreWithinThreeUnitsInTheLastPlace() {
    var x = (0..<4000).map { Float(pow(10, Double($0) / 100 - 10.1)) }
    x += (0..<2000).map { 0.5 + Float($0) / 1000 }
    x += [1, 0, -1, 1e-10, .greatestFiniteMagnitude, .infinity, .nan, .leastNonzeroMagnitude]
    KernelTest.eachLevel { level in
      expectClose(
        KernelTest.output(x.count) { ck_decibels($0, x, x.count) },
        x.map { $0.isNaN ? .nan : 10 * log10(Double(max($0, 1e-10))) }, relative: 2.5 * 0x1p-23,
        level)
    }
  }
}
