/// Which of a song's captions says what most of the others say.
///
/// Two captions are as similar as the cosine of their counts of words and of pairs of neighboring words, as in
/// CIDEr (Vedantam et al., CVPR 2015) but without its weights, which need other songs. The caption with the highest mean
/// similarity to all others is the consensus: minimum Bayes risk, with one caption of each chunk as the sample.
///
/// Takes time in proportion to the number of words: the sum of all similarities to a caption is one product with the sum of
/// all captions.
struct CaptionConsensus {
  struct Candidate {
    let text: String
    /// How much of the song it describes, in seconds.
    let seconds: Double
    /// How likely the model considers it; decides among equals.
    let score: Float
  }

  /// The index of the consensus, the first of equals; nil if there are no candidates.
  static func choose(among candidates: [Candidate]) -> Int? {
    var numbers: [String: Int] = [:]
    let vectors = candidates.map { unitVector($0.text, &numbers) }
    var sum = [Double](repeating: 0, count: numbers.count)
    for (candidate, vector) in zip(candidates, vectors) {
      for (term, value) in vector { sum[term] += candidate.seconds * value }
    }
    let total = candidates.reduce(0) { $0 + $1.seconds }
    let similarities = zip(candidates, vectors).map { candidate, vector -> Double in
      let others = total - candidate.seconds
      guard others > 0 else { return 0 }
      let all = vector.reduce(0) { $0 + $1.value * sum[$1.term] }
      let itself = candidate.seconds * vector.reduce(0) { $0 + $1.value * $1.value }
      return (all - itself) / others
    }
    return candidates.indices.max { a, b in
      // Equal sentences have equal similarities but for rounding.
      if abs(similarities[a] - similarities[b]) > 1e-9 { return similarities[a] < similarities[b] }
      if candidates[a].score != candidates[b].score {
        return candidates[a].score < candidates[b].score
      }
      return a > b
    }
  }

  /// The counts of a text's words and pairs, with length 1 together; in the order of the terms' numbers, so that sums round
  /// the same way each time.
  private static func unitVector(
    _ text: String, _ numbers: inout [String: Int]
  ) -> [(term: Int, value: Double)] {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    let pairs = zip(words, words.dropFirst()).map { "\($0) \($1)" }
    var counts: [Int: Double] = [:]
    for term in words.map(String.init) + pairs {
      counts[number(of: term, &numbers), default: 0] += 1
    }
    let length = counts.values.map { $0 * $0 }.sorted().reduce(0, +).squareRoot()
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value / length) }
  }

  private static func number(of term: String, _ numbers: inout [String: Int]) -> Int {
    if let known = numbers[term] { return known }
    numbers[term] = numbers.count
    return numbers.count - 1
  }
}
