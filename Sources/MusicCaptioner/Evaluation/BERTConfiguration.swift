import Foundation

/// The family and sizes of a text encoder, from a Hugging Face `config.json`.
struct BERTConfiguration: Sendable, Equatable {
  /// Models of one architecture that differ in their tokenizers and in where positions begin.
  enum Family: String, CaseIterable {
    /// Devlin et al. 2019.
    case bert
    /// Liu et al. 2019.
    case roberta
  }

  var family: Family
  var vocabularySize: Int
  var positionCount: Int
  var typeCount: Int
  var width: Int
  var headCount: Int
  var innerWidth: Int
  var layerCount: Int
  var epsilon: Float
  /// The row of the position table for the first token of a text.
  var firstPosition: Int

  /// The longest text in tokens, including start and end.
  var longestText: Int { positionCount - firstPosition }

  /// The layer that bert_score compares by default, or nil if it has no model with this number of
  /// layers: that of roberta-large, roberta-base, distilroberta-base, bert-large-uncased and
  /// bert-base-uncased (`bert_score.utils.model2layers`).
  var recommendedLayer: Int? {
    switch (family, layerCount) {
    case (.roberta, 24): 17
    case (.roberta, 12): 10
    case (.roberta, 6): 5
    case (.bert, 24): 18
    case (.bert, 12): 9
    default: nil
    }
  }

  /// - Throws: `EvaluationError` if a field is missing or invalid, or the model is of another kind.
  init(contentsOf url: URL) throws(EvaluationError) {
    let fields = try ModelJSON(contentsOf: url, expected: "a Hugging Face model's config.json")
    family = try fields.choice("model_type", of: Family.allCases)
    try fields.expect("hidden_act", "gelu")
    if fields.has("position_embedding_type") {
      try fields.expect("position_embedding_type", "absolute")
    }
    vocabularySize = try fields.integer("vocab_size", in: 1...1 << 24)
    positionCount = try fields.integer("max_position_embeddings", in: 1...1 << 20)
    typeCount = try fields.integer("type_vocab_size", in: 1...1 << 10)
    width = try fields.integer("hidden_size", in: 1...1 << 16)
    headCount = try fields.integer("num_attention_heads", in: 1...width)
    innerWidth = try fields.integer("intermediate_size", in: 1...1 << 20)
    layerCount = try fields.integer("num_hidden_layers", in: 1...1 << 10)
    // The files of the first BERTs don't have it.
    epsilon = fields.has("layer_norm_eps") ? try fields.positiveNumber("layer_norm_eps") : 1e-12
    firstPosition =
      switch family {
      case .bert: 0
      // One after the padding token's.
      case .roberta: try fields.integer("pad_token_id", in: 0...vocabularySize - 1) + 1
      }
    guard width % headCount == 0 else {
      throw fields.error(
        "num_attention_heads", found: "\(headCount)", expected: "a divisor of hidden_size \(width)")
    }
    guard longestText >= 2 else {
      throw fields.error(
        "max_position_embeddings", found: "\(positionCount)",
        expected: "more than \(firstPosition + 1)")
    }
  }
}
