import Foundation

/// The length of a run in steps, from its configuration and its data.
struct RunPlan: Sendable {
  let configuration: RunConfiguration
  let batchesPerEpoch: Int

  /// The number of passes per step.
  var accumulation: Int { configuration.training.gradientAccumulationSteps }
  var stepsPerEpoch: Double { Double(batchesPerEpoch) / Double(accumulation) }

  var totalSteps: Int {
    let planned = (configuration.training.epochs * stepsPerEpoch).rounded(.up)
    return min(configuration.training.maximumSteps ?? .max, Int(max(1, min(planned, 1e15))))
  }

  var validationInterval: Int { interval(configuration.training.validateEverySteps) }
  var checkpointInterval: Int { interval(configuration.training.checkpointEverySteps) }

  func epoch(atStep step: Int) -> Double { Double(step) / stepsPerEpoch }

  func position(ofStep step: Int) -> BatchPosition {
    BatchPosition().advanced(by: step * accumulation, batchesPerEpoch: batchesPerEpoch)
  }

  /// The number of steps between events that happen once an epoch by default.
  private func interval(_ steps: Int?) -> Int { steps ?? max(1, Int(stepsPerEpoch.rounded())) }

  func summary(of prepared: PreparedRun, data: RunData) -> TrainingSummary {
    let model = prepared.bundle.model
    let audio = prepared.bundle.audio
    return TrainingSummary(
      parameterCount: model.parameterCount, trainingTracks: data.training.count,
      validationTracks: prepared.validation?.tracks.count ?? 0,
      vocabularySize: model.configuration.vocabularySize,
      batchSize: configuration.training.batchSize * accumulation, stepsPerEpoch: stepsPerEpoch,
      totalSteps: totalSteps,
      memory: TrainingMemory.estimate(
        parameterCount: model.parameterCount, configuration: model.configuration,
        batchSize: configuration.training.batchSize, passes: accumulation,
        frames: audio.clipFrames, mels: audio.melCount, tokens: configuration.data.maximumTokens,
        recordingBytes: data.recordingBytes, clipCacheBytes: prepared.cacheBytes,
        batchesAhead: configuration.data.batchesAhead,
        calibrationClips: configuration.initialize == nil
          ? configuration.training.calibrationClips : 0))
  }
}

/// A preview of a run for `train --dry-run`. Nothing is written.
package struct RunPreview: Sendable {
  package let summary: TrainingSummary
  /// The target captions of the first batch.
  package let firstCaptions: [String]

  /// - Throws: The same errors as `Trainer` before its first step.
  package init(
    _ configuration: RunConfiguration, relativeTo folder: URL,
    onWarning: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    try configuration.validateWithSources()
    let data = try RunData.load(configuration, relativeTo: folder)
    for warning in data.warnings { onWarning("\(warning)") }
    let prepared = try RunPreparation(
      configuration: configuration, data: data, folder: folder,
      onWarning: { onWarning("\($0)") }
    ).prepare()
    for setting in try configuration.settingsWithoutEffect(in: prepared) {
      onWarning("\(setting)")
    }
    let plan = RunPlan(
      configuration: configuration, batchesPerEpoch: prepared.training.batchesPerEpoch)
    summary = plan.summary(of: prepared, data: data)
    firstCaptions = prepared.training.captions(at: BatchPosition())
  }
}
