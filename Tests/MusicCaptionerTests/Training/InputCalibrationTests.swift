import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct InputCalibrationTests {
  private let mels = 6

  /// Bands of mean 0 and deviation 1 that go up and down together.
  private func correlatedFrames(rows: Int) -> Tensor {
    var random = RandomSource(seed: 23, stream: "frames")
    var values: [Float] = []
    for _ in 0..<rows {
      var last = random.normal()
      for _ in 0..<mels {
        values.append(last)
        last = 0.8 * last + 0.6 * random.normal()
      }
    }
    return Tensor([rows, mels], values)
  }

  private func covariance(_ frames: Tensor) -> [Double] {
    let values = frames.values.map(Double.init)
    var sums = [Double](repeating: 0, count: mels * mels)
    for row in 0..<frames.rowCount {
      for a in 0..<mels {
        for b in 0..<mels { sums[a * mels + b] += values[row * mels + a] * values[row * mels + b] }
      }
    }
    return sums.map { $0 / Double(frames.rowCount) }
  }

  @Test func whitenedFramesAreNearlyUncorrelated() {
    let frames = correlatedFrames(rows: 4000)
    let before = covariance(frames)
    #expect(before[1] > 0.7)
    let matrix = InputCalibration.whitening(frames)
    let after = covariance(product(frames, matrix, transposing: .right))
    for a in 0..<mels {
      for b in 0..<mels where b != a {
        // What is left is the floor on the diagonal, which a band's neighbors share.
        #expect(abs(after[a * mels + b]) < 0.2, "\(a) \(b)")
      }
      // At most 1, and less by what the floor is next to the band's own variance, 0.36.
      #expect((0.6...1.001).contains(after[a * mels + a]), "\(a): \(after[a * mels + a])")
    }
  }

  @Test func aBandWithoutVarianceIsNotBlownUp() {
    var frames = correlatedFrames(rows: 200)
    frames.withUnsafeMutableBufferPointer { values in
      for row in 0..<200 { values[row * mels + 2] = 0 }
    }
    let matrix = InputCalibration.whitening(frames)
    #expect(matrix.values.allSatisfy { $0.isFinite && abs($0) < 20 })
  }

  @Test func oneFrameIsEnough() {
    let matrix = InputCalibration.whitening(Tensor(repeating: 1, shape: [1, mels]))
    #expect(matrix.values.allSatisfy { $0.isFinite })
  }

  @Test func calibratedConvolutionsHaveMeanZeroAndDeviationOne() {
    var configuration = ModelConfiguration()
    configuration.width = 8
    configuration.convolutionStrides = [2, 1, 2]
    let frontEnd = ConvolutionFrontEnd(configuration, melCount: mels, frameCount: 40)
    frontEnd.initialize(seed: 4)
    let frames = correlatedFrames(rows: 5 * 40)
    // Far from standard on purpose.
    let logMel = Tensor([5, 40, mels], frames.values.map { 30 * $0 - 50 })
    InputCalibration.calibrate(frontEnd, on: logMel)
    var x = Variable(padOverTime(logMel))
    for (layer, convolution) in frontEnd.convolutions.enumerated() {
      let y = convolution(x, in: .inference)
      let rows = unpadOverTime(y).value
      let values = rows.values.map(Double.init)
      for channel in 0..<8 {
        let column = stride(from: channel, to: values.count, by: 8).map { values[$0] }
        let mean = column.reduce(0, +) / Double(column.count)
        let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)
        #expect(abs(mean) < 1e-3 && abs(variance - 1) < 1e-2, "layer \(layer), \(channel)")
      }
      x = gelu(y)
    }
  }

  @Test func theClipSummarysStatisticsAreAroundZero() throws {
    var configuration = ModelConfiguration()
    configuration.width = 8
    configuration.convolutionStrides = [2, 2]
    configuration.summarizesClip = true
    let frontEnd = ConvolutionFrontEnd(configuration, melCount: mels, frameCount: 40)
    frontEnd.initialize(seed: 4)
    let logMel = Tensor([6, 40, mels], correlatedFrames(rows: 6 * 40).values)
    InputCalibration.calibrate(frontEnd, on: logMel)
    let summary = try #require(frontEnd.summary)
    let early = gelu(frontEnd.first(Variable(padOverTime(logMel)), in: .inference))
    let statistics = summary.statistics(of: early, logMel: logMel)
    for (map, rows) in [
      (summary.sound, statistics.sound), (summary.rhythm, statistics.rhythm),
    ] {
      let values = standardize(rows, mean: map.mean.value, std: map.deviation.value).value
      for column in 0..<values.width {
        let found = stride(from: column, to: values.count, by: values.width).map {
          Double(values.values[$0])
        }
        let mean = found.reduce(0, +) / 6
        let deviation = (found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6).squareRoot()
        #expect(abs(mean) < 1e-3 && deviation < 1.01, "column \(column)")
      }
    }
  }
}
