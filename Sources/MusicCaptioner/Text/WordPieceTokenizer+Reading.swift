import Foundation

extension WordPieceTokenizer {
  /// Reads a BERT `tokenizer.json` in `folder`.
  ///
  /// Its `truncation`, `padding` and `decoder` are ignored.
  ///
  /// - Throws: ``TokenizerError`` if it is missing, damaged, or another kind of tokenizer.
  init(contentsOf folder: URL) throws(TokenizerError) {
    let url = folder.appending(path: Tokenizer.fileName)
    let definition = try Self.definition(try TokenizerFields(contentsOf: url))
    self = try VocabularyFault.located(at: url.path) { () throws(VocabularyFault) in
      try WordPieceTokenizer(definition)
    }
  }

  private static func definition(_ file: TokenizerFields) throws(TokenizerError) -> Definition {
    let model = try file.object("model")
    try model.expect("type", "WordPiece")
    try file.object("pre_tokenizer").expect("type", "BertPreTokenizer")

    let addedTokens = try file.addedTokens()
    let entries = try model.object("vocab").identifiers()
    let (tokens, _) = try VocabularyFault.located(at: file.path) { () throws(VocabularyFault) in
      try TokenizerDefinition.arrange(entries, addedTokens: addedTokens, specialTokenNames: [])
    }
    var definition = Definition(
      tokens: tokens, addedTokens: addedTokens, normalizer: try TextNormalizer(file),
      unknownToken: try model.text("unk_token"),
      continuationPrefix: try model.text("continuing_subword_prefix"),
      longestWord: try model.wholeNumber("max_input_chars_per_word"))
    if let (start, end) = try file.frame(in: tokens) {
      (definition.startToken, definition.endToken) = (start, end)
    }
    return definition
  }
}
