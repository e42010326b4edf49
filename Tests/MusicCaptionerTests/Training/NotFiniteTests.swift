import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// What is no number stops a run, and leaves what was good.
@Suite struct NotFiniteTests {
  private func expectNotFinite(
    _ error: TrainingError?, what: String? = nil, step: Int? = nil, checkpoint: URL?
  ) {
    guard case .notFinite(let found, let name, _, let kept)? = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    if let what { #expect(name == what) }
    if let step { #expect(found == step) }
    #expect(kept == checkpoint?.path)
    #expect(error.map(ExitStatus.init) == .failure)
    let text = error?.description ?? ""
    #expect(text.contains("training.learning_rate") && text.contains("step \(found)"))
    #expect(text.contains(checkpoint?.path ?? "no checkpoint yet"))
  }

  @Test func aPoisonedParameterStopsTheRunWithStepAndClips() throws {
    try withTemporaryFolder { folder in
      let configuration = try TinyRun.configuration()
      let events = TrainingEvents()
      _ = try TinyRun.trainer(configuration, output: folder, events: events)
        .train(shouldStop: { events.steps.count == 3 })
      let run = RunFolder(folder)
      let found = try #require(try TrainingCheckpoint.readNewest(of: run)).found
      let parameters = found.bundle.model.namedParameters
      let named = try #require(parameters.first { $0.name == "audio_encoder.conv1.bias" })
      // The loss overflows; values that are no numbers would not even be read.
      named.parameter.value = Tensor(
        repeating: .greatestFiniteMagnitude, shape: named.parameter.shape)
      let optimizer = AdamW(found.bundle.model)
      try optimizer.restore(found.optimizer)
      try TrainingCheckpoint.write(
        found.state, bundle: found.bundle, optimizer: optimizer, to: run.checkpoint(step: 3))

      let error = #expect(throws: TrainingError.self) {
        try TinyRun.trainer(configuration, output: folder, resumes: true).train()
      }
      expectNotFinite(error, what: "loss", step: 4, checkpoint: run.checkpoint(step: 3))
      guard case .notFinite(_, _, let files, _)? = error?.reason else { return }
      #expect(files.count == 4 && files.allSatisfy { $0.hasPrefix("clip ") })
      #expect(FileManager.default.fileExists(atPath: run.checkpoint(step: 2).path))
      #expect(!FileManager.default.fileExists(atPath: run.model.path))
    }
  }

  @Test func aHugeLearningRateStopsBeforeItIsSaved() throws {
    try withTemporaryFolder { folder in
      // The first step's rate is 0, the second's far beyond what float32 holds.
      let configuration = try TinyRun.configuration(
        "training.learning_rate=1e300", "training.checkpoint_every_steps=1",
        "training.validate_every_steps=100")
      let error = #expect(throws: TrainingError.self) {
        try TinyRun.trainer(configuration, output: folder).train()
      }
      let run = RunFolder(folder)
      expectNotFinite(error, step: 2, checkpoint: run.checkpoint(step: 1))
      let kept = try #require(try TrainingCheckpoint.readNewest(of: run)).found
      #expect(kept.state.step == 1)
      for (name, tensor) in kept.bundle.model.namedTensors.entries {
        #expect(tensor.values.allSatisfy { $0.isFinite }, "\(name)")
      }
    }
  }

  @Test func aClipWithoutNumbersIsNamed() throws {
    try withTemporaryFolder { folder in
      var tracks = TinyRun.tracks
      tracks[5].audio = .samples([Float](repeating: .nan, count: 2000))
      let configuration = try TinyRun.configuration(
        "standardize_audio=false", "model.whiten_input=false", "training.calibration_clips=0",
        "training.batch_size=8")
      do {
        _ = try Trainer(configuration, tracks: tracks, output: folder).train()
        // The reader may refuse the clip and take another.
      } catch let error as TrainingError {
        guard case .notFinite(_, _, let files, _) = error.reason else { throw error }
        #expect(files.contains("clip 5"))
      }
    }
  }
}
