/// The losses of a pass or of a whole step, as sums with the number of terms.
///
/// The sums of passes add up to those of the step, however it is divided into passes. Means would
/// not: a pass over short captions would count as much as one over long ones.
struct LossSums: Sendable, Equatable {
  /// Σ over the caption tokens of the label-smoothed cross-entropy.
  var caption = 0.0
  /// The number of tokens in the sum; 0 if only tags were learned.
  var tokenCount = 0
  /// Σ over the clips of the tag loss, not yet weighted against the captions' loss.
  var tag = 0.0
  /// The number of clips in the sum; 0 if only captions were learned.
  var clipCount = 0

  /// The mean loss per token; nil if only tags were learned.
  var captionMean: Double? { tokenCount > 0 ? caption / Double(tokenCount) : nil }
  /// The mean tag loss per clip; nil if only captions were learned.
  var tagMean: Double? { clipCount > 0 ? tag / Double(clipCount) : nil }

  static func += (sums: inout LossSums, pass: LossSums) {
    sums.caption += pass.caption
    sums.tokenCount += pass.tokenCount
    sums.tag += pass.tag
    sums.clipCount += pass.clipCount
  }
}

/// The divisors of a step's mean losses: the tokens and clips of all its passes together.
///
/// The step's loss is Σ caption loss / tokens + weight · Σ tag loss / clips. Each pass computes the
/// gradient of tokens times that, which is a sum over its own tokens and clips. So the gradients of
/// passes can be added, wherever they were computed, and divided once. The weight of a clip's tags
/// relative to a token depends on the whole step, so its size must be known before its first pass.
struct StepSize: Sendable, Equatable {
  let clipCount: Int
  /// The number of caption tokens in the loss; 0 if only tags are learned.
  let tokenCount: Int

  init(_ batches: [Batch], includesCaptions: Bool) {
    clipCount = batches.reduce(0) { $0 + $1.count }
    tokenCount = includesCaptions ? batches.reduce(0) { $0 + $1.tokenCount } : 0
  }

  /// Whether captions are learned, and not only tags.
  var includesCaptions: Bool { tokenCount > 0 }

  /// Turns the sum of the passes' gradients into the gradient of the step's loss.
  var gradientScale: Double { 1 / divisor }

  /// The factor of the sum of tag losses relative to the sum of token losses.
  func tagFactor(weight: Double) -> Double { weight * divisor / Double(max(1, clipCount)) }

  /// Without captions, only the clips are counted.
  private var divisor: Double { Double(includesCaptions ? tokenCount : max(1, clipCount)) }
}
