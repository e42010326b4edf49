import Foundation

/// Trains a caption model as configured, in a run folder from which training can be resumed.
public final class Trainer {
  private let configuration: RunConfiguration
  private let run: RunFolder
  /// Keeps other processes out until training ends.
  private var lock: FileLock?
  private let onEvent: @Sendable (TrainingEvent) -> Void
  private let data: RunData
  private let prepared: PreparedRun
  private let plan: RunPlan
  private let optimizer: AdamW
  private let schedule: LearningRateSchedule
  private let pass: TrainingPass
  private let captions: ValidationCaptions?
  private let log: TrainingLog
  private var state: TrainingState
  private var lastCheckpoint: Int?
  private let sessionStart = ContinuousClock.now
  private let earlierSeconds: Double

  /// Reads the data, then makes a new model or resumes from the newest intact checkpoint.
  ///
  /// - Parameters:
  ///   - configuration: The settings of the run; paths are relative to `folder`.
  ///   - folder: The configuration file's folder.
  ///   - output: The run folder.
  ///   - resumes: Whether to resume the run in `output`, if there is one.
  ///   - onEvent: Called on the training thread and, for warnings, on loader threads.
  /// - Throws: `TrainingError` if `output` contains another run, and the errors of the
  ///   configuration, the data, the tokenizer and the model.
  public convenience init(
    _ configuration: RunConfiguration, relativeTo folder: URL, output: URL,
    resumes: Bool = false, onEvent: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) throws {
    try configuration.validateWithSources()
    try self.init(
      configuration, relativeTo: folder, output: output, resumes: resumes, onEvent: onEvent
    ) { try RunData.load($0, relativeTo: folder) }
  }

  /// - Parameter readData: Reads the run's tracks, after the run folder has been checked.
  init(
    _ configuration: RunConfiguration, relativeTo folder: URL, output: URL, resumes: Bool,
    onEvent: @escaping @Sendable (TrainingEvent) -> Void,
    readData: (RunConfiguration) throws -> RunData
  ) throws {
    self.configuration = configuration.resolvingPaths {
      URL(fileURLWithPath: $0, relativeTo: folder).standardizedFileURL
    }
    self.onEvent = onEvent
    run = RunFolder(output)
    let formerLock = run.holdsRun ? try run.lock() : nil
    try Self.check(run, for: self.configuration, resumes: resumes)
    if resumes && formerLock == nil {
      onEvent(.warning("\(output.path): there is nothing to resume here; a new run begins"))
    }
    data = try readData(self.configuration)
    for warning in data.warnings { onEvent(.warning("\(warning)")) }
    let checkpoint = resumes ? try TrainingCheckpoint.readNewest(of: run) : nil
    state = checkpoint?.found.state ?? TrainingState()
    try state.adopt(data, at: checkpoint?.found.folder)
    if checkpoint == nil && formerLock != nil {
      onEvent(.warning("\(output.path): the run has no checkpoint yet; it starts over"))
    }
    let preparation = RunPreparation(
      configuration: self.configuration, data: data, folder: folder,
      onWarning: { onEvent(.warning("\($0)")) })
    prepared = try preparation.prepare(resuming: checkpoint?.found.bundle)
    // Not before all input has been checked: a run that can't begin must not leave a folder that
    // would have to be resumed.
    try run.create()
    lock = try formerLock ?? run.lock()
    // Another process may have started a run in the meantime.
    if formerLock == nil { try Self.check(run, for: self.configuration, resumes: false) }
    try run.prepare(for: self.configuration)
    for setting in try configuration.settingsWithoutEffect(in: prepared) {
      onEvent(.warning("\(setting)"))
    }
    plan = RunPlan(
      configuration: self.configuration, batchesPerEpoch: prepared.training.batchesPerEpoch)
    let options = configuration.training
    optimizer = AdamW(prepared.bundle.model, options: AdamW.Options(options))
    schedule = LearningRateSchedule(options)
    pass = TrainingPass(
      model: prepared.bundle.model, labelSmoothing: options.labelSmoothing,
      tagLossWeight: options.tagLossWeight, tagTargets: prepared.tagTargets,
      precision: options.precision.compute.inTraining)
    if pass.precision != options.precision.compute {
      onEvent(
        .warning(
          "training.precision: \(options.precision.rawValue) is not available on this machine: "
            + "\(ComputePrecision.trainingRequirement); computing in float32"))
    }
    captions = try ValidationCaptions(
      prepared.bundle, options, generation: configuration.generation,
      onWarning: { onEvent(.warning($0)) })
    earlierSeconds = state.seconds
    log = try TrainingLog(
      run, afterStep: state.step, owesValidation: state.owesValidation)
    if let checkpoint {
      try optimizer.restore(checkpoint.found.optimizer)
      lastCheckpoint = state.step
      onEvent(.resumed(step: state.step, problems: checkpoint.problems))
    }
  }

