import Foundation
import Testing

@testable import MusicCaptioner

/// A training run of a few steps, for its use of memory.
private struct MemoryTrial: Codable, Sendable, CustomTestStringConvertible {
  var name: String
  var configuration: ModelConfiguration
  var batchSize: Int
  var frames: Int
  /// Of each caption, in one step after another.
  var tokens: [Int]

  var testDescription: String { name }
  static let mels = 32

  static let all: [MemoryTrial] = {
    var small = ModelConfiguration()
    small.vocabularySize = 500
    small.maximumPositionCount = 128
    small.width = 64
    small.encoderLayerCount = 2
    small.decoderLayerCount = 2
    small.encoderHeadCount = 4
    small.decoderHeadCount = 4
    small.encoderInnerWidth = 256
    small.decoderInnerWidth = 256
    small.convolutionStrides = [1, 2, 2]
    var normsFirst = small
    normsFirst.normalizesBefore = true
    normsFirst.dropout = 0
    normsFirst.attentionDropout = 0
    normsFirst.activationDropout = 0
    var wordy = small
    wordy.vocabularySize = 8_000
    wordy.decoderLayerCount = 3
    wordy.encoderLayerCount = 1
    var wideFirst = small
    wideFirst.convolutionWidths = [512, 256]
    wideFirst.summarizesClip = true
    var talkative = small
    talkative.decoderLayerCount = 8
    return [
      MemoryTrial(
        name: "longer captions in each step", configuration: talkative, batchSize: 16, frames: 41,
        tokens: [20, 26, 32, 40, 50, 64]),
      MemoryTrial(
        name: "wide first convolutions", configuration: wideFirst, batchSize: 8, frames: 201,
        tokens: [12, 12]),
      MemoryTrial(
        name: "long clips", configuration: small, batchSize: 8, frames: 201, tokens: [12, 12]),
      MemoryTrial(
        name: "pre-norm, no dropout", configuration: normsFirst, batchSize: 8, frames: 81,
        tokens: [30, 30]),
      MemoryTrial(
        name: "large vocabulary", configuration: wordy, batchSize: 4, frames: 41, tokens: [40, 40]),
    ]
  }()

  func makeModel() -> CaptionModel {
    CaptionModel(configuration, melCount: Self.mels, frameCount: frames)
  }

  func estimate() -> TrainingMemory {
    TrainingMemory.estimate(
      parameterCount: makeModel().parameterCount, configuration: configuration,
      batchSize: batchSize, frames: frames, mels: Self.mels, tokens: tokens.max() ?? 0)
  }

  /// The bytes that the pool has taken from the system after the steps.
  func measure() -> Int {
    WorkPool.shared.threadCount = 2
    let model = makeModel()
    model.initialize(seed: 1)
    let optimizer = AdamW(model)
    let step = TrainingPass(
      model: model, labelSmoothing: 0.1, tagLossWeight: 0, tagTargets: nil)
    for (number, tokens) in tokens.enumerated() {
      let captions = (0..<batchSize).map { clip in
        (0..<tokens).map { 3 + (7 * clip + $0) % (configuration.vocabularySize - 3) }
      }
      let batch = Batch(
        position: BatchPosition(epoch: 0, batch: number),
        logMel: randomTensor([batchSize, frames, Self.mels], seed: UInt64(number)),
        tokens: captions, tags: captions.map { _ in [] }, captions: captions.map { _ in "" },
        tracks: Array(captions.indices), trackIDs: captions.map { _ in "" },
        audioFiles: captions.map { _ in "" })
      let size = StepSize([batch], includesCaptions: true)
      _ = step(
        batch, of: size,
        random: RandomSource(seed: 1, stream: "dropout", index: UInt64(number)))
      optimizer.takeStep(learningRate: 1e-4, gradientScale: size.gradientScale)
    }
    return BufferPool.usage.peakBytes
  }
}

