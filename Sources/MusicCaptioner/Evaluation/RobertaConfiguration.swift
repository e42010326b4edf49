import Foundation

/// The sizes of a RoBERTa encoder, from a Hugging Face `config.json`.
struct RobertaConfiguration: Sendable, Equatable {
  var vocabularySize: Int
  var positionCount: Int
  var typeCount: Int
  var width: Int
  var headCount: Int
  var innerWidth: Int
  var layerCount: Int
  var epsilon: Float
  var paddingToken: Int

  /// Positions count from the one after the padding token's.
  var firstPosition: Int { paddingToken + 1 }

  /// The longest text, start and end included.
  var longestText: Int { positionCount - firstPosition }

  /// - Throws: `EvaluationError` where a field is missing, makes no sense, or is another model's.
  init(contentsOf url: URL) throws(EvaluationError) {
    let fields = try ModelFields(contentsOf: url, expected: "a Hugging Face model's config.json")
    try fields.expect("model_type", "roberta")
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
    epsilon = try fields.positiveNumber("layer_norm_eps")
    paddingToken = try fields.integer("pad_token_id", in: 0...vocabularySize - 1)
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

/// The fields of a JSON file in a model's folder.
struct ModelFields {
  private let json: TokenizerJSON
  private let path: String

  init(contentsOf url: URL, expected: String) throws(EvaluationError) {
    path = url.path
    let bytes = try EvaluationFile.contents(of: url, expected: expected)
    json = try EvaluationFile.parse(bytes, name: path)
  }

  func has(_ name: String) -> Bool { json[name].map { $0 != .null } ?? false }

  func error(_ name: String, found: String, expected: String) -> EvaluationError {
    EvaluationError(
      .unsupportedModel(field: name, found: found, expected: expected), place: path)
  }

  func expect(_ name: String, _ expected: String) throws(EvaluationError) {
    guard json[name] == .string(Array(expected.utf8)) else {
      throw error(name, found: json[name]?.kind ?? "missing", expected: "\"\(expected)\"")
    }
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(EvaluationError) -> Int {
    guard case .integer(let value) = json[name], range.contains(value) else {
      throw error(
        name, found: json[name]?.kind ?? "missing",
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func positiveNumber(_ name: String) throws(EvaluationError) -> Float {
    switch json[name] {
    case .number(let value) where value > 0 && value < 1: return Float(value)
    case let other:
      throw error(name, found: other?.kind ?? "missing", expected: "a number between 0 and 1")
    }
  }

  /// A whole number, or nil where there is none or it's too large for one.
  func optionalInteger(_ name: String) -> Int? {
    if case .integer(let value) = json[name] { value } else { nil }
  }
}
