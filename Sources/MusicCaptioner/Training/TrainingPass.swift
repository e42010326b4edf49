/// One pass of a step, a batch forward and backward: gradients are added to the model's parameters.
struct TrainingPass: Sendable {
  let model: CaptionModel
  let labelSmoothing: Double
  let tagLossWeight: Double
  let tagTargets: TagTargets?
  var precision = ComputePrecision.float32

  /// - Parameters:
  ///   - batch: Clips, captions and tags.
  ///   - step: The size of the whole step. The optimizer gets its `gradientScale`.
  ///   - random: For the dropout masks of this pass; nil for no dropout.
  func callAsFunction(_ batch: Batch, of step: StepSize, random: RandomSource?) -> LossSums {
    let tape = Tape()
    let pass = ForwardPass.training(on: tape, random: random, precision: precision)
    let inputs = model.frontEnd(batch.logMel, in: pass)
    // Tags predicted from the front end alone need no encoder.
    let needsEncoder = step.includesCaptions || model.configuration.tagSource == .encoder
    let memory = needsEncoder ? model.encode(inputs, clipCount: batch.count, in: pass) : nil
    var sums = LossSums()
    var terms: [Variable] = []
    if step.includesCaptions, let memory {
      let loss = model.captionLoss(
        batch.tokens, memory: memory, labelSmoothing: Float(labelSmoothing), in: pass)
      sums.caption = Double(loss.value.scalar)
      sums.tokenCount = batch.tokenCount
      terms.append(loss)
    }
    if let tagTargets, tagLossWeight > 0,
      let logits = model.tagLogits(inputs, memory: memory, clipCount: batch.count, in: pass)
    {
      let loss = tagLoss(
        logits, targets: tagTargets.matrix(batch.tags), weights: tagTargets.weights)
      sums.tag = Double(loss.value.scalar)
      sums.clipCount = batch.count
      terms.append(scale(loss, by: Float(step.tagFactor(weight: tagLossWeight))))
    }
    guard let first = terms.first else { return sums }
    let total = terms.dropFirst().reduce(first, add)
    tape.backward(from: total)
    return sums
  }
}
