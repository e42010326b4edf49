/// The losses of a pass or of a whole step, as sums with the number of what they are sums over.
///
/// Sums of passes add up to those of the step, however it is cut into passes. Means would not: a
/// pass over short captions would count as much as one over long ones.
struct LossSums: Sendable, Equatable {
  /// Σ over the caption tokens of the label-smoothed cross-entropy.
  var caption = 0.0
  /// The tokens summed over; 0 where only tags were learned.
  var tokenCount = 0
  /// Σ over the clips of the tag loss, not yet weighted against the captions' loss.
  var tag = 0.0
  /// The clips summed over; 0 where only captions were learned.
  var clipCount = 0

  /// The loss of a token; nil where only tags were learned.
  var captionMean: Double? { tokenCount > 0 ? caption / Double(tokenCount) : nil }
  /// The tag loss of a clip; nil where only captions were learned.
  var tagMean: Double? { clipCount > 0 ? tag / Double(clipCount) : nil }

  static func += (sums: inout LossSums, pass: LossSums) {
    sums.caption += pass.caption
    sums.tokenCount += pass.tokenCount
    sums.tag += pass.tag
    sums.clipCount += pass.clipCount
  }
}

/// What a step's losses are means over: the tokens and clips of all its passes together.
///
/// The step's loss is Σ caption loss / tokens + weight · Σ tag loss / clips. Each pass computes the
/// gradient of tokens times that, which is a sum over its own tokens and clips: the gradients of
/// passes are added, wherever they were computed, and divided once. How much a clip's tags weigh beside
/// a token depends on the whole step, so its size must be known before its first pass.
struct StepSize: Sendable, Equatable {
  let clipCount: Int
  /// The caption tokens to learn from; 0 where only tags are learned.
  let tokenCount: Int

  init(_ batches: [Batch], includesCaptions: Bool) {
    clipCount = batches.reduce(0) { $0 + $1.count }
    tokenCount = includesCaptions ? batches.reduce(0) { $0 + $1.tokenCount } : 0
  }

  /// Whether captions are learned, or tags alone.
  var includesCaptions: Bool { tokenCount > 0 }

  /// What the sum of the passes' gradients is multiplied by to be that of the step's loss.
  var gradientScale: Double { 1 / divisor }

  /// What the sum over the clips' tag losses counts beside the sum over the tokens' losses.
  func tagFactor(weight: Double) -> Double { weight * divisor / Double(max(1, clipCount)) }

  /// Without captions, the clips are all that is counted.
  private var divisor: Double { Double(includesCaptions ? tokenCount : max(1, clipCount)) }
}
