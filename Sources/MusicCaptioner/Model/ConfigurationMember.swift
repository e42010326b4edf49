/// Members of `config.json` beside the sizes and the audio features.
enum ConfigurationMember {
  /// The names of the tags that the model scores.
  static let tags = "tags"
  /// Decoding options by our keys. Models are written with Hugging Face's names instead, at the top level; a
  /// section that is there all the same counts more.
  static let generation = "generation"

  /// Decoding options by our keys, with the names that Hugging Face's `generate` gives them. It has none for
  /// the seed.
  static let decodingNames: [(key: String, name: String)] = [
    ("beam_width", "num_beams"), ("maximum_length", "max_length"),
    ("minimum_length", "min_length"), ("length_penalty", "length_penalty"),
    ("no_repeat_ngram_size", "no_repeat_ngram_size"), ("repetition_penalty", "repetition_penalty"),
    ("best", "num_return_sequences"), ("early_stopping", "early_stopping"),
    ("sampling", "do_sample"), ("temperature", "temperature"), ("top_k", "top_k"),
    ("top_p", "top_p"), ("seed", "seed"),
  ]

  /// What the official code leaves to its `config.json`. It passes the others to `generate` itself, with the
  /// values of our defaults.
  private static let officialNames = [
    "early_stopping", "length_penalty", "no_repeat_ngram_size",
  ]

  /// The members that higher layers read.
  ///
  /// - Parameter isOfficial: Whether the file belongs to a checkpoint of the official code.
  static func extras(of json: JSONValue, isOfficial: Bool) -> [String: JSONValue] {
    let names = isOfficial ? officialNames : decodingNames.map(\.name)
    var extras: [String: JSONValue] = [:]
    for key in [tags, generation] + names {
      if let value = json[key], value != .null { extras[key] = value }
    }
    return extras
  }

  /// What `BartConfig` has and every model here does in one way.
  static func fixed(_ model: ModelConfiguration) -> [String: JSONValue] {
    // Hugging Face's name for BART with its norms first.
    let isMBART = model.normalizesBefore
    return [
      "activation_function": .text("gelu"),
      "architectures": .list([
        .text(isMBART ? "MBartForConditionalGeneration" : "BartForConditionalGeneration")
      ]),
      "forced_bos_token_id": JSONValue(model.startTokenID),
      "forced_eos_token_id": JSONValue(model.endTokenID),
      "is_encoder_decoder": .truth(true),
      "model_type": .text(isMBART ? "mbart" : "bart"),
    ]
  }

  /// - Throws: A member that makes other captions in Hugging Face's code, and can't be followed here.
  static func check(_ json: JSONValue, _ model: ModelConfiguration) throws(OptionError) {
    let followed: [(key: String, value: JSONValue)] = [
      ("activation_function", .text("gelu")),
      ("forced_bos_token_id", JSONValue(model.startTokenID)),
      ("forced_eos_token_id", JSONValue(model.endTokenID)),
      ("num_beam_groups", JSONValue(1)), ("bad_words_ids", .list([])),
      ("suppress_tokens", .list([])), ("begin_suppress_tokens", .list([])),
      ("encoder_no_repeat_ngram_size", JSONValue(0)),
    ]
    for (key, expected) in followed {
      guard let value = json[key], value != .null, value != expected else { continue }
      throw OptionError(
        key, found: value.kind, expected: expected == .list([]) ? "an empty list" : expected.kind)
    }
  }
}