@Suite struct TrainingMemoryTests {
  /// In a process of its own, whose pool no other test uses.
  @Test(arguments: MemoryTrial.all)
  fileprivate func theEstimateIsWithinASeventhOfWhatStepsTake(_ trial: MemoryTrial) async {
    await #expect(processExitsWith: .success) { [trial] in
      // The pool holds what the program takes for its tensors alone.
      let (measured, estimated) = (
        trial.measure(), trial.estimate().total - TrainingMemory.program
      )
      let ratio = Double(estimated) / Double(measured)
      #expect(ratio > 0.85 && ratio < 1.15, "estimated \(estimated), measured \(measured) bytes")
    }
  }

  @Test func theTableNamesEachPart() {
    let memory = TrainingMemory(
      parameterCount: 148_600_000, parameters: 594_600_000, gradients: 594_600_000,
      moments: 1_189_200_000, activations: 2_800_000_000, clips: 33_000_000,
      calibration: 1_000_000)
    #expect(
      memory.description == """
        Memory: 149 M parameters; about 5.28 GB at the peak
          weights           595 MB
          gradients         595 MB
          AdamW moments    1.19 GB
          activations      2.80 GB
          clips            33.0 MB
          program          70.0 MB
        """)
  }

  @Test func partsGrowWithWhatTheyDependOn() {
    func estimate(
      batchSize: Int = 8, passes: Int = 1, tokens: Int = 64, cache: Int = 0,
      recordings: Int = 0, ahead: Int = 0, calibrated: Int = 0
    ) -> TrainingMemory {
      TrainingMemory.estimate(
        parameterCount: 1_000, configuration: ModelConfiguration(), batchSize: batchSize,
        passes: passes, frames: 1_001, mels: 128, tokens: tokens, recordingBytes: recordings,
        clipCacheBytes: cache, batchesAhead: ahead, calibrationClips: calibrated)
    }
    let base = estimate()
    #expect(base.moments == 2 * base.parameters && base.gradients == base.parameters)
    #expect(estimate(batchSize: 16).activations > base.activations)
    #expect(estimate(tokens: 128).activations > base.activations)
    #expect(estimate(cache: 5_000).clips == base.clips + 5_000)
    #expect(estimate(recordings: 3_000).clips == base.clips + 3_000)
    #expect(estimate(ahead: 3).clips == 4 * base.clips)
    #expect(estimate(passes: 8, ahead: 3).clips == 11 * base.clips)
    #expect(estimate(passes: 8).activations == base.activations)
  }

  @Test func recordingsInMemoryAndWhatTheCacheWillHoldAreCounted() throws {
    let configuration = try TinyRun.configuration()
    let data = RunData(
      training: try TrackSet(TinyRun.tracks), validation: try TrackSet(TinyRun.validation),
      heldOut: [])
    let prepared = try TinyRun.prepared(configuration)
    let plan = RunPlan(
      configuration: configuration, batchesPerEpoch: prepared.training.batchesPerEpoch)
    // Twelve recordings of 3,000 samples. The eight to learn from are longer than a clip and are kept
    // whole, as calibration has shown; of the others it is the log-mel of 26 frames and 8 bands.
    let recordings = 12 * 3_000 * 4
    let cache = 8 * 3_000 * 4 + 4 * 26 * 8 * 4
    let batches = (1 + configuration.data.batchesAhead) * 4 * 26 * 8 * 4
    #expect(
      plan.summary(of: prepared, data: data).memory.clips == recordings + cache + batches)
  }

  @Test func calibrationCountsWhereItTakesMoreThanAStep() {
    func total(_ clips: Int) -> Int {
      TrainingMemory.estimate(
        parameterCount: 1_000, configuration: ModelConfiguration(), batchSize: 4, frames: 1_001,
        mels: 128, tokens: 32, calibrationClips: clips
      ).total
    }
    #expect(total(0) == total(4))
    #expect(total(1_000) > total(0))
    #expect(total(2_000) - total(1_000) > 1_000 * 1_001 * 768 * 4)
  }

  @Test func absurdSizesGiveAbsurdEstimatesAndNoTrap() {
    for size in [Int.max, -1, 0] {
      var configuration = ModelConfiguration()
      configuration.width = size
      configuration.encoderLayerCount = size
      let memory = TrainingMemory.estimate(
        parameterCount: abs(size), configuration: configuration, batchSize: size, frames: size,
        mels: size, tokens: size, recordingBytes: size, clipCacheBytes: size, batchesAhead: size,
        calibrationClips: size)
      #expect(memory.total >= 0 && !memory.description.isEmpty)
    }
  }
}
