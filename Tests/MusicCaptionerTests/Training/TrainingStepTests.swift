import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct TrainingStepTests {
  /// A fresh model and its batches.
  private func prepared(_ overrides: String...) throws -> PreparedRun {
    var configuration = try TinyRun.configuration()
    for (key, value) in overrides.map({ $0.split(separator: "=") }).map({ ($0[0], $0[1]) }) {
      switch key {
      case "dropout":
        let probability = Float(value) ?? 0
        configuration.model.dropout = probability
        configuration.model.attentionDropout = probability
        configuration.model.activationDropout = probability
      default: Issue.record("no override \(key)")
      }
    }
    return try TinyRun.prepared(configuration)
  }

  private func step(_ prepared: PreparedRun, smoothing: Double = 0.1, tags: Double = 0)
    -> TrainingPass
  {
    TrainingPass(
      model: prepared.bundle.model, labelSmoothing: smoothing, tagLossWeight: tags,
      tagTargets: prepared.tagTargets)
  }

  private func gradients(_ prepared: PreparedRun) -> [(name: String, values: [Float])] {
    prepared.bundle.model.namedParameters.compactMap { named in
      named.parameter.gradient.map { (named.name, $0.values) }
    }
  }

  @Test func withoutSmoothingTheLossIsPlainCrossEntropy() throws {
    let prepared = try prepared()
    let model = prepared.bundle.model
    let batch = try prepared.training.batch(at: BatchPosition())
    let size = StepSize([batch], includesCaptions: true)
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
    // As torch.nn.CrossEntropyLoss(label_smoothing:) mixes the target with all classes.
    for (smoothing, expected) in [(0.0, plain), (0.1, 0.9 * plain + 0.1 * smooth)] {
      let losses = step(prepared, smoothing: smoothing)(batch, of: size, random: nil)
      let error = abs(losses.caption - expected) / Double(targets.count)
      #expect(error < 2e-5, "smoothing \(smoothing)")
      #expect(losses.tokenCount == targets.count && losses.tagMean == nil)
    }
  }

  @Test func dropoutFollowsItsRandomSourceAlone() throws {
    let prepared = try prepared("dropout=0.3")
    let batch = try prepared.training.batch(at: BatchPosition())
    let size = StepSize([batch], includesCaptions: true)
    func loss(_ index: UInt64?) -> Double {
      let random = index.map { RandomSource(seed: 1, stream: "dropout", index: $0) }
      return step(prepared)(batch, of: size, random: random).caption
    }
    #expect(loss(0) == loss(0))
    #expect(loss(0) != loss(1))
    #expect(loss(0) != loss(nil))
  }

  @Test func aPassOverTagsAloneGivesTheDecoderNoGradient() throws {
    let prepared = try prepared()
    let batch = try prepared.training.batch(at: BatchPosition())
    let size = StepSize([batch], includesCaptions: false)
    let losses = step(prepared, tags: 0.5)(batch, of: size, random: nil)
    #expect(losses.captionMean == nil && losses.clipCount == 4 && losses.tag > 0)
    let names = gradients(prepared).map(\.name)
    #expect(names.contains("tag_head.weight") && names.contains("audio_encoder.conv1.weight"))
    #expect(!names.contains { $0.contains(".decoder.") || $0.contains(".shared.") })
  }
}
