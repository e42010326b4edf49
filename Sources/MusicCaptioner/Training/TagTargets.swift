import Foundation

/// What the tag loss needs to know of the training set.
struct TagTargets: Sendable {
  let tagCount: Int
  /// How much each tag counts: `[tags]`
  let weights: Tensor
  /// The logarithm of each tag's odds in training: where the head's biases start.
  let logOdds: Tensor

  /// - Parameters:
  ///   - frequencies: The share of training tracks that have each tag.
  ///   - balance: 0 weighs all tags alike; 1 evens out what rare and frequent ones contribute.
  init(frequencies: [Double], balance: Double) {
    tagCount = frequencies.count
    let clamped = frequencies.map { min(max($0, 1e-3), 1 - 1e-3) }
    let raw = clamped.map { pow($0 * (1 - $0), -balance) }
    // The expected loss of the frequencies alone stays what it is without weights.
    let entropies = clamped.map { -$0 * log($0) - (1 - $0) * log(1 - $0) }
    let weighted = zip(raw, entropies).reduce(0) { $0 + $1.0 * $1.1 }
    let factor = entropies.reduce(0, +) / max(weighted, 1e-12)
    weights = Tensor([tagCount], raw.map { Float($0 * factor) })
    logOdds = Tensor([tagCount], clamped.map { Float(log($0 / (1 - $0))) })
  }

  /// 1 where a clip has a tag: `[clips, tags]`.
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
