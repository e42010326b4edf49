/// How a model learns.
///
/// The defaults are the official fine-tuning's (arXiv 2307.16372, section 4.2 and lpmc
/// `music_captioning/transfer.py`).
package struct TrainingOptions: Options {
  /// Examples of one forward and backward pass.
  package var batchSize = 64
  /// Passes whose gradients are averaged for one step.
  package var gradientAccumulationSteps = 1
  package var epochs = 100.0
  /// Ends the run after so many steps, if sooner than `epochs` does.
  package var maximumSteps: Int?

  /// The peak of the schedule: linear warm-up from 0, then half a cosine down to the minimum.
  package var learningRate = 1e-4
  package var minimumLearningRate = 1e-9
  package var warmupEpochs = 20.0

  package var weightDecay = 0.01
  package var beta1 = 0.9
  package var beta2 = 0.999
  package var epsilon = 1e-8
  /// Whether weight decay also shrinks biases and normalization scales, as in PyTorch's default.
  package var decayVectors = true
  /// The longest gradient; longer ones are shortened to it. Not limited if nil.
  package var maximumGradientNorm: Double?
  package var labelSmoothing = 0.1
  package var precision = TrainingPrecision.float32

  /// What the loss of tags predicted from the encoder's mean output counts; 0 for none.
  package var tagLossWeight = 0.0
  /// How much more rare tags count: tag t weighs (p·(1 − p)) to minus this power, p its frequency.
  package var tagBalance = 0.0
  /// Epochs at the start in which only tags are learned, without the decoder: listening first.
  package var tagOnlyEpochs = 0.0
  /// Clips on which the convolutions' first weights are scaled to give outputs of mean 0 and
  /// deviation 1 (LSUV, arXiv 1511.06422); 0 for PyTorch's start.
  package var calibrationClips = 0

  /// Steps from one line of metrics to the next.
  package var logEverySteps = 10
  /// Steps from one validation to the next; once an epoch if nil.
  package var validateEverySteps: Int?
  /// What captions of the validation set are scored by at each validation; BERTScore is not among
  /// them. None if empty: writing captions takes much longer than the loss.
  package var validationMetrics: [CaptionMetric] = []
  /// The most validation clips that are captioned for it, taken evenly; all if nil.
  package var validationCaptionLimit: Int?
  /// What `best/` and early stopping go by: the loss, or a score of `validationMetrics`.
  package var bestBy = BestMeasure.validationLoss
  /// Validations without a better one after which the run ends; never if nil.
  package var earlyStoppingPatience: Int?
  /// Validation clips that are captioned at each validation, to watch it learn.
  package var sampleCaptions = 4
  /// Steps from one checkpoint to the next; once an epoch if nil.
  package var checkpointEverySteps: Int?
  /// Checkpoints that are kept, the newest.
  package var keepCheckpoints = 2

  package init() {}

  package var problems: [OptionError] {
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

/// The numbers that the matrix products of a training step are computed in. Weights, gradients and
/// moments are kept in float32.
package enum TrainingPrecision: String, Codable, Sendable, CaseIterable {
  case float32, bfloat16

  var compute: ComputePrecision {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    }
  }
}
