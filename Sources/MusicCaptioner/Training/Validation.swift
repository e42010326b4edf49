/// Losses over the validation set, without dropout and augmentation, and scores of its captions.
struct Validation: Sendable {
  let source: BatchSource
  let model: CaptionModel
  let tagTargets: TagTargets?
  /// Nil if no captions are scored.
  var captions: ValidationCaptions?

  struct Result: Sendable {
    /// Mean cross-entropy per token, without label smoothing.
    var captionLoss: Double
    var tagLoss: Double?
    /// The fraction of a clip's n tags that are among the n most likely ones (R-precision),
    /// averaged.
    var tagPrecision: Double?
    /// The captions' scores; empty if none are scored.
    var scores: [CaptionScore] = []

    /// - Returns: Nil if it was not measured.
    func value(of measure: BestMeasure) -> Double? {
      measure == .validationLoss
        ? captionLoss : scores.first { $0.name == measure.rawValue }?.value
    }
  }

  /// - Parameter shouldStop: Called before each batch.
  /// - Returns: `nil` if no clip can be read.
  /// - Throws: `CancellationError` if asked to stop.
  func run(shouldStop: () -> Bool = { false }) throws -> Result? {
    var (captionSum, tokenCount) = (0.0, 0)
    var (tagSum, precisionSum, clipCount) = (0.0, 0.0, 0)
    var pairs: [CaptionPair] = []
    let loader = source.batches()
    defer { loader.stop() }
    while let batch = try loader.next() {
      if shouldStop() { throw CancellationError() }
      let pass = ForwardPass.inference
      let inputs = model.frontEnd(batch.logMel, in: pass)
      let memory = model.encode(inputs, clipCount: batch.count, in: pass)
      let loss = model.captionLoss(batch.tokens, memory: memory, labelSmoothing: 0, in: pass)
      captionSum += Double(loss.value.scalar)
      tokenCount += batch.tokenCount
      clipCount += batch.count
      if let tagTargets,
        let logits = model.tagLogits(inputs, memory: memory, clipCount: batch.count, in: pass)
      {
        let loss = tagLoss(
          logits, targets: tagTargets.matrix(batch.tags), weights: tagTargets.weights)
        tagSum += Double(loss.value.scalar)
        precisionSum += Self.precisionSum(logits.value, tags: batch.tags)
      }
      if let captions { pairs += captions.pairs(of: batch, memory, from: source) }
    }
    guard tokenCount > 0 else { return nil }
    return Result(
      captionLoss: captionSum / Double(tokenCount),
      tagLoss: tagTargets == nil ? nil : tagSum / Double(clipCount),
      tagPrecision: tagTargets == nil ? nil : precisionSum / Double(clipCount),
      scores: captions?.scores(of: pairs) ?? [])
  }

  private static func precisionSum(_ logits: Tensor, tags: [[Int]]) -> Double {
    let width = logits.width
    let values = logits.values
    return tags.enumerated().reduce(0) { sum, clip in
      guard !clip.element.isEmpty else { return sum }
      let row = values[clip.offset * width..<(clip.offset + 1) * width]
      let guesses = row.indices.sorted { row[$0] > row[$1] }.prefix(clip.element.count)
      let hits = Set(guesses.map { $0 - row.startIndex }).intersection(clip.element).count
      return sum + Double(hits) / Double(clip.element.count)
    }
  }
}
