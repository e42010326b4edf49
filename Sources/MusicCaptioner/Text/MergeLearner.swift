/// Learns byte-pair merges from texts, step for step like Hugging Face's `BpeTrainer`.
///
/// The most frequent pair in the words becomes a token; ties go to the pair with the smaller ids.
/// This repeats until the vocabulary is full or no pair is frequent enough. A merge visits only the
/// words that contain its pair.
struct MergeLearner {
  private struct Word {
    var symbols: [Int]
    let count: Int
  }

  /// A pair waiting to be merged; the heap's smallest element is the most frequent pair.
  private struct Candidate: Comparable {
    let pair: MergeTable.Pair
    var count: Int
    /// The words in which the pair occurs, each once.
    let words: [Int]

    static func == (a: Candidate, b: Candidate) -> Bool { a.count == b.count && a.pair == b.pair }

    static func < (a: Candidate, b: Candidate) -> Bool {
      a.count != b.count ? a.count > b.count : a.pair < b.pair
    }
  }

  /// The text of each token by id: the initial tokens, then the learned ones.
  private(set) var tokens: [[UInt8]]
  private var idOfToken: [[UInt8]: Int] = [:]
  private var words: [Word] = []
  private var pairCounts: [MergeTable.Pair: Int] = [:]
  private var learned: [(pair: MergeTable.Pair, left: Int, right: Int)] = []

  /// - Parameter specialTokens: They get the first ids; the 256 bytes follow.
  init(specialTokens: [[UInt8]], captions: some Sequence<String>) {
    tokens = specialTokens + ByteAlphabet.bytesByScalar.map { ByteAlphabet.utf8[Int($0)] }
    for (id, text) in tokens.enumerated() { idOfToken[text] = id }
    var tokenOfByte = [Int](repeating: 0, count: 256)
    for (index, byte) in ByteAlphabet.bytesByScalar.enumerated() {
      tokenOfByte[Int(byte)] = specialTokens.count + index
    }

    var indexOfWord: [[UInt8]: Int] = [:]
    var counts: [(word: [UInt8], count: Int)] = []
    for caption in captions {
      let bytes = Array(caption.utf8)
      PreTokenizer.forEachWord(in: bytes, bytes.indices) { range in
        let word = Array(bytes[range])
        if let index = indexOfWord[word] {
          counts[index].count += 1
        } else {
          indexOfWord[word] = counts.count
          counts.append((word, 1))
        }
      }
    }
    words = counts.map { word, count in
      Word(symbols: word.map { tokenOfByte[Int($0)] }, count: count)
    }
  }

  /// The learned merges as token texts, highest priority first.
  var merges: [(left: [UInt8], right: [UInt8])] {
    // A pair that was merged twice keeps its last place, as in Hugging Face's map of merges.
    var lastIndex: [MergeTable.Pair: Int] = [:]
    for (index, merge) in learned.enumerated() { lastIndex[merge.pair] = index }
    return learned.enumerated().compactMap { index, merge in
      lastIndex[merge.pair] == index ? (tokens[merge.left], tokens[merge.right]) : nil
    }
  }

  /// Merges until there are `tokenCount` tokens or every pair is rarer than `minimumFrequency`.
  mutating func learn(tokenCount: Int, minimumFrequency: Int) {
    var queue = MinimumHeap(initialCandidates())
    while tokens.count < tokenCount, var top = queue.removeMinimum() {
      let count = pairCounts[top.pair, default: 0]
      if top.count != count {
        // Other merges have changed the count since it was queued: queue it again.
        top.count = count
        queue.insert(top)
        continue
      }
      guard count >= max(1, minimumFrequency) else { break }
      for candidate in merge(top) { queue.insert(candidate) }
    }
  }

  private mutating func initialCandidates() -> [Candidate] {
    var places: [MergeTable.Pair: [Int]] = [:]
    for (index, word) in words.enumerated() {
      for (left, right) in zip(word.symbols, word.symbols.dropFirst()) {
        note(MergeTable.pair(left, right), in: index, word.count, &places)
      }
    }
    return places.map { pair, words in
      Candidate(pair: pair, count: pairCounts[pair, default: 0], words: words)
    }
  }

  private mutating func note(
    _ pair: MergeTable.Pair, in word: Int, _ count: Int, _ places: inout [MergeTable.Pair: [Int]]
  ) {
    pairCounts[pair, default: 0] += count
    // Words come in order, so if this one was already added, it is the last.
    if places[pair]?.last != word { places[pair, default: []].append(word) }
  }

