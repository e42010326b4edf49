import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct CaptionMetricTests {
  private static let all: Set<CaptionMetric> = CaptionMetric.standard.union([
    .sacrebleu, .ciderPTB,
  ])

  private func wordNet() throws -> WordNet { try WordNet(folder: WordNet.standardFolder) }

  @Test(.enabled(if: MetricGoldens.haveWordNet), arguments: MetricGoldens.systems)
  func officialSystemsHaveTheirOfficialScores(system: String) throws {
    let golden = try MetricGoldens.object("\(system)/expected.json")
    let tolerance = try #require(golden["tolerance"] as? [String: Any])
    let pairs = try CaptionPair.read(MetricGoldens.path("\(system)/inference.json"))
    let found = CaptionEvaluator(metrics: Self.all, wordNet: try wordNet()).evaluate(pairs)
    try MetricGoldens.check(
      found, golden["expected"], tolerance: tolerance["expected"], "\(system)")
    try MetricGoldens.check(
      found, golden["expected_extra"], tolerance: tolerance["expected_extra"], "\(system) extra")
    // Official values that need what isn't at hand are not in the tolerances.
    let official = try #require(golden["official"] as? [String: Double])
    let allowed = try #require(tolerance["official"] as? [String: Double])
    try MetricGoldens.check(
      found, official.filter { allowed[$0.key] != nil }, tolerance: allowed, "\(system) official")

    for caption in try #require(
      try MetricGoldens.json("\(system)/per_sentence.json") as? [[String: Any]])
    {
      let index = try #require(caption["index"] as? Int)
      try checkCaption(index, caption, found)
    }
  }

  private func checkCaption(
    _ index: Int, _ golden: [String: Any], _ found: CaptionEvaluation
  ) throws {
    let scores = Dictionary(
      uniqueKeysWithValues: found.scores(ofCaption: index).map { ($0.name, $0.value) })
    for (key, name) in [
      ("meteor_1.0", "meteor_1.0"), ("rougeL", "rougeL"), ("cider", "cider"),
      ("length", "length_avg"),
    ] {
      guard let expected = golden[key] as? Double else { continue }
      let score = try #require(scores[name])
      #expect(abs(score - expected) <= 1e-9, "\(index) \(name)")
    }
  }

  @Test(.enabled(if: MetricGoldens.areThere), arguments: MetricGoldens.systems)
  func trainingCaptionsTellWhatIsNew(system: String) throws {
    let golden = try MetricGoldens.object("\(system)/expected.json")
    let pairs = try CaptionPair.read(MetricGoldens.path("\(system)/inference.json"))
    let truths = pairs.flatMap(\.references)
    let training = [
      "first 2656 ground truths": Array(truths.prefix(2656)), "all ground truths": truths,
      "first 1000 ground truths": Array(truths.prefix(1000)),
      "first 500 predictions, then all ground truths": pairs.prefix(500).map(\.prediction) + truths,
    ]
    let rows = try #require(golden["expected_with_train_captions"] as? [[String: Any]])
    #if DEBUG
      let checked = rows.suffix(1)
    #else
      let checked = rows
    #endif
    for row in checked {
      let name = try #require(row["train_captions"] as? String)
      let evaluator = CaptionEvaluator(
        metrics: [.diversity], trainingCaptions: training[name])
      try MetricGoldens.check(evaluator.evaluate(pairs), row, "\(name)")
    }
  }

  @Test(.enabled(if: MetricGoldens.haveWordNet))
  func edgeCasesEqualTheGoldens() throws {
    for (name, golden) in try MetricGoldens.object("edge_cases.json") {
      let golden = try #require(golden as? [String: Any])
      let pairs = try MetricGoldens.pairs(golden["pairs"])
      let found = CaptionEvaluator(metrics: Self.all, wordNet: try wordNet()).evaluate(pairs)
      try MetricGoldens.check(found, golden["expected"], "\(name)")
      try MetricGoldens.check(found, golden["expected_extra"], "\(name)")
      for caption in try #require(golden["per_sentence"] as? [[String: Any]]) {
        try checkCaption(try #require(caption["index"] as? Int), caption, found)
      }
      let extra = try #require(golden["expected_extra"] as? [String: Any])
      if let withoutWordNet = extra["meteor_without_wordnet"] as? Double {
        let found = try #require(CaptionEvaluator(metrics: [.meteor]).evaluate(pairs)["meteor_1.0"])
        #expect(abs(found - withoutWordNet) <= 1e-9)
      }
      if let whitespace = extra["cider_whitespace"] as? Double {
        let scores = CIDEr.scores(
          pairs.map { pair in
            (Scalars(pair.prediction).words, pair.references.map { Scalars($0).words })
          })
        #expect(abs(scores.reduce(0, +) / Double(scores.count) - whitespace) <= 1e-9)
      }
    }
  }

  @Test func nothingPredictedScoresNothing() {
    for pairs in [
      [], [CaptionPair(prediction: "", references: ["a slow song"])],
      [CaptionPair(prediction: " \n", references: [""])],
      [
        CaptionPair(prediction: "", references: ["a"]), CaptionPair(prediction: "", references: []),
      ],
    ] {
      let found = CaptionEvaluator(metrics: Self.all, trainingCaptions: []).evaluate(pairs)
      #expect(found.scores.count == CaptionMetric.scoreNames.count - 1)
      for score in found.scores where score.name != "caption_novelty" {
        #expect(score.value == 0, "\(score.name)")
      }
    }
  }

  @Test func scoresFollowTheirDefinitions() throws {
    let pairs = [
      CaptionPair(prediction: "a slow piano song", references: ["the slow piano tune"]),
      CaptionPair(prediction: "loud drums and bass", references: ["drums with loud bass"]),
    ]
    let found = CaptionEvaluator(metrics: Self.all).evaluate(pairs)
    #expect(found["bleu1"] == 5.0 / 8)
    #expect(found["bleu3"] == 0)
    #expect(try #require(found["rougeL"]) == 0.5)
    // The first: 2 of 4 words in one chunk, F 0.5, penalty 0.5 · (1/2)³.
    #expect(found.scores(ofCaption: 0).first { $0.name == "meteor_1.0" }?.value == 0.46875)
    #expect(found["vocab_size"] == 8 && found["vocab_diversity"] == nil)
    #expect(found["length_avg"] == 4 && found["length_std"] == 0)
    #expect(
      found.scores.map(\.name)
        == CaptionMetric.scoreNames.filter {
          !["bertscore", "vocab_diversity", "caption_novelty"].contains($0)
        })
  }
}