  /// Checks that the folder belongs to this run.
  private static func check(
    _ run: RunFolder, for configuration: RunConfiguration, resumes: Bool
  ) throws {
    let foreign = run.foreignItems
    guard foreign.isEmpty else { throw TrainingError(.foreignFolder(foreign), file: run.url.path) }
    guard run.holdsRun else { return }
    guard resumes else { throw TrainingError(.outputExists, file: run.url.path) }
    let former = try ConfigurationFile<RunConfiguration>(contentsOf: run.configuration).value
    let changed = former.sectionsThatMustStay(unlike: configuration)
    guard changed.isEmpty else {
      throw TrainingError(.otherConfiguration(changed), file: run.url.path)
    }
    // Not only at the end, after hours of training.
    for folder in [run.model, run.best] { try ModelBundle.checkReplaceable(folder) }
  }

  private var seconds: Double {
    earlierSeconds + (ContinuousClock.now - sessionStart) / .seconds(1)
  }

  // MARK: The run

  /// Trains to the end of the run, or until `shouldStop` returns true. Then a checkpoint is saved
  /// after the current step, and an unfinished validation is left to the resumed run.
  ///
  /// - Throws: `TrainingError` if the loss or gradients are no longer finite; the last good
  ///   checkpoint is kept.
  public func train(shouldStop: () -> Bool = { false }) throws -> TrainingOutcome {
    lock = try lock ?? run.lock()
    defer { lock = nil }
    onEvent(.prepared(plan.summary(of: prepared, data: data)))
    let loader = prepared.training.batches(from: plan.position(ofStep: state.step))
    defer { loader.stop() }
    if state.owesValidation {
      try validate(shouldStop)
      if !state.owesValidation {
        // Replaces the checkpoint that the run was resumed from, which says that a validation is
        // due.
        lastCheckpoint = nil
        try writeCheckpoint()
      }
    }
    while !shouldStop(), !isComplete {
      try takeStep(loader)
      if state.step == plan.totalSteps || state.step % plan.validationInterval == 0 {
        state.owesValidation = true
        try validate(shouldStop)
      }
      if isComplete || state.step % plan.checkpointInterval == 0 { try writeCheckpoint() }
    }
    if shouldStop() { return try interrupted() }
    try writeCheckpoint()
    try prepared.bundle.write(to: run.model)
    guard try captionHeldOutClips(shouldStop), !shouldStop() else { return try interrupted() }
    return state.hasStoppedEarly
      ? .stoppedEarly(model: run.model, step: state.step) : .finished(model: run.model)
  }

  /// Whether all steps have been taken.
  private var isComplete: Bool { state.step >= plan.totalSteps || state.hasStoppedEarly }

  /// Saves a checkpoint after a request to stop.
  private func interrupted() throws -> TrainingOutcome {
    try writeCheckpoint()
    return .interrupted(checkpoint: run.checkpoint(step: state.step), step: state.step)
  }

  private func takeStep(_ loader: BatchLoader) throws {
    let start = ContinuousClock.now
    let epoch = plan.epoch(atStep: state.step)
    var line = MetricsLine(
      step: state.step + 1, epoch: plan.epoch(atStep: state.step + 1), time: seconds)
    let batches = try takeBatches(loader)
    let size = StepSize(
      batches, includesCaptions: epoch >= configuration.training.tagOnlyEpochs)
    var losses = LossSums()
    for (number, batch) in batches.enumerated() {
      let index = UInt64(state.step * plan.accumulation + number)
      let sums = pass(
        batch, of: size,
        random: RandomSource(seed: configuration.seed, stream: "dropout", index: index))
      try checkFinite(sums.caption + sums.tag, "loss", ofStep: state.step + 1, batch.audioFiles)
      losses += sums
    }
    line.loss = losses.captionMean
    line.tagLoss = losses.tagMean
    let rate = schedule.rate(atEpoch: epoch)
    line.learningRate = rate
    let norm = optimizer.takeStep(
      learningRate: rate, gradientScale: size.gradientScale,
      maximumNorm: configuration.training.maximumGradientNorm)
    try checkFinite(
      norm, "gradient", ofStep: state.step + 1, batches.flatMap(\.audioFiles))
    line.gradientNorm = norm
    state.step += 1
    state.seconds = seconds
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    line.examplesPerSecond = Double(size.clipCount) / elapsed
    if size.includesCaptions { line.tokensPerSecond = Double(size.tokenCount) / elapsed }
    if state.step % configuration.training.logEverySteps == 0 || state.step == plan.totalSteps {
      try log.append(line)
    }
    onEvent(.step(line))
  }

  /// The batches of one step, all taken before its first pass, because the step's size depends on
  /// all of them.
  private func takeBatches(_ loader: BatchLoader) throws -> [Batch] {
    try (0..<plan.accumulation).map { _ in
      guard let batch = try loader.next() else {
        preconditionFailure("training batches have no end")
      }
      return batch
    }
  }

  private func checkFinite(
    _ value: Double, _ what: String, ofStep step: Int, _ files: [String] = []
  ) throws {
    guard !value.isFinite else { return }
    throw TrainingError(
      .notFinite(
        step: step, what: what, files: files,
        checkpoint: lastCheckpoint.map { run.checkpoint(step: $0).path }),
      file: run.url.path)
  }

  // MARK: Validation and captions

