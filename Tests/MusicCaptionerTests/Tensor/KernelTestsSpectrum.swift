import CKernels
import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct KernelTestsSpectrum {
  /// The first `bins` complex numbers of a transform by definition.
  private func transform(_ re: [Double], _ im: [Double], bins: Int) -> [(re: Double, im: Double)] {
    let count = re.count
    let angles = (0..<count).map { 2 * .pi * Double($0) / Double(count) }
    let (cosines, sines) = (angles.map { cos($0) }, angles.map { sin($0) })
    return (0..<bins).map { bin in
      var sum = (re: 0.0, im: 0.0)
      for index in 0..<count {
        let (c, s) = (cosines[bin * index % count], sines[bin * index % count])
        sum.re += re[index] * c + im[index] * s
        sum.im += im[index] * c - re[index] * s
      }
      return sum
    }
  }

  @Test func powerOfRealNumbersFromTheTransformOfTheirPairs() {
    var random = RandomSource(seed: 4, stream: "kernels")
    for n in KernelTest.sizes where n > 0 && n <= 100 {
      let x = KernelTest.normals(2 * n, &random).map { Double($0) }
      let pairs = transform(
        (0..<n).map { x[2 * $0] }, (0..<n).map { x[2 * $0 + 1] }, bins: n)
      let z = pairs.flatMap { [Float($0.re), Float($0.im)] }
      let spectrum = transform(x, x.map { _ in 0 }, bins: n + 1)
      let angles = (0...n / 2).map { Double.pi * Double($0) / Double(n) }
      let (cosines, sines) = (angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) })
      // Of the largest numbers: sums of large ones may leave small ones.
      let tolerance = 4 * 0x1p-23 * Double(z.map { $0 * $0 }.max() ?? 0)
      KernelTest.eachLevel { level in
        expectClose(
          KernelTest.output(n + 1) { ck_power_spectrum($0, z, cosines, sines, n, 0) },
          spectrum.map { $0.re * $0.re + $0.im * $0.im }, absolute: tolerance,
          "\(level) \(n) seed 4")
        expectClose(
          KernelTest.output(n + 1) { ck_power_spectrum($0, z, cosines, sines, n, 1) },
          spectrum.map { $0.re * $0.re }, absolute: tolerance, "\(level) \(n) seed 4")
      }
    }
  }

  @Test func weightedSumsOfRows() {
    var random = RandomSource(seed: 6, stream: "kernels")
    for (rows, width) in [(0, 3), (1, 1), (2, 7), (5, 16), (3, 33), (20, 64), (9, 100)] {
      let x = KernelTest.normals(rows * width, &random)
      let weights = KernelTest.normals(rows, &random)
      let want = (0..<width).map { column in
        (0..<rows).reduce(0.0) { $0 + Double(weights[$1]) * Double(x[$1 * width + column]) }
      }
      KernelTest.eachLevel { level in
        expectClose(
          KernelTest.output(width) { ck_weighted_rows($0, x, weights, rows, width) }, want,
          absolute: 1e-5, "\(level) \(rows)×\(width) seed 6")
      }
    }
  }
}
