import Foundation
import Testing

@testable import MusicCaptioner

/// Scores of captions while a model learns, and the best model chosen by them.
@Suite struct ValidationMetricsTests {
  private static let overrides = [
    "training.validation_metrics=[bleu,rouge]", "training.validate_every_steps=1",
    "training.learning_rate=0.03", "generation.maximum_length=16",
  ]

  private func configuration(_ overrides: String...) throws -> RunConfiguration {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "tiny.yaml")
      try Data(TinyRun.yaml.utf8).write(to: url)
      return try RunConfiguration(contentsOf: url, overrides: Self.overrides + overrides)
    }
  }

  private func train(_ configuration: RunConfiguration, _ output: URL) throws -> TrainingEvents {
    let events = TrainingEvents()
    _ = try TinyRun.trainer(configuration, output: output, events: events).train()
    return events
  }

  /// What `evaluate` would say of a model folder's captions of the validation clips.
  private func scores(_ model: URL, _ configuration: RunConfiguration) throws -> CaptionEvaluation {
    let bundle = try ModelBundle(contentsOf: model)
    let source = try #require(try TinyRun.prepared(configuration).validation)
    let task = try DecodingTask(bundle.model, try bundle.decodingOptions())
    let batch = try source.batch(at: BatchPosition())
    let pairs = task.run(logMel: batch.logMel).enumerated().map { index, result in
      CaptionPair(
        prediction: bundle.text(of: result), references: TinyRun.captions(8 + index))
    }
    #expect(pairs.count == 4)
    return CaptionEvaluator(metrics: [.bleu, .rouge]).evaluate(pairs)
  }

  @Test func scoresOfTheCaptionsEnterTheMetricsUnderTheOfficialNames() throws {
    try withTemporaryFolder { folder in
      let configuration = try configuration("training.epochs=10")
      let events = try train(configuration, folder)
      let last = try #require(events.validations.last?.line)
      let expected = try scores(RunFolder(folder).model, configuration)
      let names = ["bleu1", "bleu2", "bleu3", "bleu4", "rougeL"]
      #expect(last.extra.keys.filter { !$0.hasPrefix("validation") }.sorted() == names)
      for name in names { #expect(last.extra[name] == expected[name], "\(name)") }
      #expect((last.extra["rougeL"] ?? 0) > 0.1, "captions that share nothing would prove nothing")
      let lines = try RunResult(folder).lines.filter { $0.contains("\"validation_loss\"") }
      #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("\"bleu4\"") })
    }
  }

  @Test func theBestModelIsThatOfTheBestScoreWhereTheConfigurationSaysSo() throws {
    try withTemporaryFolder { folder in
      let configuration = try configuration("training.best_by=rougeL", "training.epochs=10")
      let events = try train(configuration, folder)
      let values = events.validations.map { $0.line.extra["rougeL"] ?? -1 }
      let highest = try #require(values.max())
      let best = events.validations.filter(\.isBest).compactMap { $0.line.extra["rougeL"] }
      #expect(best == best.sorted() && best.last == highest && Set(values).count > 2)
      #expect(try scores(RunFolder(folder).best, configuration)["rougeL"] == highest)
      // By the loss, another would have been chosen.
      let losses = events.validations.compactMap(\.line.validationLoss)
      #expect(losses.firstIndex(of: losses.min() ?? 0) != values.firstIndex(of: highest))
    }
  }

  @Test func onlySoManyClipsAreCaptionedAndTheyAreSpreadOverTheBatches() throws {
    try withTemporaryFolder { folder in
      let configuration = try configuration(
        "training.validation_caption_limit=2", "training.batch_size=2")
      let prepared = try TinyRun.prepared(configuration)
      let captions = try #require(
        try ValidationCaptions(
          prepared.bundle, configuration.training, generation: configuration.generation
        ) { _ in })
      let source = try #require(prepared.validation)
      let ids = try (0..<2).flatMap { index in
        let batch = try source.batch(at: BatchPosition(epoch: 0, batch: index))
        let memory = prepared.bundle.model.encode(batch.logMel, in: .inference)
        return captions.pairs(of: batch, memory, from: source)
      }.map(\.id)
      #expect(ids == ["clip 8", "clip 10"])
    }
  }

  @Test func aResumedRunKnowsTheBestScore() throws {
    try withTemporaryFolder { folder in
      let configuration = try configuration("training.best_by=bleu1")
      let straight = folder.appending(path: "straight")
      _ = try train(configuration, straight)
      let output = folder.appending(path: "stopped")
      for stop in [3, 7, Int.max] {
        let events = TrainingEvents()
        let trainer = try TinyRun.trainer(
          configuration, output: output, resumes: true, events: events)
        _ = try trainer.train(shouldStop: { events.steps.last.map { $0.step >= stop } ?? false })
      }
      #expect(try RunResult(output).differences(from: RunResult(straight)) == [])
    }
  }

  @Test func beforeCaptionsAreLearnedNoneAreScored() throws {
    try withTemporaryFolder { folder in
      let events = try train(
        try configuration("training.tag_only_epochs=2", "training.best_by=bleu1"), folder)
      let scored = events.validations.map { $0.line.extra["bleu1"] != nil }
      #expect(scored == [false, false, false, false] + Array(repeating: true, count: 6))
      #expect(events.validations.first { $0.isBest }?.line.step == 5)
    }
  }

  @Test func anotherMeasureBeginsAnew() {
    var state = TrainingState()
    let bleu = BestMeasure(rawValue: "bleu4")
    var seen: [Bool] = []
    for (value, measure) in [
      (2, .validationLoss), (3, .validationLoss), (0.1, bleu), (0.2, bleu), (0.2, bleu),
      (0.1, bleu),
    ] { seen.append(state.record(value, by: measure)) }
    #expect(seen == [true, false, true, true, false, false])
    #expect(state.validationsWithoutImprovement == 2)
  }

  @Test(arguments: [
    ("training.best_by=bleu4", "training.validation_metrics=[rouge]", "validation_loss, rougeL"),
    ("training.best_by=vocab_size", "training.validation_metrics=[diversity]", "validation_loss"),
    ("training.best_by=validation_loss", "training.validation_metrics=[bertscore]", "sacrebleu"),
    ("training.validation_caption_limit=0", "training.best_by=rougeL", "1 or more"),
    ("training.validation_metrics=[blue]", "training.best_by=validation_loss", "bleu"),
  ]) func whatMakesNoSenseIsRefused(first: String, second: String, expected: String) throws {
    let error = #expect(throws: (any Error).self) {
      try configuration(first, second).validate()
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains(expected), "\(error.map { "\($0)" } ?? "")")
  }
}
