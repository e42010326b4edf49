import CKernels
import Foundation
import Testing

@testable import MusicCaptioner

@Suite("Kernels of sums and moves") struct KernelTestsReductions {
  @Test func sumsAreTakenInDouble() {
    var random = RandomSource(seed: 1, stream: "sums")
    KernelTest.eachLevel { level in
      for n in KernelTest.sizes {
        let a = KernelTest.normals(n, &random)
        let sum = a.reduce(0.0) { $0 + Double($1) }
        let squares = a.reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(ck_sum(a, n) - sum) <= 1e-12 * Double(n), "\(level) \(n) seed 1")
        #expect(abs(ck_sum_of_squares(a, n) - squares) <= 1e-12 * Double(n), "\(level) \(n) seed 1")
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
}
