import CKernels
import Foundation
import Testing

@testable import MusicCaptioner

@Suite("Kernels of rows") struct KernelTestsRows {
  private let widths = [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 1000]

  private func softmax(_ x: [Double]) -> [Double] {
    let best = x.max() ?? 0
    let e = x.map { exp($0 - best) }
    let sum = e.reduce(0, +)
    return e.map { $0 / sum }
  }

  @Test func softmaxAgreesAndLeavesTheGapBetweenRows() {
    var random = RandomSource(seed: 1, stream: "rows")
    KernelTest.eachLevel { level in
      for width in widths {
        let stride = width + 3
        let x = KernelTest.normals(4 * stride, &random, scale: 5)
        for causal in [-1, 0, 2, width] {
          let got = KernelTest.output(4 * stride, start: x) {
            ck_softmax($0, 4, width, stride, 0.5, causal)
          }
          var want = x.map(Double.init)
          for row in 0..<4 {
            let visible = causal < 0 ? width : min(width, causal + row + 1)
            let start = row * stride
            let p = softmax(want[start..<(start + visible)].map { 0.5 * $0 })
            want.replaceSubrange(
              start..<(start + width), with: p + [Double](repeating: 0, count: width - visible))
          }
          // exp's argument, up to 20, is rounded once.
          expectClose(
            got, want, relative: 3e-6, absolute: 1e-38, "\(level) \(width) \(causal) seed 1")
        }
      }
    }
  }

