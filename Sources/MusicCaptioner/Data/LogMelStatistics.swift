import Synchronization

/// Each band's mean and standard deviation over training clips, for ``AudioFeatureOptions/mean``
/// and ``AudioFeatureOptions/deviation``.
package struct LogMelStatistics: Sendable, Equatable {
  /// In dB, `[mels]`
  package let mean: [Float]
  /// In dB, `[mels]`; never below ``leastDeviation``.
  package let deviation: [Float]
  /// The number of clips that could be read.
  package let clipCount: Int

  /// In dB. A band that never changes in training (above 4 kHz in telephone recordings) must not be
  /// amplified hugely if it changes later.
  package static let leastDeviation: Float = 1

  /// Measures a random choice of clips, the same for the same seed.
  ///
  /// - Parameters:
  ///   - features: Their own mean and deviation are ignored.
  ///   - limit: The most clips to read.
  /// - Throws: `DataError` if no clip can be read, `OptionError` for the first invalid feature
  ///   option.
  package static func measure(
    _ tracks: TrackSet, features: AudioFeatureOptions, limit: Int = 512, seed: UInt64
  ) throws -> LogMelStatistics {
    var features = features
    features.mean = nil
    features.deviation = nil
    let reader = try ClipReader(features, crop: .first, cache: ClipCache(megabytes: 0))
    var random = RandomSource(seed: seed, stream: "data.statistics")
    let chosen = Array(Array(0..<tracks.count).shuffled(using: &random).prefix(max(1, limit)))
    let found = Mutex<[Int: BandSums]>([:])
    let problem = Mutex("")
    WorkPool.shared.forEach(chosen.count) { index in
      do throws(AudioError) {
        let clip = try reader.read(chosen[index], of: tracks.table, position: 0)
        let sums = BandSums(clip.logMel)
        found.withLock { $0[index] = sums }
      } catch {
        let description = error.description
        problem.withLock { $0 = description }
      }
    }
    let sums = found.withLock { $0 }
    guard !sums.isEmpty else {
      let last = problem.withLock { $0 }
      throw DataError(.badAudio(draws: chosen.count, last: last), file: "")
    }
    // In the chosen order, so that rounding doesn't depend on which thread finished first.
    var total = BandSums(melCount: features.melCount)
    for index in chosen.indices {
      if let sum = sums[index] { total.add(sum) }
    }
    let count = Double(total.frameCount)
    let means = total.sum.map { $0 / count }
    let deviations = zip(total.squares, means).map { squares, mean in
      max(Float((max(0, squares / count - mean * mean)).squareRoot()), leastDeviation)
    }
    return LogMelStatistics(
      mean: means.map { Float($0) }, deviation: deviations, clipCount: sums.count)
  }
}

private struct BandSums: Sendable {
  var sum: [Double]
  var squares: [Double]
  var frameCount = 0

  init(melCount: Int) {
    sum = [Double](repeating: 0, count: melCount)
    squares = sum
  }

  init(_ logMel: Tensor) {
    self.init(melCount: logMel.width)
    frameCount = logMel.shape[0]
    let mels = logMel.width
    logMel.withUnsafeBufferPointer { values in
      for frame in 0..<frameCount {
        for mel in 0..<mels {
          let value = Double(values[frame * mels + mel])
          sum[mel] += value
          squares[mel] += value * value
        }
      }
    }
  }

  mutating func add(_ other: BandSums) {
    for mel in sum.indices {
      sum[mel] += other.sum[mel]
      squares[mel] += other.squares[mel]
    }
    frameCount += other.frameCount
  }
}
