import CKernels
import Foundation
import Testing

@testable import MusicCaptioner

@Suite("Kernels of the optimizer, dropout and narrow numbers") struct KernelTestsOptimizer {
  @Test func adamWTakesTheStepsOfItsFormula() {
    var random = RandomSource(seed: 1, stream: "adamw")
    KernelTest.eachLevel { level in
      for n in KernelTest.sizes {
        var p = KernelTest.normals(n, &random)
        var m = [Float](repeating: 0, count: n)
        var v = m
        var wantP = p.map(Double.init)
        var wantM = [Double](repeating: 0, count: n)
        var wantV = wantM
        for step in 1...3 {
          let g = KernelTest.normals(n, &random)
          var options = ck_adamw_options()
          options.learning_rate = 0.01
          options.beta1 = 0.9
          options.beta2 = 0.999
          options.epsilon = 1e-8
          options.weight_decay = 0.1
          options.bias_correction1 = 1 - pow(options.beta1, Double(step))
          options.bias_correction2 = 1 - pow(options.beta2, Double(step))
          options.gradient_scale = 0.5
          let squares = g.reduce(0) { $0 + Double($1) * Double($1) }
          let found = ck_adamw(&p, &m, &v, g, n, &options)
          #expect(abs(found - squares) <= 1e-6 * squares, "\(level) \(n)")
          let rate = options.learning_rate
          let b1 = options.beta1
          let b2 = options.beta2
          for i in 0..<n {
            let gradient = 0.5 * Double(g[i])
            wantP[i] *= 1 - rate * options.weight_decay
            wantM[i] = b1 * wantM[i] + (1 - b1) * gradient
            wantV[i] = b2 * wantV[i] + (1 - b2) * gradient * gradient
            let root = (wantV[i] / (1 - pow(b2, Double(step)))).squareRoot()
            wantP[i] -= rate / (1 - pow(b1, Double(step))) * wantM[i] / (root + 1e-8)
          }
        }
        let label = "\(level) \(n) seed 1"
        expectClose(p, wantP, relative: 5e-7, absolute: 1e-7, "p \(label)")
        expectClose(m, wantM, relative: 1e-6, absolute: 1e-7, "m \(label)")
        expectClose(v, wantV, relative: 1e-6, "v \(label)")
      }
    }
  }

  @Test func dropoutDependsOnKeyAndIndexOnly() {
    let n = 1000
    let ones = [Float](repeating: 1, count: n)
    // Across the point where the index's upper half changes.
    let first = UInt64(1) << 32 - 500
    var masks: [[Float]] = []
    KernelTest.eachLevel { _ in
      let whole = KernelTest.output(n) { ck_dropout($0, ones, n, 99, first, 0.3) }
      let split = KernelTest.output(n) {
        ck_dropout($0, ones, 333, 99, first, 0.3)
        ck_dropout($0 + 333, ones, 667, 99, first + 333, 0.3)
      }
      #expect(whole == split)
      masks.append(whole)
      let added = KernelTest.output(n, start: ones) {
        ck_dropout_add($0, ones, $0, n, 99, first, 0.3)
      }
      #expect(added == whole.map { $0 + 1 })
    }
    #expect(masks.allSatisfy { $0 == masks[0] }, "the variants draw different masks")
    #expect(Set(masks[0]) == [0, 1 / (1 - Float(0.3))])
  }

  @Test func dropoutOfNothingAndOfEverything() {
    let x: [Float] = [1, .nan, .infinity, -2, 5]
    KernelTest.eachLevel { level in
      let all = KernelTest.output(5) { ck_dropout($0, x, 5, 1, 0, 0) }
      #expect(all[0] == 1 && all[1].isNaN && all[2] == .infinity && all[3] == -2, "\(level)")
      #expect(
        KernelTest.output(5) { ck_dropout($0, x, 5, 1, 0, 1) } == [0, 0, 0, 0, 0], "\(level)")
      #expect(
        KernelTest.output(5) { ck_dropout_add($0, x, [1, 2, 3, 4, 5], 5, 1, 0, 1) }
          == [1, 2, 3, 4, 5])
    }
  }

  /// Each statistic of N independent draws has deviation 1/√N about its mean; five deviations are
  /// passed by chance once in two million, and the draws are the same in every run.
  @Test func dropoutMasksLookIndependent() {
    let n = 1 << 16
    let ones = [Float](repeating: 1, count: n)
    func draws(key: UInt64, first: UInt64 = 0) -> [Double] {
      KernelTest.output(n) { ck_dropout($0, ones, n, key, first, 0.5) }.map { $0 > 0 ? 1 : -1 }
    }
    let limit = 5 / Double(n).squareRoot()
    func correlation(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(a.count)
    }
    for key: UInt64 in [0, 1, 2, 1 << 32, 0xdead_beef_0000_0001, .max] {
      let mask = draws(key: key)
      #expect(abs(mask.reduce(0, +) / Double(n)) < limit, "mean of key \(key)")
      for lag in [1, 2, 3, 4, 8, 16, 64, 256, 768, 1024, 4096] {
        let lagged = correlation(mask[..<(n - lag)], mask[lag...])
        #expect(abs(lagged) < limit * 1.1, "lag \(lag) of key \(key)")
      }
      for other in [key &+ 1, key ^ 1 << 32, key ^ 1 << 63] {
        #expect(abs(correlation(mask[...], draws(key: other)[...])) < limit, "\(key), \(other)")
      }
      #expect(abs(correlation(mask[...], draws(key: key, first: 1 << 32)[...])) < limit)
    }
    let kept = KernelTest.output(n) { ck_dropout($0, ones, n, 5, 0, 0.1) }.filter { $0 > 0 }.count
    #expect(abs(Double(kept) / Double(n) - 0.9) < 0.3 * limit)
  }

  @Test func bfloat16RoundsToNearestEven() {
    var bits: [UInt32] = [0, 0x8000_0000, 0x7f80_0000, 0xff80_0000, 0x7f80_0001, 0x7fff_ffff, 1]
    bits += [0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x3f80_7fff, 0x7f7f_ffff, 0x0000_8001]
    let x = bits.map(Float.init(bitPattern:))
    KernelTest.eachLevel { level in
      for n in [1, 4, 7, x.count] {
        var y = [UInt16](repeating: 0xabcd, count: n + 20)
        ck_float_to_bfloat16(&y, x, n)
        for i in 0..<n {
          if x[i].isNaN {
            #expect(Float(bitPattern: UInt32(y[i]) << 16).isNaN, "\(level) \(i)")
          } else {
            let tie = bits[i] & 0xffff == 0x8000
            let up = tie ? bits[i] >> 16 & 1 : (bits[i] & 0xffff > 0x8000 ? 1 : 0)
            #expect(y[i] == UInt16(bits[i] >> 16 + up), "\(level) \(i)")
          }
        }
        #expect(y[n...].allSatisfy { $0 == 0xabcd })
      }
    }
  }
}
