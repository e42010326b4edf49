/// How a model is trained.
///
/// The defaults are those of the official fine-tuning (arXiv 2307.16372, section 4.2 and lpmc
/// `music_captioning/transfer.py`).
public struct TrainingOptions: Options {
  /// The number of examples in a forward and backward pass.
  public var batchSize = 64
  /// The number of passes per step.
  public var gradientAccumulationSteps = 1
  public var epochs = 100.0
  /// Ends the run after this many steps, unless `epochs` ends it sooner.
  public var maximumSteps: Int?

  /// The peak of the schedule: linear warm-up from 0, then half a cosine down to the minimum.
  public var learningRate = 1e-4
  public var minimumLearningRate = 1e-9
  public var warmupEpochs = 20.0

  public var weightDecay = 0.01
  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon = 1e-8
  /// Whether weight decay also shrinks biases and normalization scales, as in PyTorch's default.
  public var decayVectors = true
  /// Clips the norm of the gradients to this value. No clipping if nil.
  public var maximumGradientNorm: Double?
  public var labelSmoothing = 0.1
  public var precision = TrainingPrecision.float32

  /// The weight of the loss of the tags, which are predicted from the encoder's mean output; 0 for
  /// none.
  public var tagLossWeight = 0.0
  /// How much more rare tags count: tag t has weight (p·(1 − p)) to the power of minus this, where
  /// p is its frequency.
  public var tagBalance = 0.0
  /// Epochs at the start in which only tags are learned, without the decoder, so that the model
  /// listens first.
  public var tagOnlyEpochs = 0.0
  /// The number of clips used to scale the convolutions' initial weights for outputs of mean 0 and
  /// standard deviation 1 (LSUV, arXiv 1511.06422); 0 for PyTorch's initialization.
  public var calibrationClips = 0

  /// The interval between lines of metrics, in steps.
  public var logEverySteps = 10
  /// The interval between validations, in steps; once an epoch if nil.
  public var validateEverySteps: Int?
  /// The metrics that score captions of the validation set at each validation; BERTScore isn't
  /// available. None if empty: writing captions takes much longer than computing the loss.
  public var validationMetrics: [CaptionMetric] = []
  /// The most validation clips captioned for these scores, spread evenly; all if nil.
  public var validationCaptionLimit: Int?
  /// The criterion for `best/` and early stopping: the loss, or a score of `validationMetrics`.
  public var bestBy = BestMeasure.validationLoss
  /// The run ends after this many validations without improvement; never if nil.
  public var earlyStoppingPatience: Int?
  /// The number of validation clips captioned at each validation, to show progress.
  public var sampleCaptions = 4
  /// The interval between checkpoints, in steps; once an epoch if nil.
  public var checkpointEverySteps: Int?
  /// The number of checkpoints to keep, the newest ones.
  public var keepCheckpoints = 2

  public init() {}

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    func checkCount(_ count: Int?, _ key: CodingKeys) {
      if let count { checks.check(count > 0, key, count, "1 or more") }
    }
    func checkFraction(_ value: Double, _ key: CodingKeys) {
      checks.check(value >= 0 && value < 1, key, value, "a number from 0 to less than 1")
    }
    func checkPositive(_ value: Double, _ key: CodingKeys) {
      checks.check(value > 0 && value.isFinite, key, value, "a number above 0")
    }
    func checkNotNegative(_ value: Double, _ key: CodingKeys) {
      checks.check(value >= 0 && value.isFinite, key, value, "0 or more")
    }
    checks.check((1...1 << 20).contains(batchSize), .batchSize, batchSize, "1 to \(1 << 20)")
    checks.check(
      (1...1 << 20).contains(gradientAccumulationSteps), .gradientAccumulationSteps,
      gradientAccumulationSteps, "1 to \(1 << 20)")
    checks.check(epochs > 0 && epochs <= 1e9, .epochs, epochs, "above 0, at most 1e9")
    checkCount(maximumSteps, .maximumSteps)
    checkPositive(learningRate, .learningRate)
    checkNotNegative(minimumLearningRate, .minimumLearningRate)
    checkNotNegative(warmupEpochs, .warmupEpochs)
    checkNotNegative(weightDecay, .weightDecay)
    checkFraction(beta1, .beta1)
    checkFraction(beta2, .beta2)
    checkPositive(epsilon, .epsilon)
    if let maximumGradientNorm { checkPositive(maximumGradientNorm, .maximumGradientNorm) }
    checkFraction(labelSmoothing, .labelSmoothing)
    checkNotNegative(tagLossWeight, .tagLossWeight)
    checks.check((0...1).contains(tagBalance), .tagBalance, tagBalance, "a number from 0 to 1")
    checkNotNegative(tagOnlyEpochs, .tagOnlyEpochs)
    checks.check(
      tagOnlyEpochs == 0 || tagLossWeight > 0, .tagOnlyEpochs, tagOnlyEpochs,
      "0, or a tag_loss_weight above 0")
    checks.check(
      (0...65_536).contains(calibrationClips), .calibrationClips, calibrationClips,
      "0 to 65536")
    checkCount(logEverySteps, .logEverySteps)
    checkCount(validateEverySteps, .validateEverySteps)
    checks.check(
      !validationMetrics.contains(.bertscore), .validationMetrics, "bertscore",
      CaptionMetric.inTraining.map(\.rawValue).joined(separator: ", "))
    checkCount(validationCaptionLimit, .validationCaptionLimit)
    let measures = BestMeasure.all(of: validationMetrics)
    checks.check(
      measures.contains(bestBy), .bestBy, bestBy.rawValue,
      "\(measures.map(\.rawValue).joined(separator: ", ")); scores come with validation_metrics")
    checkCount(earlyStoppingPatience, .earlyStoppingPatience)
    checks.check(
      (0...10_000).contains(sampleCaptions), .sampleCaptions, sampleCaptions, "0 to 10000")
    checkCount(checkpointEverySteps, .checkpointEverySteps)
    checkCount(keepCheckpoints, .keepCheckpoints)
    return checks.problems
  }
}

/// The precision of the matrix products in a training step. Weights, gradients and moments are kept
/// in float32.
public enum TrainingPrecision: String, Codable, Sendable, CaseIterable {
  case float32, bfloat16

  var compute: ComputePrecision {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    }
  }
}
