import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// BERTScore with a tiny BERT, against transformers 5.24 and bert_score's arithmetic in double
/// precision.
@Suite struct BERTFamilyTests {
  private let folder = BERTFixture.folder

  @Test func hiddenStatesEqualTheGoldens() throws {
    let probe = try BERTFixture.load().probe
    #expect(probe.layers.count == 3)
    for (layer, rows) in probe.layers.enumerated() {
      let model = try BERTScore(folder: folder, layer: layer)
      let tokens = try #require(model.tokens(of: probe.text))
      #expect(tokens == probe.ids)
      let hidden = model.encoder([tokens])
      #expect(hidden.rowCount == rows.count)
      for (value, expected) in zip(hidden.values, rows.joined()) {
        #expect(abs(Double(value) - expected) <= 2e-5, "layer \(layer)")
      }
    }
  }

  @Test(arguments: [1, 2])
  func scoresEqualTheGoldens(layer: Int) throws {
    let fixture = try BERTFixture.load()
    let model = try BERTScore(folder: folder, layer: layer)
    let expected = try #require(fixture.scores["\(layer)"])
    let found = model.scores(
      fixture.pairs.map { CaptionPair(prediction: $0[0], references: [$0[1]]) })
    #expect(found.count == expected.count)
    for (pair, (score, expected)) in zip(fixture.pairs, zip(found, expected)) {
      for (value, expected) in zip([score.precision, score.recall, score.f1], expected) {
        #expect(abs(value - expected) <= 2e-5, "\(pair): \(score)")
      }
    }
    let truncated = fixture.truncated
    #expect(model.tokens(of: truncated.text) == truncated.ids)
  }

  /// Against bert_score 0.3.13 with idf; the weights are those of all references together.
  @Test(arguments: [1, 2])
  func weighedScoresEqualTheGoldens(layer: Int) throws {
    let golden = try #require(
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: folder.appending(path: "idf.json"))) as? [String: Any])
    let pairs = try (try #require(golden["pairs"] as? [[Any]])).map { pair in
      CaptionPair(
        prediction: try #require(pair[0] as? String),
        references: try #require(pair[1] as? [String]))
    }
    let scores = try #require(golden["scores"] as? [String: [[Double]]])
    let expected = try #require(scores["\(layer)"])
    let found = try BERTScore(folder: folder, layer: layer, weighsTokens: true).scores(pairs)
    #expect(found.count == expected.count)
    for (pair, (score, expected)) in zip(pairs, zip(found, expected)) {
      for (value, expected) in zip([score.precision, score.recall, score.f1], expected) {
        #expect(abs(value - expected) <= 2e-5, "\(pair.prediction): \(score)")
      }
    }
    // Every token of a single reference is in all references, and weighs nothing.
    let alone = try BERTScore(folder: folder, layer: layer, weighsTokens: true)
      .scores([CaptionPair(prediction: "slow piano", references: ["slow music"])])
    #expect(alone.first?.f1 == 0)
    #expect(try BERTScore(folder: folder, layer: layer).scores(pairs) != found)
  }

  /// Names with the model's prefix, and TensorFlow's of the norms, as in bert-base-uncased.
  @Test func olderNamesAreReadToo() throws {
    let file = try CheckpointFile.read(folder.appending(path: "model.safetensors"))
    let renamed = NamedTensors(
      file.entries.map { name, tensor in
        let name = name.replacing("Norm.weight", with: "Norm.gamma")
          .replacing("Norm.bias", with: "Norm.beta")
        return ("bert." + name, tensor)
      } + [("cls.predictions.bias", Tensor([2], [1, 2]))])
    let model = try BERTScore(folder: folder, layer: 2)
    let tokens = try #require(model.tokens(of: "slow piano"))
    let configuration = try BERTConfiguration(contentsOf: folder.appending(path: "config.json"))
    let other = BERTEncoder(configuration, layerCount: 2)
    try other.load(renamed)
    #expect(other([tokens]).values == model.encoder([tokens]).values)
  }

  @Test func aModelInALargerOneIsRead() throws {
    let file = try CheckpointFile.read(folder.appending(path: "model.safetensors"))
    let model = try BERTScore(folder: folder, layer: 2)
    let tokens = try #require(model.tokens(of: "slow piano"))
    let configuration = try BERTConfiguration(contentsOf: folder.appending(path: "config.json"))
    for prefix in ["", "bert.", "model.bert.", "model."] {
      let other = BERTEncoder(configuration, layerCount: 2)
      try other.load(NamedTensors(file.entries.map { (prefix + $0.name, $0.tensor) }))
      #expect(other([tokens]).values == model.encoder([tokens]).values, "\(prefix)")
    }
    let two = NamedTensors(
      ["teacher.", "student."].flatMap { prefix in
        file.entries.map { (prefix + $0.name, $0.tensor) }
      })
    #expect(throws: CheckpointError.self) {
      try BERTEncoder(configuration, layerCount: 2).load(two)
    }
  }

  @Test func aLayerOfItsOwnIsRecommendedToEachFamily() throws {
    for (layers, family, layer) in [
      (12, "bert", 9), (24, "bert", 18), (24, "roberta", 17), (12, "roberta", 10),
      (6, "roberta", 5),
    ] {
      let configuration = try configuration {
        $0.replacing("\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": \(layers)")
          .replacing("\"model_type\": \"bert\"", with: "\"model_type\": \"\(family)\"")
      }
      #expect(configuration.recommendedLayer == layer)
    }
    #expect(try configuration { $0 + " " }.recommendedLayer == nil)
  }

  @Test func whatTheFirstFilesLeftOutHasItsUsualValue() throws {
    let usual = try configuration { $0 + " " }
    let sparse = try configuration {
      $0.replacing("\"layer_norm_eps\": 1e-12", with: "\"x\": 0")
        .replacing("\"pad_token_id\": 0", with: "\"y\": 0")
    }
    #expect(sparse == usual)
    #expect(usual.firstPosition == 0 && usual.longestText == 24)
  }

  @Test(arguments: [
    ("\"model_type\": \"bert\"", "\"model_type\": \"gpt2\"", "\"bert\" or \"roberta\""),
    ("\"model_type\": \"bert\"", "\"model_type\": \"roberta\"", "pre_tokenizer.type"),
    ("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"", "hidden_act"),
    ("\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": -1", "layer_norm_eps"),
    ("\"max_position_embeddings\": 24", "\"max_position_embeddings\": 1", "max_position"),
    ("\"type_vocab_size\": 2", "\"type_vocab_size\": 0", "type_vocab_size"),
    ("\"type_vocab_size\": 2", "\"type_vocab_size\": 3", "token_type_embeddings"),
    ("\"num_attention_heads\": 2", "\"num_attention_heads\": 3", "num_attention_heads"),
    ("\"vocab_size\": 143", "\"vocab_size\": 142", "vocab_size"), ("}", "", "JSON"),
  ])
  func otherModelsAreRefused(_ found: String, _ other: String, _ words: String) throws {
    try BERTFixture.withChanged("config.json") { text in
      #expect(text.contains(found), "\(found)")
      return text.replacing(found, with: other)
    } _: { folder in
      do {
        _ = try BERTScore(folder: folder, layer: 1)
        Issue.record("\(other) was read")
      } catch {
        #expect(ExitStatus(error) == .badData)
        #expect("\(error)".contains(words), "\(error)")
      }
    }
  }

  private func configuration(_ change: (String) -> String) throws -> BERTConfiguration {
    try BERTFixture.withChanged("config.json", change) {
      try BERTConfiguration(contentsOf: $0.appending(path: "config.json"))
    }
  }
}