  private func validate(_ shouldStop: () -> Bool) throws {
    guard let source = prepared.validation else {
      state.owesValidation = false
      return
    }
    let options = configuration.training
    // Captions can't improve before captioning is trained.
    let learnsCaptions = plan.epoch(atStep: state.step) > options.tagOnlyEpochs
    let validation = Validation(
      source: source, model: prepared.bundle.model,
      tagTargets: options.tagLossWeight > 0 ? prepared.tagTargets : nil,
      captions: learnsCaptions ? captions : nil)
    let found: Validation.Result?
    do {
      found = try validation.run(shouldStop: shouldStop)
    } catch is CancellationError {
      return
    }
    state.owesValidation = false
    guard let result = found else { return }
    try checkFinite(result.captionLoss, "validation loss", ofStep: state.step)
    let isBest = result.value(of: options.bestBy).map { state.record($0, by: options.bestBy) }
    if isBest == true { try prepared.bundle.write(to: run.best) }
    if !learnsCaptions { state.validationsWithoutImprovement = 0 }
    if let patience = options.earlyStoppingPatience {
      state.hasStoppedEarly = state.validationsWithoutImprovement >= patience
    }
    state.seconds = seconds
    var line = MetricsLine(
      step: state.step, epoch: plan.epoch(atStep: state.step), time: state.seconds)
    line.validationLoss = result.captionLoss
    if let tagLoss = result.tagLoss { line.extra["validation_tag_loss"] = tagLoss }
    if let precision = result.tagPrecision {
      line.extra["validation_tag_precision"] = precision
    }
    for score in result.scores { line.extra[score.name] = score.value }
    try log.append(line)
    onEvent(.validated(line, isBest: isBest ?? false))
    if learnsCaptions {
      let samples = try sampleCaptioner.samples(
        of: source, count: options.sampleCaptions, step: state.step)
      for sample in samples {
        try log.append(sample)
        onEvent(.sample(sample))
      }
    }
  }

  private var sampleCaptioner: SampleCaptioner {
    SampleCaptioner(bundle: prepared.bundle, options: configuration.generation)
  }

  /// Captions synthesized clips that weren't used in training, and saves them as files to try.
  ///
  /// - Returns: Whether it was completed.
  private func captionHeldOutClips(_ shouldStop: () -> Bool) throws -> Bool {
    guard !data.heldOut.isEmpty else { return true }
    try run.createClipsFolder()
    for clip in data.heldOut {
      if shouldStop() { return false }
      onEvent(
        .heldOut(
          try sampleCaptioner.sample(
            of: clip, leavingFileIn: run.clips, step: state.step)))
    }
    return true
  }

  // MARK: Checkpoints

  private func writeCheckpoint() throws {
    guard lastCheckpoint != state.step else { return }
    for named in prepared.bundle.model.namedParameters {
      // A sum is finite only if all its terms are.
      try checkFinite(
        Kernels.sumOfSquares(named.parameter.value), named.name, ofStep: state.step)
    }
    let folder = run.checkpoint(step: state.step)
    try TrainingCheckpoint.write(state, bundle: prepared.bundle, optimizer: optimizer, to: folder)
    lastCheckpoint = state.step
    run.removeOldCheckpoints(
      keeping: configuration.training.keepCheckpoints, upToStep: state.step)
    onEvent(.checkpoint(folder, step: state.step))
  }
}

extension AdamW.Options {
  init(_ options: TrainingOptions) {
    self.init()
    beta1 = options.beta1
    beta2 = options.beta2
    epsilon = options.epsilon
    weightDecay = options.weightDecay
    decaysVectors = options.decayVectors
  }
}

extension LearningRateSchedule {
  init(_ options: TrainingOptions) {
    self.init(
      peak: options.learningRate, minimum: options.minimumLearningRate,
      warmupEpochs: options.warmupEpochs, epochs: options.epochs)
  }
}

extension RunConfiguration {
  /// The sections that a resumed run may not change and that differ here. The schedule, logging and
  /// decoding may change, for example to train longer.
  fileprivate func sectionsThatMustStay(unlike other: RunConfiguration) -> [String] {
    var names: [String] = []
    if seed != other.seed { names.append("seed") }
    if initialize != other.initialize { names.append("initialize") }
    if tokenizer != other.tokenizer { names.append("tokenizer") }
    if audio != other.audio { names.append("audio") }
    if standardizeAudio != other.standardizeAudio { names.append("standardize_audio") }
    if model != other.model { names.append("model") }
    if synthesizedMusic != other.synthesizedMusic { names.append("synthesized_music") }
    var (data, otherData) = (self.data, other.data)
    // Loading ahead never changes the batches.
    for keyPath in [\DataOptions.loaderThreads, \.batchesAhead, \.cacheMegabytes] {
      data[keyPath: keyPath] = 1
      otherData[keyPath: keyPath] = 1
    }
    if data != otherData { names.append("data") }
    // The position in the data is counted in batches.
    if training.batchSize != other.training.batchSize { names.append("training.batch_size") }
    if training.gradientAccumulationSteps != other.training.gradientAccumulationSteps {
      names.append("training.gradient_accumulation_steps")
    }
    return names
  }
}
