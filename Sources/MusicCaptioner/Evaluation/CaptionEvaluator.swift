import Foundation

/// Scores systems that captioned the same clips.
///
/// ```swift
/// let evaluator = try CaptionEvaluator([.bleu, .rouge, .cider])
/// let evaluation = try evaluator.evaluate(CaptionPair.read("inference.json"))
/// print(evaluation["bleu4"] ?? 0)
/// ```
public struct CaptionEvaluator: Sendable {
  public var metrics: Set<CaptionMetric>
  /// For METEOR's synonyms; without it METEOR finds none and is about 0.006 lower.
  package var wordNet: WordNet?
  /// Without it, there is no BERTScore.
  package var bertScore: BERTScore?
  /// The system's training captions, for counting new words and captions.
  public var trainingCaptions: [String]?

  /// - Parameters:
  ///   - metrics: The metrics to compute.
  ///   - wordNet: WordNet's folder, for METEOR's synonyms; if nil, that of Debian's package
  ///     wordnet-base.
  ///   - bertModel: A model folder for BERTScore, if that is one of the metrics.
  ///   - trainingCaptions: The system's training captions, for counting new words and captions.
  /// - Throws: `EvaluationError` or `OptionError` if a metric lacks what it needs.
  public init(
    _ metrics: Set<CaptionMetric>, wordNet: URL? = nil, bertModel: URL? = nil,
    trainingCaptions: [String]? = nil
  ) throws {
    self.init(
      metrics: metrics,
      wordNet: metrics.contains(.meteor)
        ? try WordNet(folder: wordNet ?? WordNet.standardFolder) : nil,
      bertScore: metrics.contains(.bertscore)
        ? try bertModel.map { try BERTScore(folder: $0) } : nil,
      trainingCaptions: trainingCaptions)
    guard bertScore != nil || !metrics.contains(.bertscore) else {
      throw OptionError("bert_model", found: "nothing", expected: "a model folder")
    }
  }

  package init(
    metrics: Set<CaptionMetric> = CaptionMetric.standard, wordNet: WordNet? = nil,
    bertScore: BERTScore? = nil, trainingCaptions: [String]? = nil
  ) {
    self.metrics = metrics
    self.wordNet = wordNet
    self.bertScore = bertScore
    self.trainingCaptions = trainingCaptions
  }

  /// The scores of one system.
  public func evaluate(_ pairs: [CaptionPair]) -> CaptionEvaluation {
    evaluate([pairs])[0]
  }

  /// The scores of several systems, which can then be compared.
  ///
  /// - Parameter progress: Called now and then with the number of captions that BERTScore has done.
  public func evaluate(
    _ systems: [[CaptionPair]], progress: (Int) -> Void = { _ in }
  ) -> [CaptionEvaluation] {
    let training = trainingCaptions?.map { Scalars($0) }
    var words = WordNumbers()
    var captions = WordNumbers()
    var meteor = METEOR(wordNet: wordNet)
    var doneCount = 0
    return systems.map { system in
      let pairs = system.map(ScalarPair.init)
      let predictions = pairs.map(\.prediction)
      var statistics: [any CaptionStatistics] = []
      if metrics.contains(.bleu) { statistics.append(BLEUStatistics(pairs)) }
      statistics += treebankStatistics(pairs, &meteor)
      if metrics.contains(.ciderPTB) {
        let captions = pairs.map { pair in
          (
            prediction: PTBWords.words(of: pair.prediction),
            references: pair.references.map(PTBWords.words)
          )
        }
        statistics.append(MeanStatistics(name: "cider_ptb", values: CIDEr.scores(captions)))
      }
      if metrics.contains(.rouge) {
        var rouge = ROUGE()
        statistics.append(
          MeanStatistics(
            name: "rougeL",
            values: pairs.map { rouge.score($0.prediction, references: $0.references) }))
      }
      if metrics.contains(.bertscore), let bertScore {
        let scores = bertScore.scores(system) { progress(doneCount + $0) }
        statistics.append(MeanStatistics(name: "bertscore", values: scores.map(\.f1)))
      }
      doneCount += system.count
      if metrics.contains(.diversity) {
        statistics.append(VocabularyStatistics(predictions, training: training, words: &words))
        if let training {
          statistics.append(
            NoveltyStatistics(predictions, training: training, captions: &captions))
        }
        statistics.append(LengthStatistics(predictions))
      }
      if metrics.contains(.sacrebleu) { statistics.append(SacreBLEUStatistics(pairs)) }
      return CaptionEvaluation(statistics, count: pairs.count)
    }
  }

  /// METEOR and CIDEr-D, which split most captions into the same words.
  private func treebankStatistics(
    _ pairs: [ScalarPair], _ meteor: inout METEOR
  ) -> [any CaptionStatistics] {
    guard metrics.contains(.meteor) || metrics.contains(.cider) else { return [] }
    let predictions = pairs.map { CaptionWords.treebank($0.prediction) }
    let references = pairs.map { $0.references.map(CaptionWords.treebank) }
    var statistics: [any CaptionStatistics] = []
    if metrics.contains(.meteor) {
      let values = zip(predictions, references).map { meteor.score($0, references: $1) }
      statistics.append(MeanStatistics(name: "meteor_1.0", values: values))
    }
    if metrics.contains(.cider) {
      let captions = pairs.indices.map { index in
        let pair = pairs[index]
        return (
          prediction: CaptionWords.cider(pair.prediction, treebank: predictions[index]),
          references: zip(pair.references, references[index]).map {
            CaptionWords.cider($0, treebank: $1)
          }
        )
      }
      statistics.append(MeanStatistics(name: "cider", values: CIDEr.scores(captions)))
    }
    return statistics
  }
}

/// One score of a system.
public struct CaptionScore: Sendable, Equatable {
  /// As in the official results.
  public let name: String
  public let value: Double

  /// Whether it is a count, and so has no fraction.
  var isCount: Bool { name == "vocab_size" }
}

/// A system's scores, with the data for computing intervals.
public struct CaptionEvaluation: Sendable {
  /// In the order of the official results.
  public let scores: [CaptionScore]
  let statistics: [any CaptionStatistics]
  /// The number of captions.
  let count: Int

  init(_ statistics: [any CaptionStatistics], count: Int) {
    self.statistics = statistics
    self.count = count
    scores = Self.scores(of: statistics, Array(0..<count))
  }

  public subscript(name: String) -> Double? { scores.first { $0.name == name }?.value }

  /// The scores of caption `index` alone: its own words and matches, but CIDEr-D with the
  /// frequencies of the whole corpus.
  public func scores(ofCaption index: Int) -> [CaptionScore] {
    Self.scores(of: statistics, [index])
  }

  static func scores(
    of statistics: [any CaptionStatistics], _ sample: [Int]
  ) -> [CaptionScore] {
    let values = statistics.flatMap { statistics in
      zip(statistics.names, statistics.scores(of: sample))
    }
    return CaptionMetric.scoreNames.compactMap { name in
      values.first { $0.0 == name }.map { CaptionScore(name: name, value: $0.1) }
    }
  }
}
