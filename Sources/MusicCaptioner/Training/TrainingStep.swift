/// One optimizer step on the captions of some batches, for your own training loop.
///
/// ```swift
/// let step = TrainingStep(bundle.model)
/// let optimizer = AdamW(bundle.model)
/// for number in 0..<1_000 {
///   let result = try step(number, on: [batch], optimizer, learningRate: 1e-4)
/// }
/// ```
///
/// ``Trainer`` takes the same steps, and adds the tag loss, data, validation, checkpoints and logs.
public struct TrainingStep: Sendable {
  /// The loss and the gradient norm of a step.
  public struct Result: Sendable, Equatable {
    /// The label-smoothed cross-entropy, in nats per caption token.
    public let loss: Double
    /// The norm of all gradients together, before clipping.
    public let gradientNorm: Double

    /// Whether the parameters were updated: not if the loss or the gradients are not finite.
    public var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
  }

  private let pass: TrainingPass
  private let seed: UInt64

  /// - Parameters:
  ///   - model: Its weights are trained.
  ///   - labelSmoothing: As in PyTorch's `CrossEntropyLoss`.
  ///   - precision: The precision of matrix products: float32, or bfloat16 if the processor
  ///     supports it. Parameters and gradients are float32.
  ///   - seed: For dropout.
  public init(
    _ model: CaptionModel, labelSmoothing: Double = 0.1, precision: ComputePrecision = .float32,
    seed: UInt64 = 0
  ) {
    pass = TrainingPass(
      model: model, labelSmoothing: labelSmoothing, tagLossWeight: 0, tagTargets: nil,
      precision: precision.inTraining)
    self.seed = seed
  }

  /// Takes a step.
  ///
  /// The batches go through the model one after another (gradient accumulation). The result depends
  /// on their clips, not on how the clips are divided into batches.
  ///
  /// - Parameters:
  ///   - number: The number of steps before this one. With the seed, it determines the dropout
  ///     masks.
  ///   - batches: Clips and captions.
  ///   - optimizer: An optimizer of the same model.
  ///   - maximumGradientNorm: Larger norms are scaled down to it, as in `clip_grad_norm_`.
  /// - Returns: Loss and gradient norm. If one is not finite, the parameters are unchanged.
  /// - Throws: `ModelError` for log-mels or token ids that the model can't take.
  public func callAsFunction(
    _ number: Int, on batches: [Batch], _ optimizer: AdamW, learningRate: Double,
    maximumGradientNorm: Double? = nil
  ) throws(ModelError) -> Result {
    for batch in batches {
      try pass.model.check(batch.logMel)
      try pass.model.check(batch.tokens)
    }
    let size = StepSize(batches, includesCaptions: true)
    guard size.tokenCount > 0 else { return Result(loss: .nan, gradientNorm: .nan) }
    var losses = LossSums()
    for (index, batch) in batches.enumerated() {
      losses += pass(
        batch, of: size,
        random: RandomSource(
          seed: seed, stream: "dropout",
          index: UInt64(bitPattern: Int64(number * batches.count + index))))
    }
    let loss = losses.captionMean ?? .nan
    let norm = optimizer.gradientNorm * size.gradientScale
    guard loss.isFinite, norm.isFinite else {
      optimizer.clearGradients()
      return Result(loss: loss, gradientNorm: norm)
    }
    let limit = maximumGradientNorm.map { AdamW.clippingFactor(norm, maximum: $0) } ?? 1
    optimizer.takeStep(learningRate: learningRate, gradientScale: size.gradientScale * limit)
    return Result(loss: loss, gradientNorm: norm)
  }
}