  /// Merges a pair in its words, and returns the new pairs that result.
  private mutating func merge(_ candidate: Candidate) -> [Candidate] {
    let left = Int(candidate.pair >> 24)
    let right = Int(candidate.pair & (1 << 24 - 1))
    let text = tokens[left] + tokens[right]
    let token: Int
    if let existing = idOfToken[text] {
      token = existing
    } else {
      token = tokens.count
      tokens.append(text)
      idOfToken[text] = token
    }
    learned.append((candidate.pair, left, right))

    var places: [MergeTable.Pair: [Int]] = [:]
    for index in candidate.words { merge(left, right, into: token, inWord: index, &places) }
    return places.compactMap { pair, words in
      let count = pairCounts[pair, default: 0]
      return count > 0 ? Candidate(pair: pair, count: count, words: words) : nil
    }
  }

  private mutating func merge(
    _ left: Int, _ right: Int, into token: Int, inWord index: Int,
    _ places: inout [MergeTable.Pair: [Int]]
  ) {
    let symbols = words[index].symbols
    let count = words[index].count
    var merged: [Int] = []
    merged.reserveCapacity(symbols.count)
    var position = 0
    while position < symbols.count {
      guard symbols[position] == left, position + 1 < symbols.count,
        symbols[position + 1] == right
      else {
        merged.append(symbols[position])
        position += 1
        continue
      }
      if let before = merged.last {
        pairCounts[MergeTable.pair(before, left), default: 0] -= count
        note(MergeTable.pair(before, token), in: index, count, &places)
      }
      if position + 2 < symbols.count {
        let after = symbols[position + 2]
        pairCounts[MergeTable.pair(right, after), default: 0] -= count
        note(MergeTable.pair(token, after), in: index, count, &places)
      }
      merged.append(token)
      position += 2
    }
    words[index].symbols = merged
  }
}

extension Tokenizer {
  /// Vocabulary sizes that can be learned: bytes and special tokens at least.
  static let learnableSizes = TokenizerDefinition.specialTokenNames.count + 256...MergeTable.limit

  /// Learns a tokenizer from captions, with BART's special tokens: `<s>` 0, `<pad>` 1, `</s>` 2,
  /// `<unk>` 3, then the 256 bytes, then the learned tokens, and `<mask>` last.
  ///
  /// Equal to Hugging Face's `BpeTrainer` with the byte-level pre-tokenizer and alphabet on the
  /// same captions. The result depends only on the captions' words and their counts.
  ///
  /// - Parameters:
  /// - Parameters:
  ///   - vocabularySize: The number of tokens wanted; with few captions there may be fewer.
  ///   - minimumFrequency: How often a pair must occur to become a token.
  /// - Throws: ``TokenizerError`` if `vocabularySize` has no room for the bytes and special tokens.
  public static func learn(
    from captions: some Sequence<String>, vocabularySize: Int, minimumFrequency: Int = 2
  ) throws(TokenizerError) -> Tokenizer {
    let names = TokenizerDefinition.specialTokenNames.map { Array($0.utf8) }
    guard vocabularySize >= learnableSizes.lowerBound else {
      throw TokenizerError(
        .vocabularyTooSmall(requested: vocabularySize, minimum: learnableSizes.lowerBound),
        file: nil)
    }
    guard vocabularySize <= learnableSizes.upperBound else {
      throw TokenizerError(.tooManyTokens(vocabularySize), file: nil)
    }
    let (leading, mask) = (names.dropLast(), names[names.count - 1])
    var learner = MergeLearner(specialTokens: Array(leading), captions: captions)
    learner.learn(tokenCount: vocabularySize - 1, minimumFrequency: minimumFrequency)

    var texts = learner.tokens
    // If the captions contain many "<mask>", it may have been learned as a word and have an id
    // already.
    if !texts.contains(mask) { texts.append(mask) }
    let entries = texts.enumerated().map { (text: $1, id: $0) }
    let merges = learner.merges
    return try VocabularyFault.located(at: nil) { () throws(VocabularyFault) -> Tokenizer in
      let (tokens, addedTokens) = try TokenizerDefinition.arrange(entries, addedTokens: [])
      return try Tokenizer(
        TokenizerDefinition(tokens: tokens, merges: merges, addedTokens: addedTokens))
    }
  }
}
