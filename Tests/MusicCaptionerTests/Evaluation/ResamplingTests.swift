import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct ResamplingTests {
  private static let all: Set<CaptionMetric> = CaptionMetric.standard.union([.sacrebleu])

  /// Captions of random words; the better ones repeat more of their references.
  private func pairs(_ count: Int, kept: Float, seed: UInt64 = 1) -> [CaptionPair] {
    let words = "slow fast loud calm piano drums guitar voice song with and a in the".split(
      separator: " ")
    return (0..<count).map { index in
      var random = RandomSource(seed: 3, stream: "reference", index: UInt64(index))
      let reference = (0..<12).map { _ in words[random.integer(below: words.count)] }
      var noise = RandomSource(seed: seed, stream: "prediction", index: UInt64(index))
      let prediction = reference.map { word in
        noise.uniform() < kept ? word : words[noise.integer(below: words.count)]
      }
      return CaptionPair(
        prediction: prediction.joined(separator: " "),
        references: [reference.joined(separator: " ")])
    }
  }

  @Test func intervalsHoldTheScoresAndFollowTheSeed() throws {
    let evaluator = CaptionEvaluator(metrics: Self.all, trainingCaptions: ["a slow song"])
    let evaluation = evaluator.evaluate(pairs(60, kept: 0.6))
    let options = ResamplingOptions(sampleCount: 200, seed: 4)
    let intervals = evaluation.intervals(options)
    #expect(intervals.count == evaluation.scores.count)
    for score in evaluation.scores {
      let interval = try #require(intervals[score.name])
      #expect(interval.lower <= score.value && score.value <= interval.upper, "\(score.name)")
    }
    #expect(evaluation.intervals(options) == intervals)
    let others = evaluation.intervals(ResamplingOptions(sampleCount: 200, seed: 5))
    #expect(others["rougeL"] != intervals["rougeL"])
  }

  /// For a mean of independent values the bootstrap must come out near ±1.96 standard errors.
  @Test func theIntervalOfAMeanIsThatOfItsStandardError() throws {
    var random = RandomSource(seed: 6, stream: "values")
    let values = (0..<400).map { _ in Double(random.normal()) }
    let evaluation = CaptionEvaluation(
      [MeanStatistics(name: "rougeL", values: values)], count: values.count)
    let mean = values.reduce(0, +) / 400
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 400
    let expected = 2 * 1.96 * (variance / 400).squareRoot()
    let interval = try #require(
      evaluation.intervals(ResamplingOptions(sampleCount: 4000))["rougeL"])
    #expect(abs((interval.upper - interval.lower) / expected - 1) < 0.06)
  }

  @Test func aBetterSystemIsToldFromAWorseOne() throws {
    let evaluator = CaptionEvaluator(metrics: Self.all, trainingCaptions: ["a slow song"])
    let evaluations = evaluator.evaluate([pairs(60, kept: 0.8), pairs(60, kept: 0.4, seed: 2)])
    let options = ResamplingOptions(sampleCount: 200)
    let comparison = SystemComparison(evaluations[0], against: evaluations[1], options)
    #expect(comparison.differences.map(\.name) == evaluations[0].scores.map(\.name))
    for name in ["bleu4", "meteor_1.0", "rougeL", "cider", "sacrebleu"] {
      let found = try #require(comparison.differences.first { $0.name == name })
      #expect(found.interval.lower > 0 && found.pValue <= 1.0 / 201 + 1e-12, "\(name)")
      let scores = try evaluations.map { try #require($0[name]) }
      #expect(found.difference == scores[0] - scores[1] && found.other == scores[1])
    }
    // Lengths are all the same.
    let length = try #require(comparison.differences.first { $0.name == "length_avg" })
    #expect(length.difference == 0 && length.pValue == 1)
  }

  @Test func equalSystemsDoNotDiffer() throws {
    let evaluator = CaptionEvaluator(metrics: Self.all, trainingCaptions: ["a slow song"])
    let system = pairs(30, kept: 0.5)
    let evaluations = evaluator.evaluate([system, system])
    let comparison = SystemComparison(
      evaluations[0], against: evaluations[1], ResamplingOptions(sampleCount: 50))
    for found in comparison.differences {
      #expect(found.difference == 0 && found.pValue == 1, "\(found.name)")
      #expect(found.interval.lower == 0 && found.interval.upper == 0, "\(found.name)")
    }
  }

  /// Under no difference, p-values must be spread evenly: few are small.
  @Test func systemsOfOneKindAreSeldomToldApart() throws {
    let small = (0..<20).count { index in
      let evaluations = CaptionEvaluator(metrics: [.rouge]).evaluate([
        pairs(40, kept: 0.5, seed: UInt64(10 + index)),
        pairs(40, kept: 0.5, seed: UInt64(100 + index)),
      ])
      let comparison = SystemComparison(
        evaluations[0], against: evaluations[1], ResamplingOptions(sampleCount: 100))
      return comparison.differences[0].pValue < 0.05
    }
    #expect(small <= 4)
  }

  @Test func reportsAreJSONInTheOfficialOrder() throws {
    let evaluator = CaptionEvaluator(trainingCaptions: ["a slow song"])
    let systems = [pairs(20, kept: 0.8), pairs(20, kept: 0.4, seed: 2)]
    let evaluations = evaluator.evaluate(systems)
    let options = ResamplingOptions(sampleCount: 20, seed: 9)
    var report = EvaluationReport(scores: evaluations[0].scores, resampling: options)
    let keys = report.json.split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }
    #expect(
      keys.map { String($0.element) } == [
        "bleu1", "bleu2", "bleu3", "bleu4", "meteor_1.0", "rougeL", "vocab_size",
        "vocab_diversity", "caption_novelty", "length_avg", "length_std", "cider",
      ])
    #expect(report.json.hasPrefix("{\n    \"bleu1\": 0."))
    report.intervals = evaluations[0].intervals(options)
    report.comparison = SystemComparison(evaluations[0], against: evaluations[1], options)
    report.comparedFile = "other \"é\"\n.json"
    let found = try #require(
      try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
    #expect(found["rougeL"] as? Double == evaluations[0]["rougeL"])
    #expect((found["intervals"] as? [String: Any])?["bleu1"] as? [Double] != nil)
    let comparison = try #require(found["comparison"] as? [String: Any])
    #expect(comparison["against"] as? String == "other \"é\"\n.json")
    #expect((comparison["cider"] as? [String: Any])?["p_value"] as? Double != nil)

    let table = CaptionScoresTable.csv(systems[0], evaluations[0])
    #expect(table.split(separator: "\n").count == 21)
    #expect(table.hasPrefix("index,id,bleu1,bleu2,bleu3,bleu4,meteor_1.0,rougeL,vocab_size,"))
  }

  @Test func tablesQuoteWhatNeedsIt() {
    let pairs = [CaptionPair(id: "a,b", prediction: "say \"x\"\ny", references: ["r", "s"])]
    let evaluation = CaptionEvaluator(metrics: [.rouge]).evaluate(pairs)
    #expect(
      CaptionScoresTable.csv(pairs, evaluation)
        == "index,id,rougeL,prediction,reference_1,reference_2\n"
        + "0,\"a,b\",0.0,\"say \"\"x\"\"\ny\",r,s\n")
  }
}
