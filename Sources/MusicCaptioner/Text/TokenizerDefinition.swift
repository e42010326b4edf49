/// The contents of a tokenizer's files: the common form for reading, learning and writing.
struct TokenizerDefinition: Sendable {
  /// The text of each token by id, as UTF-8 in the byte alphabet (added tokens: as they are).
  var tokens: [[UInt8]]
  /// Pairs of token texts, highest priority first.
  var merges: [(left: [UInt8], right: [UInt8])]
  var addedTokens: [AddedToken]
  /// Whether a text that doesn't begin with a space is treated as if it did.
  var addsPrefixSpace = false
  var normalizer = TextNormalizer()
  /// Stands for bytes that the vocabulary lacks; without it they are dropped.
  var unknownToken: [UInt8]?
  /// Whether adjacent unknown bytes become one unknown token.
  var fusesUnknown = false
  /// Whether a word that is in the vocabulary is used as is, regardless of the merges.
  var ignoresMerges = false
  /// The tokens that frame a text.
  var startToken = Array("<s>".utf8)
  var endToken = Array("</s>".utf8)
  /// Fills up the shorter texts of a batch.
  var paddingToken = Array("<pad>".utf8)
  var maskToken = Array("<mask>".utf8)

  /// BART's special tokens; `<mask>` includes the space before it, as in BART's files.
  static let specialTokenNames = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]

  /// Orders `entries` by id, and adds the special tokens with these names to the added tokens if
  /// the vocabulary has them and the files don't say how to treat them.
  ///
  /// - Throws: if a token or an id occurs twice, or the ids leave a gap.
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
    // In file order, so that the same damage is always reported in the same words.
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

/// An error found where the file is not known.
struct VocabularyFault: Error {
  let reason: TokenizerError.Reason

  init(_ reason: TokenizerError.Reason) { self.reason = reason }

  /// The result of `body`; its faults become errors of the file at `path`.
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
