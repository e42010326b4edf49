/// The losses of one forward and backward pass.
struct PassResult: Sendable {
  /// The label-smoothed caption loss; nil where only tags were learned.
  var captionLoss: Double?
  var tagLoss: Double?
  /// What was differentiated.
  var total: Double
}

/// One batch forward and back: gradients are added to the model's parameters.
struct TrainingStep: Sendable {
  let model: CaptionModel
  let labelSmoothing: Double
  let tagLossWeight: Double
  let tagTargets: TagTargets?
  var precision = ComputePrecision.float32

  /// - Parameters:
  ///   - batch: Clips, captions and tags.
  ///   - includesCaptions: Whether captions are learned, or tags alone.
  ///   - random: The dropout masks of this pass; nil for none.
  func callAsFunction(
    _ batch: Batch, includesCaptions: Bool = true, random: RandomSource?
  ) -> PassResult {
    let tape = Tape()
    let pass = ForwardPass.training(on: tape, random: random, precision: precision)
    let clipCount = batch.count
    let inputs = model.frontEnd(batch.logMel, in: pass)
    // Tags told from the front end alone need no encoder.
    let needsEncoder = includesCaptions || model.configuration.tagSource == .encoder
    let memory = needsEncoder ? model.encode(inputs, clipCount: clipCount, in: pass) : nil
    var result = PassResult(total: 0)
    var terms: [Variable] = []
    if includesCaptions, let memory {
      let loss = model.captionLoss(
        batch.tokens, memory: memory, labelSmoothing: Float(labelSmoothing), in: pass)
      result.captionLoss = Double(loss.value.scalar)
      terms.append(loss)
    }
    if let tagTargets, tagLossWeight > 0,
      let logits = model.tagLogits(inputs, memory: memory, clipCount: clipCount, in: pass)
    {
      let loss = tagLoss(
        logits, targets: tagTargets.matrix(batch.tags), weights: tagTargets.weights)
      result.tagLoss = Double(loss.value.scalar)
      terms.append(scale(loss, by: Float(tagLossWeight)))
    }
    guard let first = terms.first else { return result }
    let total = terms.dropFirst().reduce(first, add)
    result.total = Double(total.value.scalar)
    tape.backward(from: total, cotangent: Tensor(scalar: 1))
    return result
  }
}
