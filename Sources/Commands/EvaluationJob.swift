import Foundation
import MusicCaptioner

/// All that the `evaluate` command does: files of captions, or a model's captions of a split, to
/// scores, as JSON.
package struct EvaluationJob: Sendable {
  package enum Source: Sendable {
    /// A file of predictions.
    case file(String)
    /// A model that captions a split first.
    case model(DatasetCaptioner)
  }

  package var source: Source
  /// A file of references, where the predictions have none beside them.
  package var references: String?
  package var trainingCaptions: String?
  /// Nil for all but BERTScore, which is added where a model for it is named.
  package var metrics: Set<CaptionMetric>?
  package var bertModel: String?
  package var bertLayer: Int?
  /// Whether BERTScore weighs tokens by how few references have them.
  package var bertIDF = false
  /// WordNet's folder; where Debian has it if nil.
  package var wordNet: String?
  /// Predictions of another system to compare with.
  package var against: String?
  /// Bootstrap samples for intervals; none if nil.
  package var bootstrap: Int?
  package var seed: UInt64 = 0
  /// Where each caption's scores go, as CSV.
  package var perCaption: String?
  /// Standard output if nil.
  package var output: String?
  /// As many as there are processors if nil.
  package var threadCount: Int?

  private let console = Console.standard

  package init(_ source: Source) { self.source = source }

  /// Does the job, and says on standard error what goes wrong.
  package func run() -> ExitStatus {
    do {
      try checkOptions()
      return try evaluate()
    } catch {
      return console.error(error)
    }
  }

  private var allMetrics: Set<CaptionMetric> {
    metrics
      ?? (bertModel == nil ? CaptionMetric.standard : CaptionMetric.standard.union([.bertscore]))
  }

  private func checkOptions() throws {
    try resampling.validate()
    if allMetrics.contains(.bertscore), bertModel == nil {
      throw UsageError(
        "--metrics", found: "bertscore without a model", expected: "--bert-model DIR with it")
    }
    try MatrixLibraries.load()
    try ThreadCount.use(threadCount, console)
  }

  private var resampling: ResamplingOptions {
    ResamplingOptions(sampleCount: bootstrap ?? ResamplingOptions().sampleCount, seed: seed)
  }

  private var optionsWithoutEffect: [String] {
    var isModel = false
    if case .model = source { isModel = true }
    let options: [(name: String, isGiven: Bool, isUsed: Bool, reason: String)] = [
      ("--seed", seed != 0, bootstrap != nil || against != nil, "without --bootstrap or --against"),
      ("--bert-model", bertModel != nil, allMetrics.contains(.bertscore), "without bertscore"),
      ("--bert-layer", bertLayer != nil, allMetrics.contains(.bertscore), "without bertscore"),
      ("--bert-idf", bertIDF, allMetrics.contains(.bertscore), "without bertscore"),
      ("--wordnet", wordNet != nil, allMetrics.contains(.meteor), "without meteor"),
      (
        "--train-captions", trainingCaptions != nil, allMetrics.contains(.diversity),
        "without diversity"
      ),
      (
        "--references", references != nil, !isModel || against != nil,
        "with --model, whose split has its own"
      ),
    ]
    return options.filter { $0.isGiven && !$0.isUsed }.map {
      "\($0.name) has no effect \($0.reason)"
    }
  }

  /// Makes sure that no output takes the place of what is read, or of another output.
  private func protectedOutputs() throws(OutputError) -> OutputGuard {
    var outputs = OutputGuard()
    for path in [references, trainingCaptions, against] { outputs.reads(table: path) }
    for path in [bertModel, wordNet] { outputs.reads(path) }
    switch source {
    case .file(let path): outputs.reads(table: path)
    case .model(let captioner): outputs.reads([captioner.model, captioner.configuration])
    }
    try outputs.writes(output, as: "--output")
    try outputs.writes(perCaption, as: "--per-caption")
    return outputs
  }

  private func evaluate() throws -> ExitStatus {
    let outputs = try protectedOutputs()
    // Both before the captioning, which may take hours.
    let (metrics, wordNet) = try loadWordNet()
    let captioned = try captionSplit(outputs)
    var systems = [try captioned?.pairs ?? CaptionPair.read(predictions, references: references)]
    if let against {
      let others = try CaptionPair.read(against, references: references)
      systems.append(
        try CaptionPair.aligning(others, from: against, to: systems[0], from: predictions))
    }
    let training =
      try trainingCaptions.map { path in
        try CaptionPair.readTrainingCaptions(path)
      } ?? captioned?.trainingCaptions
    let bert =
      allMetrics.contains(.bertscore)
      ? try bertModel.map {
        try BERTScore(
          folder: PathName.url($0), layer: bertLayer, weighsTokens: bertIDF)
      }
      : nil
    for option in optionsWithoutEffect { console.warn(option) }
    let evaluator = CaptionEvaluator(
      metrics: metrics, wordNet: wordNet, bertScore: bert, trainingCaptions: training)
    // The one metric that takes its time; it reports.
    let total = systems.reduce(0) { $0 + $1.count }
    if bert != nil { console.begin(Status(0, of: total, "captions scored")) }
    let evaluations = evaluator.evaluate(systems) {
      console.update(Status($0, of: total, "captions scored"))
    }
    console.end()
    try write(evaluations, of: systems[0])
    guard let captioned, captioned.leftOutCount > 0 else { return .done }
    console.error(
      "\(predictions): \(captioned.leftOutCount) clips can't be read and have no caption")
    return .badData
  }

  /// What messages call the captions.
  private var predictions: String {
    switch source {
    case .file(let path): path
    case .model(let captioner): captioner.predictions
    }
  }

  private func captionSplit(_ outputs: OutputGuard) throws -> DatasetCaptioner.Result? {
    guard case .model(let captioner) = source else { return nil }
    return try captioner.run(outputs, console)
  }

  private func write(_ evaluations: [CaptionEvaluation], of pairs: [CaptionPair]) throws {
    let evaluation = evaluations[0]
    var report = EvaluationReport(scores: evaluation.scores, resampling: resampling)
    if bootstrap != nil { report.intervals = evaluation.intervals(resampling) }
    if evaluations.count == 2 {
      report.comparison = SystemComparison(evaluation, against: evaluations[1], resampling)
      report.comparedFile = against
    }
    if let perCaption {
      let table = try CaptionOutput(perCaption)
      try table.write(CaptionScoresTable.csv(pairs, evaluation))
      try table.finish()
    }
    let file = try CaptionOutput(output)
    try file.write(report.json)
    try file.finish()
  }

  /// What METEOR needs, or the metrics without it where nobody asked for it by name.
  private func loadWordNet() throws -> (metrics: Set<CaptionMetric>, WordNet?) {
    guard allMetrics.contains(.meteor) else { return (allMetrics, nil) }
    if let wordNet { return (allMetrics, try WordNet(folder: PathName.url(wordNet))) }
    do throws(EvaluationError) {
      return (allMetrics, try WordNet.standard())
    } catch {
      guard error.reason == .noWordNet, metrics == nil else { throw error }
      console.warn("meteor_1.0 is left out: \(message(for: error))")
      return (allMetrics.subtracting([.meteor]), nil)
    }
  }
}
