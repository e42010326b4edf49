import Foundation

extension WordPieceTokenizer {
  /// Reads a BERT `tokenizer.json` in `folder`.
  ///
  /// Its `truncation`, `padding` and `decoder` are ignored.
  ///
  /// - Throws: ``TokenizerError`` if it is missing, damaged, or another kind of tokenizer.
  init(contentsOf folder: URL) throws(TokenizerError) {
    let url = folder.appending(path: "tokenizer.json")
    let definition = try Self.definition(try TokenizerFields(contentsOf: url))
    self = try VocabularyFault.located(at: url.path) { () throws(VocabularyFault) in
      try WordPieceTokenizer(definition)
    }
  }

  private static func definition(_ file: TokenizerFields) throws(TokenizerError) -> Definition {
    let model = try file.object("model")
    try model.expect("type", "WordPiece")
    try file.object("pre_tokenizer").expect("type", "BertPreTokenizer")
    let normalizer = try normalizer(file.object("normalizer"))

    let addedTokens = try file.addedTokens()
    let entries = try model.object("vocab").identifiers()
    let (tokens, _) = try VocabularyFault.located(at: file.path) { () throws(VocabularyFault) in
      try TokenizerDefinition.arrange(entries, addedTokens: addedTokens, specialTokenNames: [])
    }
    var definition = Definition(
      tokens: tokens, addedTokens: addedTokens, normalizer: normalizer,
      unknownToken: try model.text("unk_token"),
      continuationPrefix: try model.text("continuing_subword_prefix"),
      longestWord: try model.wholeNumber("max_input_chars_per_word"))
    if let (start, end) = try frame(file, tokens) {
      (definition.startToken, definition.endToken) = (start, end)
    }
    return definition
  }

  private static func normalizer(
    _ fields: TokenizerFields
  ) throws(TokenizerError) -> BERTNormalizer {
    try fields.expect("type", "BertNormalizer")
    let lowercases = try fields.flag("lowercase")
    return BERTNormalizer(
      cleansText: try fields.flag("clean_text"),
      separatesIdeographs: try fields.flag("handle_chinese_chars"),
      // In BERT, null means to strip accents if letters are lowercased.
      stripsAccents: [nil, .null].contains(fields.json["strip_accents"])
        ? lowercases : try fields.flag("strip_accents"),
      lowercases: lowercases)
  }

  /// What the `post_processor` puts around a single text; nil if there is none.
  private static func frame(
    _ file: TokenizerFields, _ tokens: [[UInt8]]
  ) throws(TokenizerError) -> (start: [UInt8], end: [UInt8])? {
    if [nil, .null].contains(file.json["post_processor"]) { return nil }
    let processor = try file.object("post_processor")
    if processor.json["type"] == .text("BertProcessing") {
      return (
        try processor.specialToken("cls", in: tokens), try processor.specialToken("sep", in: tokens)
      )
    }
    try processor.expect("type", "TemplateProcessing")
    let expected = "a special token, the text A and a special token"
    guard case .list(let parts)? = processor.json["single"], parts.count == 3,
      parts[1]["Sequence"]?["id"] == .text("A"),
      case .text(let start)? = parts[0]["SpecialToken"]?["id"],
      case .text(let end)? = parts[2]["SpecialToken"]?["id"]
    else { throw processor.unsupported("single", expected: expected, found: "another template") }
    let names = try processor.object("special_tokens")
    return (try names.templateToken(start, in: tokens), try names.templateToken(end, in: tokens))
  }
}

extension TokenizerFields {
  /// The single token that a template's name stands for, `"[CLS]": {"ids": [101], …}`.
  fileprivate func templateToken(
    _ key: String, in tokens: [[UInt8]]
  ) throws(TokenizerError) -> [UInt8] {
    guard case .list(let ids)? = try object(key).json["ids"], ids.count == 1,
      let id = ids[0].integer, tokens.indices.contains(id)
    else {
      throw wrong(key, expected: "one id in the vocabulary", found: json[key]?["ids"])
    }
    return tokens[id]
  }
}
