import Foundation
import Testing

@testable import MusicCaptioner

/// Against bert_score 0.3.13 with a tiny RoBERTa.
@Suite struct BERTScoreTests {
  private static var folder: URL { SharedData.url("metrics/dev/bertscore_tiny/model") }

  @Test(.enabled(if: MetricGoldens.areThere), arguments: [2, 3])
  func scoresEqualTheGoldens(layer: Int) throws {
    let golden = try MetricGoldens.object("bertscore_tiny/bertscore.json")
    let pairs = try MetricGoldens.pairs(golden["pairs"])
    let model = try BERTScore(folder: Self.folder, layer: layer)
    let tokens = try #require(golden["token_ids"] as? [[String: [Int]]])
    for (pair, ids) in zip(pairs, tokens) {
      // For an empty text, the goldens have just a start and an end.
      #expect((model.tokens(of: pair.prediction) ?? [0, 2]) == ids["prediction"])
      #expect((model.tokens(of: pair.references[0]) ?? [0, 2]) == ids["ground_truth"])
    }
    let expected = try #require((golden["scores"] as? [String: [String: Any]])?["\(layer)"])
    let found = model.scores(pairs)
    for (name, value) in [
      ("precision", \BERTScore.Score.precision), ("recall", \.recall), ("f1", \.f1),
    ] {
      let values = try #require(expected[name] as? [Double])
      #expect(values.count == found.count)
      for (index, (score, value)) in zip(found.map { $0[keyPath: value] }, values).enumerated() {
        #expect(abs(score - value) <= 2e-5, "\(index) \(name) \(score) \(value)")
      }
    }
    let mean = found.map(\.f1).reduce(0, +) / Double(found.count)
    let expectedMean = try #require(expected["mean_f1_all"] as? Double)
    #expect(abs(mean - expectedMean) <= 2e-5)
    let evaluation = CaptionEvaluator(metrics: [.bertscore], bertScore: model).evaluate(pairs)
    let score = try #require(evaluation["bertscore"])
    #expect(abs(score - mean) <= 1e-12)
  }

  @Test(.enabled(if: MetricGoldens.areThere))
  func hiddenValuesEqualTheGoldens() throws {
    let golden = try MetricGoldens.object("bertscore_tiny/bertscore.json")
    let probe = try #require(golden["hidden_probe"] as? [String: Any])
    let values = try #require(probe["values"] as? [String: [[Double]]])
    let text = try #require(probe["text"] as? String)
    for (layer, rows) in values {
      let model = try BERTScore(folder: Self.folder, layer: Int(layer))
      let tokens = try #require(model.tokens(of: text))
      let hidden = model.encoder([tokens])
      for (row, expected) in rows.enumerated() {
        let found = hidden.rows(row..<row + 1).values
        for (value, expected) in zip(found, expected) {
          #expect(abs(Double(value) - expected) <= 1e-4, "layer \(layer), row \(row)")
        }
      }
    }
  }

  @Test(.enabled(if: MetricGoldens.areThere))
  func severalReferencesCountByTheBest() throws {
    let model = try BERTScore(folder: Self.folder, layer: 3)
    let texts = ["a slow piano song", "loud drums", "a slow piano tune"]
    let each = model.scores(
      texts[1...].map { CaptionPair(prediction: texts[0], references: [$0]) })
    let both = model.scores([CaptionPair(prediction: texts[0], references: Array(texts[1...]))])
    #expect(abs(both[0].f1 - max(each[0].f1, each[1].f1)) < 1e-6)
    let same = model.scores([CaptionPair(prediction: texts[0], references: [texts[0]])])
    #expect(abs(same[0].f1 - 1) < 1e-6)
  }

  @Test(.enabled(if: MetricGoldens.areThere))
  func otherModelsAreRefused() throws {
    #expect(throws: OptionError.self) { try BERTScore(folder: Self.folder, layer: 4) }
    #expect(throws: OptionError.self) { try BERTScore(folder: Self.folder) }
    #expect(throws: EvaluationError.self) {
      try BERTScore(folder: Self.folder.appending(path: "none"), layer: 1)
    }
    try withTemporaryFolder { folder in
      for name in ["tokenizer.json", "model.safetensors"] {
        try FileManager.default.copyItem(
          at: Self.folder.appending(path: name), to: folder.appending(path: name))
      }
      let config = try String(
        contentsOf: Self.folder.appending(path: "config.json"), encoding: .utf8)
      for (found, other) in [
        ("\"roberta\"", "\"bert\""), ("\"num_attention_heads\": 4", "\"num_attention_heads\": 5"),
        ("\"hidden_size\": 64", "\"hidden_size\": -1"), ("}", ""),
        ("\"hidden_size\": 64", "\"hidden_size\": 32"),
        ("\"vocab_size\": 1200", "\"vocab_size\": 1100"),
      ] {
        try Data(config.replacing(found, with: other).utf8)
          .write(to: folder.appending(path: "config.json"))
        #expect(throws: (any Error).self, "\(other)") { try BERTScore(folder: folder, layer: 1) }
      }
    }
  }
}
