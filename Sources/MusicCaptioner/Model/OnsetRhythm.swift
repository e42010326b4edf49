/// How regularly notes begin: the autocorrelation over time of each band group's onset strength.
///
/// A frame's onset strength is the rise of its bands above the frame before (the spectral flux). Beats are
/// its peaks; their distance and multiples of it are peaks of the autocorrelation (tempogram; P. Grosche et
/// al., ICASSP 2010). It depends neither on loudness nor on where in the bar a clip begins.
struct OnsetRhythm {
  /// Drums, bass, lead and cymbals lie in different ones.
  private static let groupCount = 4
  /// Frames. At 10 ms a frame, 0.05 to 2 seconds: 1,200 to 30 beats a minute.
  private static let lags = 5...200

  private let lags: ClosedRange<Int>

  init(frameCount: Int) {
    lags =
      Self.lags.lowerBound...max(Self.lags.lowerBound, min(Self.lags.upperBound, frameCount / 2))
  }

  /// The numbers for one clip.
  var width: Int { Self.groupCount * lags.count }

  /// - Parameter logMel: `[batch, frames, mels]`
  /// - Returns: `[batch, groups · lags]`, each from −1 to 1; zeros where nothing changes
  func callAsFunction(_ logMel: Tensor) -> Tensor {
    let (batch, frameCount, melCount) = (logMel.shape[0], logMel.shape[1], logMel.shape[2])
    let rhythm = Tensor(zeros: [batch, width])
    WorkPool.shared.forEach(batch) { clip in
      let frames = logMel.readPointer + clip * frameCount * melCount
      for group in 0..<Self.groupCount {
        let mels = group * melCount / Self.groupCount..<(group + 1) * melCount / Self.groupCount
        var onsets = [Float](repeating: 0, count: frameCount)
        for frame in 1..<max(1, frameCount) {
          for mel in mels {
            let (now, before) = (frame * melCount + mel, (frame - 1) * melCount + mel)
            onsets[frame] += max(0, frames[now] - frames[before])
          }
        }
        let target = rhythm.freshPointer + clip * width + group * lags.count
        for (index, value) in autocorrelation(of: onsets).enumerated() { target[index] = value }
      }
    }
    return rhythm
  }

  /// At each lag, as a fraction of that at lag 0.
  private func autocorrelation(of strengths: [Float]) -> [Float] {
    let mean = strengths.reduce(0, +) / Float(max(1, strengths.count))
    let distances = strengths.map { $0 - mean }
    func product(lag: Int) -> Float {
      // Eight sums side by side: one after another, each addition would wait for the last.
      var sums = SIMD8<Float>()
      var index = 0
      while index + lag + 8 <= distances.count {
        sums +=
          SIMD8(distances[index..<index + 8]) * SIMD8(distances[index + lag..<index + lag + 8])
        index += 8
      }
      var sum = sums.sum()
      while index + lag < distances.count {
        sum += distances[index] * distances[index + lag]
        index += 1
      }
      return sum
    }
    let energy = product(lag: 0)
    return lags.map { energy > 0 ? product(lag: $0) / energy : 0 }
  }
}
