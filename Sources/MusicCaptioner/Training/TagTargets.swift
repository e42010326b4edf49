import Foundation

/// Statistics of the training set for the tag loss.
struct TagTargets: Sendable {
  let tagCount: Int
  /// The weight of each tag: `[tags]`
  let weights: Tensor
  /// The log odds of each tag in training, the initial biases of the head.
  let logOdds: Tensor

  /// - Parameters:
  ///   - frequencies: The fraction of training tracks with each tag.
  ///   - balance: 0 gives all tags the same weight; 1 makes rare and frequent tags contribute
  ///     equally.
  init(frequencies: [Double], balance: Double) {
    tagCount = frequencies.count
    let clamped = frequencies.map { min(max($0, 1e-3), 1 - 1e-3) }
    let raw = clamped.map { pow($0 * (1 - $0), -balance) }
    // The expected loss of predicting the frequencies stays the same as without weights.
    let entropies = clamped.map { -$0 * log($0) - (1 - $0) * log(1 - $0) }
    let weighted = zip(raw, entropies).reduce(0) { $0 + $1.0 * $1.1 }
    let factor = entropies.reduce(0, +) / max(weighted, 1e-12)
    weights = Tensor([tagCount], raw.map { Float($0 * factor) })
    logOdds = Tensor([tagCount], clamped.map { Float(log($0 / (1 - $0))) })
  }

  /// 1 for each tag that a clip has: `[clips, tags]`.
  func matrix(_ tags: [[Int]]) -> Tensor {
    var matrix = Tensor(zeros: [tags.count, tagCount])
    matrix.withUnsafeMutableBufferPointer { matrix in
      for (clip, places) in tags.enumerated() {
        for place in places { matrix[clip * tagCount + place] = 1 }
      }
    }
    return matrix
  }
}
