import Foundation

/// A byte-level BPE tokenizer with BART's special tokens: text to token ids and back.
///
/// Equal to Hugging Face's `tokenizers` on any text (checked against 0.23.3, transformers 4.26.1).
/// Any text can be encoded: what has no token of its own is spelled in bytes. Copies share one
/// cache of words and may be used from several threads at once.
public struct Tokenizer: SubwordTokenizer {
  let definition: TokenizerDefinition
  private let idOfToken: [[UInt8]: Int]
  private let merges: MergeTable
  private let addedTokens: AddedTokenMatcher
  /// The token of each byte, or -1.
  private let byteTokens: [Int]
  /// The bytes that each token adds to the decoded text.
  private let pieces: [[UInt8]]
  private let isSpecial: [Bool]
  private let unknownByteToken: Int?
  let cache: WordCache

  /// `<s>`, the start of each text.
  public let startToken: Int
  /// `<pad>`, which fills up the shorter texts of a batch.
  public let paddingToken: Int
  /// `</s>`, the end of each text.
  public let endToken: Int
  /// `<unk>`, if the vocabulary has it.
  public let unknownToken: Int?
  /// `<mask>`, if the vocabulary has it.
  public let maskToken: Int?

  /// The number of tokens, including special ones; ids run from 0 to one less.
  public var vocabularySize: Int { pieces.count }

  init(_ definition: TokenizerDefinition) throws(VocabularyFault) {
    self.definition = definition
    cache = WordCache()
    var ids: [[UInt8]: Int] = [:]
    ids.reserveCapacity(definition.tokens.count)
    for (id, text) in definition.tokens.enumerated() { ids[text] = id }
    idOfToken = ids

    func special(_ content: [UInt8]) throws(VocabularyFault) -> Int {
      if let id = ids[content] { return id }
      throw VocabularyFault(.missingSpecialToken(String(decoding: content, as: UTF8.self)))
    }
    startToken = try special(definition.startToken)
    endToken = try special(definition.endToken)
    paddingToken = try special(definition.paddingToken)
    unknownToken = ids[definition.unknownToken ?? Array("<unk>".utf8)]
    maskToken = ids[definition.maskToken]
    if let unknown = definition.unknownToken {
      unknownByteToken = try special(unknown)
    } else {
      unknownByteToken = nil
    }

    merges = try Self.mergeTable(of: definition, ids)
    addedTokens = AddedTokenMatcher(definition.addedTokens, normalizer: definition.normalizer)
    byteTokens = ByteAlphabet.utf8.map { ids[$0] ?? -1 }
    pieces = definition.tokens.map { ByteAlphabet.bytes(of: $0) ?? $0 }
    var isSpecial = [Bool](repeating: false, count: definition.tokens.count)
    for token in definition.addedTokens where token.isSpecial { isSpecial[token.id] = true }
    self.isSpecial = isSpecial
  }

  /// The ids of `text` between the start and the end token.
  ///
  /// - Parameter maximumLength: Longer results are cut to this length by dropping the text's last
  ///   tokens. Includes start and end, which are never dropped, so at least 2.
  public func encode(_ text: String, maximumLength: Int? = nil) -> [Int] {
    framedTokens(of: text, maximumLength: maximumLength)
  }

