/// What a tokenizer's files say: the common form of reading, learning and writing.
struct TokenizerDefinition: Sendable {
  /// The text of each token by its id, as UTF-8 in the byte alphabet (added tokens: as they are).
  var tokens: [[UInt8]]
  /// Pairs of token texts, the preferred ones first.
  var merges: [(left: [UInt8], right: [UInt8])]
  var addedTokens: [AddedToken]
  /// Whether a text that does not begin with a space is treated as if it did.
  var addsPrefixSpace = false
  /// Stands for bytes that the vocabulary lacks; without it they are dropped.
  var unknownToken: [UInt8]?
  /// Whether neighbouring unknown bytes make one unknown token.
  var fusesUnknown = false
  /// Whether a word that is in the vocabulary is taken whole, whatever the merges make of it.
  var ignoresMerges = false
  /// What is put around a text.
  var startToken = Array("<s>".utf8)
  var endToken = Array("</s>".utf8)

  /// BART's special tokens; `<mask>` takes the space before it along, as in BART's files.
  static let specialTokenNames = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]

  /// Numbers `entries` by their ids and adds the special tokens of those names to the added ones
  /// where the vocabulary has them and the files do not say how to treat them.
  ///
  /// - Throws: where a token or an id stands twice, or the ids leave a gap.
  static func arrange(
    _ entries: [(text: [UInt8], id: Int)], addedTokens: [AddedToken],
    specialTokenNames: [String] = specialTokenNames
  ) throws(VocabularyFault) -> (tokens: [[UInt8]], addedTokens: [AddedToken]) {
    var ids: [[UInt8]: Int] = [:]
    ids.reserveCapacity(entries.count + addedTokens.count)
    for (text, id) in entries {
      guard ids.updateValue(id, forKey: text) == nil else {
        throw VocabularyFault(.duplicateToken(String(decoding: text, as: UTF8.self)))
      }
    }
    for token in addedTokens {
      if let id = ids.updateValue(token.id, forKey: token.content), id != token.id {
        throw VocabularyFault(
          .value(
            field:
              "the id of the added token \"\(String(decoding: token.content, as: UTF8.self))\"",
            found: "\(token.id)", expected: "\(id) as in the vocabulary"))
      }
    }
    guard ids.count <= MergeTable.limit else { throw VocabularyFault(.tooManyTokens(ids.count)) }

    var tokens = [[UInt8]?](repeating: nil, count: ids.count)
    // In the order of the files, so that the same damage is always reported in the same words.
    for (text, id) in entries + addedTokens.map({ ($0.content, $0.id) }) {
      let name = String(decoding: text, as: UTF8.self)
      guard tokens.indices.contains(id) else {
        throw VocabularyFault(.idOutOfRange(id: id, token: name, tokenCount: ids.count))
      }
      if let other = tokens[id], other != text {
        throw VocabularyFault(.idCollision(id: id, String(decoding: other, as: UTF8.self), name))
      }
      tokens[id] = text
    }

    var addedTokens = addedTokens
    for name in specialTokenNames {
      let content = Array(name.utf8)
      if let id = ids[content], !addedTokens.contains(where: { $0.content == content }) {
        addedTokens.append(AddedToken(content: content, id: id, stripsLeft: name == "<mask>"))
      }
    }
    return (tokens.compactMap { $0 }, addedTokens)
  }
}

/// A fault whose file is not known where it is found.
struct VocabularyFault: Error {
  let reason: TokenizerError.Reason

  init(_ reason: TokenizerError.Reason) { self.reason = reason }

  /// What `body` gives; its faults become errors of the file at `path`.
  static func located<Result>(
    at path: String?, _ body: () throws(VocabularyFault) -> Result
  ) throws(TokenizerError) -> Result {
    do {
      return try body()
    } catch {
      throw TokenizerError(error.reason, file: path)
    }
  }
}
