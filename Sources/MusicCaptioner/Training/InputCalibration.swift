/// Sets what a native model measures on its training clips before the first step.
enum InputCalibration {
  /// Added to the covariance's diagonal (whose mean is 1), so that noise in the bands isn't
  /// amplified too much.
  private static let whiteningFloor = 0.1

  /// The matrix that decorrelates standardized mel bands: L⁻¹, where L·Lᵀ is their covariance with
  /// a floor. Lead instruments differ in directions with little variance; with correlated bands,
  /// gradient descent learns those last, or never.
  ///
  /// - Parameter frames: `[rows, mels]`
  /// - Returns: `[mels, mels]`
  static func whitening(_ frames: Tensor) -> Tensor {
    let size = frames.width
    var covariance = product(frames, frames, transposing: .left).values.map(Double.init)
    for index in covariance.indices { covariance[index] /= Double(max(1, frames.rowCount)) }
    for index in 0..<size { covariance[index * size + index] += whiteningFloor }
    let inverse = invertedLowerTriangle(cholesky(covariance, size: size), size: size)
    return Tensor([size, size], inverse.map(Float.init))
  }

  /// The lower triangular matrix L with L·Lᵀ = matrix, which is symmetric and positive definite.
  private static func cholesky(_ matrix: [Double], size: Int) -> [Double] {
    var lower = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0...row {
        var sum = matrix[row * size + column]
        for k in 0..<column { sum -= lower[row * size + k] * lower[column * size + k] }
        lower[row * size + column] =
          row == column
          ? max(sum, .leastNormalMagnitude).squareRoot() : sum / lower[column * size + column]
      }
    }
    return lower
  }

  private static func invertedLowerTriangle(_ lower: [Double], size: Int) -> [Double] {
    var inverse = [Double](repeating: 0, count: size * size)
    for column in 0..<size {
      for row in column..<size {
        var sum: Double = row == column ? 1 : 0
        for k in column..<row { sum -= lower[row * size + k] * inverse[k * size + column] }
        inverse[row * size + column] = sum / lower[row * size + row]
      }
    }
    return inverse
  }

  /// Scales and shifts each convolution's initial weights so that every channel of its output has
  /// mean 0 and standard deviation 1 (LSUV, arXiv 1511.06422, per channel), and measures the mean
  /// and deviation of the clip summary's statistics.
  ///
  /// - Parameter logMel: `[batch, frames, mels]`
  static func calibrate(_ frontEnd: ConvolutionFrontEnd, on logMel: Tensor) {
    var x = Variable(padOverTime(frontEnd.whitened(logMel)))
    for (index, convolution) in frontEnd.convolutions.enumerated() {
      let (mean, deviation) = columnStatistics(
        unpadOverTime(convolution(x, in: .inference)).value)
      rescale(convolution, mean: mean, deviation: deviation)
      x = gelu(convolution(x, in: .inference))
      if index == 0, let summary = frontEnd.summary {
        let statistics = summary.statistics(of: x, logMel: logMel)
        standardize(summary.sound, to: statistics.sound.value)
        standardize(summary.rhythm, to: statistics.rhythm.value)
      }
    }
  }

  /// - Parameter rows: `[clips, statistics]`
  private static func standardize(_ map: StandardizedMap, to rows: Tensor) {
    let (mean, deviation) = columnStatistics(rows)
    map.mean.value = Tensor([mean.count], mean)
    // A statistic that hardly varies between clips must not be amplified hugely if it does later.
    map.deviation.value = Tensor([deviation.count], deviation.map { max($0, 1e-2) })
  }

  /// Mean and standard deviation over the rows, for each column.
  private static func columnStatistics(_ x: Tensor) -> (mean: [Float], deviation: [Float]) {
    let rowCount = Double(x.rowCount)
    var (sum, squares) = (
      [Double](repeating: 0, count: x.width), [Double](repeating: 0, count: x.width)
    )
    x.withUnsafeBufferPointer { values in
      for index in values.indices {
        let value = Double(values[index])
        sum[index % x.width] += value
        squares[index % x.width] += value * value
      }
    }
    let mean = sum.map { $0 / rowCount }
    let deviation = zip(mean, squares).map { max($1 / rowCount - $0 * $0, 1e-12).squareRoot() }
    return (mean.map(Float.init), deviation.map(Float.init))
  }

  private static func rescale(_ convolution: Convolution, mean: [Float], deviation: [Float]) {
    var (weight, bias) = (convolution.weight.value, convolution.bias.value)
    let width = weight.count / mean.count
    weight.withUnsafeMutableBufferPointer { weight in
      for index in weight.indices { weight[index] /= deviation[index / width] }
    }
    bias.withUnsafeMutableBufferPointer { bias in
      for index in bias.indices { bias[index] = (bias[index] - mean[index]) / deviation[index] }
    }
    convolution.weight.value = weight
    convolution.bias.value = bias
  }
}
