import Foundation

/// METEOR as NLTK 3.8.1 computes it (Banerjee and Lavie 2005, with α 0.9, β 3, γ 0.5). This is not
/// the Java METEOR 1.5.
struct METEOR {
  private let wordNet: WordNet?
  private var words = WordNumbers()
  /// Keyed by the word's number.
  private var stems: [Int: Int] = [:]
  private var synonyms: [Int: Set<Int>] = [:]

  /// - Parameter wordNet: Without it, no synonyms are found.
  init(wordNet: WordNet?) {
    self.wordNet = wordNet
  }

  /// The score of a prediction in Treebank words, for the best of the references.
  mutating func score(_ prediction: [Scalars], references: [[Scalars]]) -> Double {
    let prediction = words.numbers(of: prediction.map(\.lowercased))
    return references.reduce(0) { best, reference in
      max(best, score(prediction, words.numbers(of: reference.map(\.lowercased))))
    }
  }

  private mutating func score(_ prediction: [Int], _ reference: [Int]) -> Double {
    let pairs = align(prediction, reference)
    guard !pairs.isEmpty else { return 0 }
    let (alpha, beta, gamma) = (0.9, 3.0, 0.5)
    let matches = Double(pairs.count)
    let precision = matches / Double(prediction.count)
    let recall = matches / Double(reference.count)
    let mean = precision * recall / (alpha * precision + (1 - alpha) * recall)
    let breaks = zip(pairs, pairs.dropFirst()).count { pair, next in
      next.prediction != pair.prediction + 1 || next.reference != pair.reference + 1
    }
    let penalty = gamma * pow(Double(breaks + 1) / matches, beta)
    return (1 - penalty) * mean
  }

  private typealias Pair = (prediction: Int, reference: Int)
  /// Words without a match so far, and their positions.
  private typealias Leftover = [(position: Int, word: Int)]

  /// The matched positions in the prediction's order: equal words first, then equal stems, then a
  /// stem's synonyms, each among the words that are left.
  private mutating func align(_ prediction: [Int], _ reference: [Int]) -> [Pair] {
    var prediction = prediction.enumerated().map { (position: $0, word: $1) }
    var reference = reference.enumerated().map { (position: $0, word: $1) }
    var pairs: [Pair] = []
    match(&prediction, &reference, &pairs) { $0 == $1 }
    for index in prediction.indices { prediction[index].word = stem(of: prediction[index].word) }
    for index in reference.indices { reference[index].word = stem(of: reference[index].word) }
    match(&prediction, &reference, &pairs) { $0 == $1 }
    if wordNet != nil, !reference.isEmpty {
      for (_, word) in prediction where synonyms[word] == nil {
        synonyms[word] = synonyms(of: word)
      }
      match(&prediction, &reference, &pairs) { synonyms[$0]?.contains($1) ?? false }
    }
    return pairs.sorted { $0.prediction < $1.prediction }
  }

  /// From the end of the prediction to its start, each word takes the last matching reference word.
  private func match(
    _ prediction: inout Leftover, _ reference: inout Leftover, _ pairs: inout [Pair],
    fits: (Int, Int) -> Bool
  ) {
    for index in prediction.indices.reversed() {
      let (position, word) = prediction[index]
      guard let found = reference.lastIndex(where: { fits(word, $0.word) }) else { continue }
      pairs.append((position, reference[found].position))
      prediction.remove(at: index)
      reference.remove(at: found)
    }
  }

  private mutating func stem(of word: Int) -> Int {
    if let known = stems[word] { return known }
    let stem = words.number(of: PorterStemmer.stem(of: words.words[word]))
    stems[word] = stem
    return stem
  }

  /// Looked up by the stem, as NLTK does, so "melodi" has none.
  private mutating func synonyms(of stem: Int) -> Set<Int> {
    guard let wordNet else { return [] }
    return Set(wordNet.synonyms(of: words.words[stem]).map { words.number(of: $0) })
  }
}
