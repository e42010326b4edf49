import Foundation
import Testing

@testable import MusicCaptioner

/// A step computes the same, however its clips are shared out over passes.
@Suite struct StepSplitTests {
  /// How a step's eight clips are shared out: evenly, and as where some clips of a batch are missing.
  static let splits = [[4, 4], [2, 2, 2, 2], [1, 1, 1, 1, 1, 1, 1, 1], [1, 7], [3, 2, 3]]

  /// What a step came to before the optimizer's part.
  private struct Outcome {
    var losses = LossSums()
    /// Of the step's loss, by parameter.
    var gradients: [String: [Float]] = [:]
  }

  private func outcome(
    _ split: [Int], tagWeight: Double, includesCaptions: Bool = true
  ) throws -> Outcome {
    let prepared = try TinyRun.prepared(TinyRun.configuration("training.batch_size=8"))
    let whole = try prepared.training.batch(at: BatchPosition())
    #expect(Set(whole.tokens.map(\.count)).count > 1, "captions of one length prove nothing")
    var batches: [Batch] = []
    for count in split {
      let start = batches.reduce(0) { $0 + $1.count }
      batches.append(whole.clips(start..<start + count))
    }
    let step = TrainingPass(
      model: prepared.bundle.model, labelSmoothing: 0.1, tagLossWeight: tagWeight,
      tagTargets: prepared.tagTargets)
    let size = StepSize(batches, includesCaptions: includesCaptions)
    var outcome = Outcome()
    for batch in batches { outcome.losses += step(batch, of: size, random: nil) }
    for named in prepared.bundle.model.namedParameters {
      outcome.gradients[named.name] = named.parameter.gradient?.values.map {
        $0 * Float(size.gradientScale)
      }
    }
    return outcome
  }

  /// Compares float32 sums of a few hundred terms, added up in two orders.
  private func expectSame(
    _ found: [String: [Float]], _ expected: [String: [Float]], _ label: String
  ) {
    #expect(found.keys.sorted() == expected.keys.sorted() && !found.isEmpty, "\(label)")
    for (name, expected) in expected {
      let scale = max(expected.map(abs).max() ?? 0, 1e-4)
      let error = zip(found[name] ?? [], expected).map { abs($0 - $1) }.max() ?? 0
      #expect(error < 2e-5 * scale + 1e-8, "\(name), \(label)")
    }
  }

  @Test(arguments: splits) func lossesAndGradientsOfAStepDoNotDependOnItsPasses(
    _ split: [Int]
  ) throws {
    for includesCaptions in [true, false] {
      let whole = try outcome([8], tagWeight: 0.3, includesCaptions: includesCaptions)
      let parts = try outcome(split, tagWeight: 0.3, includesCaptions: includesCaptions)
      #expect(parts.losses.tokenCount == whole.losses.tokenCount && parts.losses.clipCount == 8)
      #expect((parts.losses.captionMean == nil) == !includesCaptions)
      let caption = (parts.losses.captionMean ?? 0) - (whole.losses.captionMean ?? 0)
      let tag = try #require(parts.losses.tagMean) - #require(whole.losses.tagMean)
      #expect(abs(caption) < 1e-6 && abs(tag) < 1e-6)
      expectSame(parts.gradients, whole.gradients, "\(split), captions: \(includesCaptions)")
    }
  }

  @Test func theStepsGradientIsThatOfItsMeanLosses() throws {
    let split = [3, 5]
    let captions = try outcome(split, tagWeight: 0).gradients
    let tags = try outcome(split, tagWeight: 1, includesCaptions: false).gradients
    var expected = captions
    for (name, gradient) in tags {
      let ofCaptions = captions[name] ?? gradient.map { _ in 0 }
      expected[name] = zip(ofCaptions, gradient).map { $0 + 0.3 * $1 }
    }
    expectSame(try outcome(split, tagWeight: 0.3).gradients, expected, "captions + 0.3 · tags")
  }

  /// Steps of eight clips, in passes of so many.
  private func train(_ configuration: RunConfiguration, passesOf count: Int, in folder: URL) throws
    -> (lines: [MetricsLine], model: NamedTensors)
  {
    var configuration = configuration
    configuration.training.batchSize = count
    configuration.training.gradientAccumulationSteps = 8 / count
    let output = folder.appending(path: "\(count)")
    let events = TrainingEvents()
    _ = try TinyRun.trainer(configuration, output: output, events: events).train()
    let bundle = try ModelBundle(contentsOf: output.appending(path: "model"))
    return (events.steps, bundle.model.namedTensors)
  }

  private func values(_ tensors: NamedTensors) -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: tensors.entries.map { ($0.name, $0.tensor.values) })
  }

  @Test func aRunInOnePassPerStepAndInManyLogsAndLearnsTheSame() throws {
    try withTemporaryFolder { folder in
      // AdamW's first steps have the gradient's sign, whatever its size: the large epsilon keeps
      // rounding from being learned. Masks of dropout belong to a pass.
      let configuration = try TinyRun.configuration(
        "training.maximum_steps=3", "training.warmup_epochs=0", "training.epsilon=1",
        "training.learning_rate=0.3", "training.calibration_clips=8", "model.dropout=0",
        "model.attention_dropout=0", "model.activation_dropout=0")
      let whole = try train(configuration, passesOf: 8, in: folder)
      #expect(whole.lines.count == 3)
      for count in [4, 2, 1] {
        let parts = try train(configuration, passesOf: count, in: folder)
        for (found, expected) in zip(parts.lines, whole.lines) {
          for path in [\MetricsLine.loss, \.tagLoss, \.gradientNorm] {
            let value = try #require(expected[keyPath: path])
            let error = abs(try #require(found[keyPath: path]) - value)
            #expect(error < 2e-5 * value, "\(path), passes of \(count), step \(found.step)")
          }
        }
        expectSame(values(parts.model), values(whole.model), "passes of \(count)")
      }
      let start = try TinyRun.prepared(configuration).bundle.model.namedTensors
      let moved = try #require(start["tag_head.weight"])
      #expect(largestDifference(try #require(whole.model["tag_head.weight"]), moved) > 1e-3)
    }
  }

  /// Captions from two tokens to dozens, with the numbers of one pass over all of them.
  @Test(
    .enabled(if: SharedData.has("faults/accumulation")),
    arguments: [8, 4, 2, 1])
  func captionsOfVeryDifferentLengthsGiveTheLossOfOnePass(passesOf count: Int) throws {
    try withTemporaryFolder { folder in
      let file = SharedData.url("faults/accumulation/acc.yaml")
      let configuration = try RunConfiguration(
        contentsOf: file,
        overrides: [
          "training.maximum_steps=1", "training.batch_size=\(count)",
          "training.gradient_accumulation_steps=\(8 / count)",
        ])
      let events = TrainingEvents()
      _ = try Trainer(
        configuration, relativeTo: file.deletingLastPathComponent(),
        output: folder.appending(path: "run"), onEvent: { events.add($0) }
      ).train()
      let line = try #require(events.steps.first)
      #expect(abs(try #require(line.loss) - 6.000219) < 1e-5)
      #expect(abs(try #require(line.gradientNorm) - 0.93537) < 1e-4)
    }
  }
}

extension Batch {
  /// Some of the clips as a batch of their own.
  fileprivate func clips(_ range: Range<Int>) -> Batch {
    Batch(
      position: position, logMel: logMel.rows(range), tokens: Array(tokens[range]),
      tags: Array(tags[range]), captions: Array(captions[range]), tracks: Array(tracks[range]),
      trackIDs: Array(trackIDs[range]), audioFiles: Array(audioFiles[range]))
  }
}