  @Test func softmaxOfExtremes() {
    KernelTest.eachLevel { level in
      let large = KernelTest.output(3, start: [3e38, -3e38, 3e38]) {
        ck_softmax($0, 1, 3, 3, 1, -1)
      }
      #expect(large == [0.5, 0, 0.5], "\(level)")
      let masked = KernelTest.output(2, start: [-.infinity, 1]) { ck_softmax($0, 1, 2, 2, 1, -1) }
      #expect(masked == [0, 1], "\(level)")
      let nothing = [Float](repeating: -.infinity, count: 9)
      #expect(
        KernelTest.output(9, start: nothing) { ck_softmax($0, 1, 9, 9, 1, -1) }
          == [Float](repeating: 0, count: 9))
      for x: [Float] in [[.nan, 1, 2], [.nan, .nan, .nan], [-.infinity, .nan, -.infinity]] {
        let y = KernelTest.output(3, start: x) { ck_softmax($0, 1, 3, 3, 1, -1) }
        #expect(y.contains { $0.isNaN }, "\(level): NaN vanished")
      }
    }
  }

  /// exp itself, seen through a softmax of two numbers: p₁/p₀ = exp(x₁ − x₀).
  @Test func exponentialIsWithinTwoUnitsDownToTheSmallestNumber() {
    KernelTest.eachLevel { level in
      for step in 0..<1100 {
        let x = -Float(step) * 0.1
        let y = KernelTest.output(2, start: [0, x]) { ck_softmax($0, 1, 2, 2, 1, -1) }
        let e = exp(Double(x))
        expectClose(
          [y[1]], [e / (1 + e)], relative: 3 * 0x1p-23, absolute: 0x1p-149, "\(level) exp(\(x))")
      }
    }
  }

  @Test func softmaxBackwardIsTheJacobianTimesTheGradient() {
    var random = RandomSource(seed: 2, stream: "rows")
    KernelTest.eachLevel { level in
      for width in widths {
        let stride = width + 1
        let d = KernelTest.normals(3 * stride, &random)
        var p = KernelTest.normals(3 * stride, &random)
        ck_softmax(&p, 3, width, stride, 1, -1)
        var want = d.map(Double.init)
        for row in 0..<3 {
          let columns = (row * stride)..<(row * stride + width)
          let mean = columns.reduce(0.0) { $0 + Double(d[$1]) * Double(p[$1]) }
          for c in columns { want[c] = 0.25 * Double(p[c]) * (Double(d[c]) - mean) }
        }
        let got = KernelTest.output(3 * stride, start: d) {
          ck_softmax_backward($0, p, 3, width, stride, 0.25)
        }
        expectClose(got, want, relative: 4e-7, absolute: 4e-7, "\(level) \(width) seed 2")
      }
    }
  }

  @Test func layerNormAndItsBackwardAgree() {
    var random = RandomSource(seed: 3, stream: "rows")
    KernelTest.eachLevel { level in
      for width in widths {
        let rows = 3
        let n = rows * width
        let label = "\(level) \(width) seed 3"
        let x = KernelTest.normals(n, &random).map { $0 * 3 + 10 }
        let scale = KernelTest.normals(width, &random)
        let shift = KernelTest.normals(width, &random)
        let dy = KernelTest.normals(n, &random)
        var mean = [Float](repeating: 0, count: rows)
        var inverse = mean
        let y = KernelTest.output(n) {
          ck_layer_norm($0, &mean, &inverse, x, scale, shift, rows, width, 1e-5)
        }
        var wantY: [Double] = []
        var wantDX: [Double] = []
        var wantMean: [Double] = []
        var wantScale = [Double](repeating: 1, count: width)
        var wantShift = [Double](repeating: 2, count: width)
        for row in 0..<rows {
          let range = (row * width)..<((row + 1) * width)
          let values = x[range].map(Double.init)
          let gradient = dy[range].map(Double.init)
          let center = values.reduce(0, +) / Double(width)
          let variance = values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(width)
          let inv = 1 / (variance + 1e-5).squareRoot()
          let normal = values.map { ($0 - center) * inv }
          let g = (0..<width).map { gradient[$0] * Double(scale[$0]) }
          let a = g.reduce(0, +) / Double(width)
          let b = zip(g, normal).reduce(0) { $0 + $1.0 * $1.1 } / Double(width)
          wantMean.append(center)
          for c in 0..<width {
            wantY.append(normal[c] * Double(scale[c]) + Double(shift[c]))
            wantDX.append(inv * (g[c] - a - normal[c] * b))
            wantScale[c] += gradient[c] * normal[c]
            wantShift[c] += gradient[c]
          }
        }
        expectClose(mean, wantMean, relative: 2e-7, "mean \(label)")
        // The mean's rounding error, 1e-6 at 10, is seen through 1/deviation, which is large only
        // where a row has next to no variance.
        let slack = 4e-6 * Double(inverse.max() ?? 1).magnitude
        expectClose(y, wantY, relative: 1e-6, absolute: slack + 4e-6, "y \(label)")
        var dscale = [Float](repeating: 1, count: width)
        var dshift = [Float](repeating: 2, count: width)
        let dx = KernelTest.output(n, start: dy) {
          ck_layer_norm_backward(
            $0, &dscale, &dshift, $0, x, mean, inverse, scale, rows, width)
        }
        let steep = slack * Double(inverse.max() ?? 1)
        expectClose(dx, wantDX, relative: 1e-5, absolute: 10 * steep + 1e-5, "dx \(label)")
        expectClose(
          dscale, wantScale, relative: 1e-5, absolute: slack * 6 + 1e-5, "dscale \(label)")
        expectClose(dshift, wantShift, relative: 1e-6, absolute: 2e-6, "dshift \(label)")
      }
    }
  }

  @Test func crossEntropyAndItsGradientAgree() {
    var random = RandomSource(seed: 4, stream: "rows")
    KernelTest.eachLevel { level in
      for width in widths {
        for smoothing in [Float(0), 0.1] {
          let rows = 3
          let s = Double(smoothing)
          let label = "\(level) \(width) \(smoothing) seed 4"
          let x = KernelTest.normals(rows * width, &random, scale: 4)
          let targets = (0..<rows).map { _ in Int32(random.integer(below: width)) }
          var smoothed = 0.0
          var gradient: [Double] = []
          for row in 0..<rows {
            let values = x[(row * width)..<((row + 1) * width)].map(Double.init)
            let target = Int(targets[row])
            let p = softmax(values)
            let best = values.max() ?? 0
            let sum = best + log(values.reduce(0) { $0 + exp($1 - best) })
            smoothed += (1 - s) * (sum - values[target])
            smoothed += s * (sum - values.reduce(0, +) / Double(width))
            gradient += (0..<width).map {
              p[$0] - (s / Double(width)) - ($0 == target ? 1 - s : 0)
            }
          }
          var loss = 0.0
          let got = KernelTest.output(rows * width, start: x) {
            loss = ck_cross_entropy($0, targets, rows, width, smoothing)
          }
          #expect(abs(loss - smoothed) <= 2e-6 * (1 + smoothed), "\(label)")
          expectClose(got, gradient, absolute: 4e-6, label)
        }
      }
    }
  }

  @Test func aTargetOutsideTheVocabularyHasNoLossAndNoGradient() {
    KernelTest.eachLevel { level in
      let x: [Float] = [1, 2, 3, 1, 2, 3]
      var loss = 0.0
      let gradient = KernelTest.output(6, start: x) {
        loss = ck_cross_entropy($0, [-1, 3], 2, 3, 0)
      }
      #expect(loss == 0 && gradient == [0, 0, 0, 0, 0, 0], "\(level)")
    }
  }

  @Test func logSumExp() {
    var random = RandomSource(seed: 5, stream: "rows")
    KernelTest.eachLevel { level in
      for n in [1, 7, 8, 17, 1000, 5000] {
        let x = KernelTest.normals(n, &random, scale: 10)
        let best = Double(x.max() ?? 0)
        let want = best + log(x.reduce(0) { $0 + exp(Double($1) - best) })
        expectClose([ck_log_sum_exp(x, n)], [want], relative: 3e-7, "\(level) \(n) seed 5")
      }
      #expect(ck_log_sum_exp([1], 0) == -.infinity)
      #expect(ck_log_sum_exp([-.infinity, -.infinity], 2) == -.infinity)
      #expect(ck_log_sum_exp([.infinity, 0], 2) == .infinity)
      #expect(ck_log_sum_exp([.nan, 0], 2).isNaN && ck_log_sum_exp([.nan], 1).isNaN)
      #expect(ck_log_sum_exp([1000, 1000], 2) == Float(1000 + log(2.0)))
    }
  }
}
