import CKernels

/// Training steps on made-up batches, for `Benchmarks/`. Users of the library don't need it; it is
/// imported with `@_spi(Benchmarks)`.
@_spi(Benchmarks) public final class StepBenchmark {
  private let step: TrainingStep
  private let optimizer: AdamW
  private let batch: Batch
  private var count: UInt64 = 0

  /// - Parameters:
  ///   - model: Trained in place.
  ///   - captions: The token ids of each clip's caption.
  ///   - logMel: `[captions, frames, mels]`
  ///   - precision: The precision of the matrix products, if this machine supports it.
  package init(
    _ model: CaptionModel, captions: [[Int]], logMel: Tensor, precision: ComputePrecision
  ) {
    step = TrainingStep(
      model: model, labelSmoothing: 0.1, tagLossWeight: 0, tagTargets: nil,
      precision: precision.inTraining)
    optimizer = AdamW(model.namedParameters, options: AdamW.Options())
    let names = captions.indices.map(String.init)
    batch = Batch(
      position: BatchPosition(), logMel: logMel, tokens: captions, tags: captions.map { _ in [] },
      captions: names, tracks: Array(captions.indices), trackIDs: names, audioFiles: names)
  }

  /// Everything that `Trainer` computes in a step, with dropout: the loss, its gradients, their
  /// norm and the optimizer's step.
  ///
  /// - Returns: The loss.
  package func run() -> Double {
    let random = RandomSource(seed: 0, stream: "dropout", index: count)
    count += 1
    let size = StepSize([batch], includesCaptions: true)
    let losses = step(batch, of: size, random: random)
    optimizer.takeStep(learningRate: 1e-4, gradientScale: size.gradientScale)
    return losses.captionMean ?? .nan
  }
}

/// Steps of AdamW alone, with given gradients.
@_spi(Benchmarks) public final class OptimizerBenchmark {
  private let parameters: [NamedParameter]
  private let gradients: [Tensor]
  private let optimizer: AdamW

  /// - Parameter model: Its weights are changed.
  package init(_ model: CaptionModel) {
    parameters = model.namedParameters.filter(\.parameter.isTrained)
    gradients = parameters.map { Tensor(repeating: 1e-3, shape: $0.parameter.shape) }
    optimizer = AdamW(parameters, options: AdamW.Options())
  }

  package func run() {
    // Moved, not copied; the step releases them.
    for (named, gradient) in zip(parameters, gradients) { named.parameter.addGradient(gradient) }
    optimizer.takeStep(learningRate: 1e-4)
  }
}

extension CaptionModel {
  /// An untrained model.
  @_spi(Benchmarks) public static func untrained(_ configuration: ModelConfiguration)
    -> CaptionModel
  {
    let model = CaptionModel(configuration)
    model.initialize(seed: 0)
    return model
  }
}

extension ModelBundle {
  /// Initializes all parameters.
  @_spi(Benchmarks) public func initialize() { model.initialize(seed: 0) }
}

/// The instruction set of the vector kernels: baseline, avx2, avx512, avx512vnni or avx512bf16.
@_spi(Benchmarks) public var kernelInstructionSet: String {
  String(cString: ck_level_name(ck_best_level()))
}
