import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct TrainingStepTests {
  /// A fresh model and its batches; captions are cut, so that all have six tokens.
  private func prepared(_ overrides: String...) throws -> PreparedRun {
    var configuration = try TinyRun.configuration("data.maximum_tokens=6")
    for (key, value) in overrides.map({ $0.split(separator: "=") }).map({ ($0[0], $0[1]) }) {
      switch key {
      case "batch_size": configuration.training.batchSize = Int(value) ?? 0
      case "dropout":
        let probability = Float(value) ?? 0
        configuration.model.dropout = probability
        configuration.model.attentionDropout = probability
        configuration.model.activationDropout = probability
      default: Issue.record("no override \(key)")
      }
    }
    // The same clips whatever the batch is.
    configuration.training.calibrationClips = 8
    return try TinyRun.prepared(configuration)
  }

  private func step(_ prepared: PreparedRun, smoothing: Double = 0.1, tags: Double = 0)
    -> TrainingStep
  {
    TrainingStep(
      model: prepared.bundle.model, labelSmoothing: smoothing, tagLossWeight: tags,
      tagTargets: prepared.tagTargets)
  }

  private func gradients(_ prepared: PreparedRun) -> [(name: String, values: [Float])] {
    prepared.bundle.model.namedParameters.compactMap { named in
      named.parameter.gradient.map { (named.name, $0.values) }
    }
  }

  @Test func passesOfEqualTokensAddUpToOneLargeBatch() throws {
    let whole = try prepared("batch_size=8")
    let large = step(whole)(try whole.training.batch(at: BatchPosition()), random: nil)
    let parts = try prepared("batch_size=2")
    #expect(parts.training.batchesPerEpoch == 4)
    var losses = 0.0
    for batch in 0..<4 {
      let batch = try parts.training.batch(at: BatchPosition(batch: batch))
      #expect(batch.tokens.map(\.count) == [6, 6])
      losses += try #require(step(parts)(batch, random: nil).captionLoss)
    }
    #expect(abs(losses / 4 - large.total) < 1e-5)
    let (sums, expected) = (gradients(parts), gradients(whole))
    #expect(sums.map(\.name) == expected.map(\.name) && !sums.isEmpty)
    for (sum, expected) in zip(sums, expected) {
      // The same products in another order: float32 sums of a few hundred terms.
      let scale = max(expected.values.map(abs).max() ?? 0, 1e-4)
      let error = zip(sum.values, expected.values).map { abs($0 / 4 - $1) }.max() ?? 0
      #expect(error < 2e-5 * scale + 1e-8, "\(sum.name)")
    }
  }

  @Test func withoutSmoothingTheLossIsPlainCrossEntropy() throws {
    let prepared = try prepared()
    let model = prepared.bundle.model
    let batch = try prepared.training.batch(at: BatchPosition())
    let memory = model.encode(batch.logMel, in: .inference)
    let (rows, targets) = model.hiddenStates(batch.tokens, memory: memory, in: .inference)
    let logits = model.logits(rows.value, in: .inference)
    let values = logits.values.map(Double.init)
    var (plain, smooth) = (0.0, 0.0)
    for (row, target) in targets.enumerated() {
      let scores = values[row * logits.width..<(row + 1) * logits.width]
      let highest = scores.max() ?? 0
      let sum = highest + log(scores.reduce(0) { $0 + exp($1 - highest) })
      plain += sum - scores[scores.startIndex + target]
      smooth += sum - scores.reduce(0, +) / Double(scores.count)
    }
    let count = Double(targets.count)
    // As torch.nn.CrossEntropyLoss(label_smoothing:) mixes the target with all classes.
    for (smoothing, expected) in [
      (0.0, plain / count), (0.1, 0.9 * plain / count + 0.1 * smooth / count),
    ] {
      let result = step(prepared, smoothing: smoothing)(batch, random: nil)
      #expect(abs(result.total - expected) < 2e-5, "smoothing \(smoothing)")
      #expect(result.captionLoss == result.total && result.tagLoss == nil)
    }
  }

  @Test func dropoutFollowsItsRandomSourceAlone() throws {
    let prepared = try prepared("dropout=0.3")
    let batch = try prepared.training.batch(at: BatchPosition())
    func loss(_ index: UInt64) -> Double {
      step(prepared)(batch, random: RandomSource(seed: 1, stream: "dropout", index: index)).total
    }
    #expect(loss(0) == loss(0))
    #expect(loss(0) != loss(1))
    #expect(loss(0) != step(prepared)(batch, random: nil).total)
  }

  @Test func aPassOverTagsAloneGivesTheDecoderNoGradient() throws {
    let prepared = try prepared()
    let batch = try prepared.training.batch(at: BatchPosition())
    let result = step(prepared, tags: 0.5)(batch, includesCaptions: false, random: nil)
    #expect(result.captionLoss == nil)
    let tagLoss = try #require(result.tagLoss)
    #expect(abs(result.total - 0.5 * tagLoss) < 1e-6)
    let names = gradients(prepared).map(\.name)
    #expect(names.contains("tag_head.weight") && names.contains("audio_encoder.conv1.weight"))
    #expect(!names.contains { $0.contains(".decoder.") || $0.contains(".shared.") })
  }

  @Test func theLossesAddUpByTheirWeights() throws {
    let prepared = try prepared()
    let batch = try prepared.training.batch(at: BatchPosition())
    let both = step(prepared, tags: 0.3)(batch, random: nil)
    let captions = try #require(both.captionLoss)
    let tags = try #require(both.tagLoss)
    #expect(abs(both.total - captions - 0.3 * tags) < 1e-5)
  }
}
