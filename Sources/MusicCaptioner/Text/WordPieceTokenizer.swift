/// BERT's tokenizer (Devlin et al. 2019): words, split into the longest pieces in the vocabulary.
///
/// Equal to Hugging Face's `tokenizers` (checked against 0.23.3) with `BertNormalizer`,
/// `BertPreTokenizer` and `WordPiece`. Copies share one cache of words, and may be used from several
/// threads at once.
struct WordPieceTokenizer: SubwordTokenizer {
  /// The contents of a `tokenizer.json`.
  struct Definition: Sendable {
    /// The text of each token by its id.
    var tokens: [[UInt8]]
    var addedTokens: [AddedToken]
    var normalizer: TextNormalizer
    /// Stands for a word that can't be made of pieces.
    var unknownToken: [UInt8]
    /// The prefix of every piece of a word but the first.
    var continuationPrefix: [UInt8]
    /// In Unicode scalars; longer words become the unknown token.
    var longestWord: Int
    var startToken = Array("[CLS]".utf8)
    var endToken = Array("[SEP]".utf8)
  }

  let startToken: Int
  let endToken: Int
  let vocabularySize: Int
  private let addedTokens: AddedTokenMatcher
  private let unknownToken: Int
  private let firstPieces: PieceIndex
  /// Without their prefix.
  private let furtherPieces: PieceIndex
  private let longestWord: Int
  private let cache: WordCache

  /// In bytes: a bound on the work at each place in a word.
  private static let longestToken = 1_000

  init(_ definition: Definition) throws(VocabularyFault) {
    if let long = definition.tokens.first(where: { $0.count > Self.longestToken }) {
      throw VocabularyFault(.tokenTooLong(byteCount: long.count, limit: Self.longestToken))
    }
    var ids: [[UInt8]: Int] = [:]
    ids.reserveCapacity(definition.tokens.count)
    for (id, text) in definition.tokens.enumerated() { ids[text] = id }
    func special(_ content: [UInt8]) throws(VocabularyFault) -> Int {
      if let id = ids[content] { return id }
      throw VocabularyFault(.missingSpecialToken(String(decoding: content, as: UTF8.self)))
    }
    startToken = try special(definition.startToken)
    endToken = try special(definition.endToken)
    unknownToken = try special(definition.unknownToken)
    let prefix = definition.continuationPrefix
    firstPieces = PieceIndex(definition.tokens.enumerated().map { ($1[...], $0) })
    furtherPieces = PieceIndex(
      definition.tokens.enumerated().lazy.filter { $1.starts(with: prefix) }
        .map { ($1[prefix.count...], $0) })
    cache = WordCache()
    vocabularySize = definition.tokens.count
    longestWord = definition.longestWord
    addedTokens = AddedTokenMatcher(definition.addedTokens, normalizer: definition.normalizer)
  }

  func appendTokens(of text: String, to ids: inout [Int]) {
    addedTokens.forEachSegment(of: Array(text.utf8)) { segment, bytes in
      switch segment {
      case .token(let id): ids.append(id)
      case .text(let range): Self.forEachWord(of: bytes[range]) { ids += pieces(of: $0) }
      }
    }
  }

  /// Splits at white space, and before and after each punctuation mark.
  private static func forEachWord(of text: ArraySlice<UInt8>, _ body: ([UInt8]) -> Void) {
    var word: [UInt8] = []
    func end() {
      if !word.isEmpty { body(word) }
      word.removeAll(keepingCapacity: true)
    }
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      if scalar.properties.isWhitespace {
        end()
      } else if scalar.isBERTPunctuation {
        end()
        body(Array(scalar.utf8))
      } else {
        word += scalar.utf8
      }
    }
    end()
  }

  private func pieces(of word: [UInt8]) -> [Int] {
    if let known = cache.ids(of: word) { return known }
    let found = split(word) ?? [unknownToken]
    cache.store(found, for: word)
    return found
  }

  /// The longest piece at the start of the word, then the longest after it, and so on; nil if there
  /// is none.
  private func split(_ word: [UInt8]) -> [Int]? {
    // Continuation bytes have the form 0b10xxxxxx.
    guard word.count(where: { $0 & 0xC0 != 0x80 }) <= longestWord else { return nil }
    var ids: [Int] = []
    var start = 0
    while start < word.count {
      let pieces = start == 0 ? firstPieces : furtherPieces
      guard let piece = pieces.longest(in: word[start...]) else { return nil }
      ids.append(piece.id)
      start += piece.length
    }
    return ids
  }
}
