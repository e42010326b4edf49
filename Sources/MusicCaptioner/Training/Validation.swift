/// Losses over the validation set, without dropout and augmentation.
struct Validation: Sendable {
  let source: BatchSource
  let model: CaptionModel
  let tagTargets: TagTargets?

  struct Result: Sendable {
    /// Mean cross-entropy per token, without label smoothing.
    var captionLoss: Double
    var tagLoss: Double?
  }

  /// - Returns: `nil` where not one clip can be read.
  func run() throws -> Result? {
    var (captionSum, tokenCount) = (0.0, 0)
    var (tagSum, clipCount) = (0.0, 0)
    let loader = source.batches()
    defer { loader.stop() }
    while let batch = try loader.next() {
      let pass = ForwardPass.inference
      let memory = model.encode(batch.logMel, in: pass)
      let tokens = batch.tokens.reduce(0) { $0 + $1.count }
      let loss = model.captionLoss(batch.tokens, memory: memory, labelSmoothing: 0, in: pass)
      captionSum += Double(loss.value.scalar) * Double(tokens)
      tokenCount += tokens
      clipCount += batch.count
      if let tagTargets, let logits = model.tagLogits(memory, in: pass) {
        let loss = tagLoss(
          logits, targets: tagTargets.matrix(batch.tags), weights: tagTargets.weights)
        tagSum += Double(loss.value.scalar) * Double(batch.count)
      }
    }
    guard tokenCount > 0 else { return nil }
    return Result(
      captionLoss: captionSum / Double(tokenCount),
      tagLoss: tagTargets == nil ? nil : tagSum / Double(clipCount))
  }
}
