import CKernels
import Foundation
import Testing

@testable import MusicCaptioner

@Suite("Kernels of sums, moves and attention") struct KernelTestsReductions {
  @Test func sumsAreTakenInDouble() {
    var random = RandomSource(seed: 1, stream: "sums")
    KernelTest.eachLevel { level in
      for n in KernelTest.sizes {
        let a = KernelTest.normals(n, &random)
        let b = KernelTest.normals(n, &random)
        let sum = a.reduce(0.0) { $0 + Double($1) }
        let squares = a.reduce(0.0) { $0 + Double($1) * Double($1) }
        let product = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(ck_sum(a, n) - sum) <= 1e-12 * Double(n), "\(level) \(n) seed 1")
        #expect(abs(ck_sum_of_squares(a, n) - squares) <= 1e-12 * Double(n), "\(level) \(n) seed 1")
        #expect(abs(ck_dot(a, b, n) - product) <= 1e-12 * Double(n), "\(level) \(n) seed 1")
      }
    }
  }

  @Test func anyNumberThatIsNotFiniteIsFound() {
    KernelTest.eachLevel { level in
      for n in KernelTest.sizes {
        var x = [Float](repeating: .greatestFiniteMagnitude, count: n)
        #expect(ck_all_finite(x, n) == 1, "\(level) \(n)")
        for place in Set([0, n / 2, n - 1]) where place >= 0 && place < n {
          for bad: Float in [.nan, .infinity, -.infinity] {
            x[place] = bad
            #expect(ck_all_finite(x, n) == 0, "\(level) \(n) \(place)")
            x[place] = 0
          }
        }
      }
    }
  }

  @Test func columnSumsAddToWhatIsThere() {
    KernelTest.eachLevel { level in
      for (rows, width) in [(0, 5), (1, 1), (3, 7), (4, 8), (5, 17), (9, 33), (50, 100)] {
        let x = (0..<(rows * width)).map { Float($0 % 97) }
        let want = (0..<width).map { c in (0..<rows).reduce(Float(1)) { $0 + x[$1 * width + c] } }
        let start = [Float](repeating: 1, count: width)
        #expect(
          KernelTest.output(width, start: start) { ck_column_sum($0, x, rows, width) } == want,
          "\(level) \(rows)×\(width)")
      }
    }
  }

  @Test func transposeOfAnyShape() {
    KernelTest.eachLevel { level in
      for (rows, columns) in [
        (0, 3), (1, 1), (1, 9), (9, 1), (4, 4), (5, 7), (33, 65), (64, 32), (3, 70), (70, 3),
      ] {
        let x = (0..<(rows * columns)).map { Float($0) }
        let want = (0..<(rows * columns)).map { x[$0 % max(rows, 1) * columns + $0 / max(rows, 1)] }
        #expect(
          KernelTest.output(rows * columns) { ck_transpose($0, x, rows, columns) } == want,
          "\(level) \(rows)×\(columns)")
      }
    }
  }

  @Test func theFirstNumberAboveAThresholdIsFound() {
    KernelTest.eachLevel { level in
      for n in KernelTest.sizes {
        // Below zero, where the lanes beyond the end must not count; NaN is above nothing.
        var x = [Float](repeating: -2, count: n)
        #expect(ck_first_above(x, n, -2) == n, "\(level) \(n)")
        for place in [0, n / 2, n - 1] where n > 0 {
          x[place] = -1
          let first = x.firstIndex { $0 > -2 }
          #expect(ck_first_above(x, n, -2) == first, "\(level) \(n) \(place)")
          x[0] = .nan
        }
      }
    }
  }

  @Test func attentionOfOnePositionOverGatheredRows() {
    var random = RandomSource(seed: 2, stream: "attend")
    KernelTest.eachLevel { level in
      for width in [1, 5, 8, 16, 24, 32, 40, 63, 64] {
        for count in [0, 1, 3, 4, 9, 33] {
          let heads = 3
          let stride = heads * width + 2
          let stored = 40
          let q = KernelTest.normals(heads * width, &random)
          let k = KernelTest.normals(stored * stride, &random)
          let v = KernelTest.normals(stored * stride, &random)
          let index = (0..<count).map { _ in Int32(random.integer(below: stored)) }
          var scratch = [Float](repeating: 0, count: count)
          for gathered in [true, false] {
            let row = { (i: Int) in gathered ? Int(index[i]) : i }
            var want: [Double] = []
            for head in 0..<heads {
              let scores = (0..<count).map { i in
                0.3
                  * (0..<width).reduce(0.0) {
                    $0 + Double(q[head * width + $1])
                      * Double(k[row(i) * stride + head * width + $1])
                  }
              }
              let best = scores.max() ?? 0
              let e = scores.map { exp($0 - best) }
              let sum = e.reduce(0, +)
              for c in 0..<width {
                want.append(
                  (0..<count).reduce(0.0) {
                    $0 + e[$1] / sum * Double(v[row($1) * stride + head * width + c])
                  })
              }
            }
            let got = KernelTest.output(heads * width) { out in
              for start in (0..<heads).map({ $0 * width }) {
                ck_attend(
                  out + start, Array(q[start...]), Array(k[start...]), Array(v[start...]),
                  gathered ? index : nil, count, stride, width, 0.3, &scratch)
              }
            }
            expectClose(got, want, absolute: 1e-5, "\(level) \(width) \(count) seed 2")
          }
        }
      }
    }
  }
}