  /// The text of `ids`. Bytes that aren't valid UTF-8 become U+FFFD; ids outside the vocabulary are
  /// skipped.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool = true) -> String {
    var bytes: [UInt8] = []
    for id in ids where pieces.indices.contains(id) {
      if skipSpecialTokens && isSpecial[id] { continue }
      bytes.append(contentsOf: pieces[id])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text of a token as token files spell it (`Ġsong` for " song"), or nil for an unknown id.
  public func token(_ id: Int) -> String? {
    guard definition.tokens.indices.contains(id) else { return nil }
    return String(decoding: definition.tokens[id], as: UTF8.self)
  }

  /// The id of a token spelled as in token files, or nil if there is none.
  public func id(ofToken token: String) -> Int? { idOfToken[Array(token.utf8)] }

  /// Removes the spaces before punctuation and contractions that the official code's tokenizer
  /// removes when decoding.
  ///
  /// Source: `clean_up_tokenization` of transformers 4.26.
  public static func cleanUp(_ text: String) -> String {
    // On bytes: " ." is replaced even if a combining mark follows the period.
    var bytes = Array(text.utf8)
    bytes = UTF8Text.replacing(" .", with: ".", in: bytes)
    bytes = UTF8Text.replacing(" ?", with: "?", in: bytes)
    bytes = UTF8Text.replacing(" !", with: "!", in: bytes)
    bytes = UTF8Text.replacing(" ,", with: ",", in: bytes)
    bytes = UTF8Text.replacing(" ' ", with: "'", in: bytes)
    bytes = UTF8Text.replacing(" n't", with: "n't", in: bytes)
    bytes = UTF8Text.replacing(" 'm", with: "'m", in: bytes)
    bytes = UTF8Text.replacing(" 's", with: "'s", in: bytes)
    bytes = UTF8Text.replacing(" 've", with: "'ve", in: bytes)
    bytes = UTF8Text.replacing(" 're", with: "'re", in: bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  func appendTokens(of text: String, to ids: inout [Int]) {
    addedTokens.forEachSegment(of: Array(text.utf8)) { segment, bytes in
      switch segment {
      case .token(let id): ids.append(id)
      case .text(let range):
        if definition.addsPrefixSpace && bytes[range.lowerBound] != UInt8(ascii: " ") {
          let spaced = [UInt8(ascii: " ")] + bytes[range]
          appendWords(of: spaced, spaced.indices, to: &ids)
        } else {
          appendWords(of: bytes, range, to: &ids)
        }
      }
    }
  }

  private func appendWords(of bytes: [UInt8], _ range: Range<Int>, to ids: inout [Int]) {
    PreTokenizer.forEachWord(in: bytes, range) { word in
      let word = Array(bytes[word])
      if let known = cache.ids(of: word) {
        ids.append(contentsOf: known)
      } else {
        let found = tokens(ofWord: word)
        cache.store(found, for: word)
        ids.append(contentsOf: found)
      }
    }
  }

  private func tokens(ofWord word: [UInt8]) -> [Int] {
    if definition.ignoresMerges, let id = idOfToken[ByteAlphabet.text(of: word)] { return [id] }
    var ids: [Int] = []
    ids.reserveCapacity(word.count)
    var followsUnknown = false
    for byte in word {
      let id = byteTokens[Int(byte)]
      if id >= 0 {
        ids.append(id)
      } else if let unknownByteToken, !(followsUnknown && definition.fusesUnknown) {
        ids.append(unknownByteToken)
      }
      followsUnknown = id < 0
    }
    merges.apply(to: &ids)
    return ids
  }

  /// The dictionaries of fairseq models have a few made-up words that no merge produces. More
  /// unmerged tokens than this mean that the list of merges is incomplete.
  private static let unmergedTokenAllowance = 16

  private static func mergeTable(
    of definition: TokenizerDefinition, _ ids: [[UInt8]: Int]
  ) throws(VocabularyFault) -> MergeTable {
    guard definition.merges.count <= MergeTable.limit else {
      throw VocabularyFault(.tooManyTokens(definition.merges.count))
    }
    var table = MergeTable(capacity: definition.merges.count)
    var isReachable = definition.tokens.map { text in
      ByteAlphabet.bytes(of: text).map { $0.count <= 1 } ?? false
    }
    for token in definition.addedTokens { isReachable[token.id] = true }
    for (index, merge) in definition.merges.enumerated() {
      func id(_ text: [UInt8]) throws(VocabularyFault) -> Int {
        if let id = ids[text] { return id }
        let token = String(decoding: text, as: UTF8.self)
        throw VocabularyFault(.unknownMergeToken(index: index + 1, token: token))
      }
      let result = try id(merge.left + merge.right)
      table.append(try id(merge.left), try id(merge.right), makes: result)
      isReachable[result] = true
    }
    let unmerged = isReachable.indices.filter { !isReachable[$0] }
    if unmerged.count > unmergedTokenAllowance, !definition.ignoresMerges {
      let example = String(decoding: definition.tokens[unmerged[0]], as: UTF8.self)
      throw VocabularyFault(.missingMerges(tokenCount: unmerged.count, example: example))
    }
    return table
  }
}
