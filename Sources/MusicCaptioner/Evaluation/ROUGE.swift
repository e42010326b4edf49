/// ROUGE-L (Lin 2004) as rouge_score 0.1.2 computes it, without stemming: the F-measure of the
/// longest common subsequence, for the best of the references.
struct ROUGE {
  private var words = WordNumbers()

  mutating func score(_ prediction: Scalars, references: [Scalars]) -> Double {
    let prediction = words.numbers(of: CaptionWords.rouge(prediction))
    return references.reduce(0) { best, reference in
      max(best, Self.score(prediction, words.numbers(of: CaptionWords.rouge(reference))))
    }
  }

  private static func score(_ prediction: [Int], _ reference: [Int]) -> Double {
    let common = longestCommonSubsequence(prediction, reference)
    guard common > 0 else { return 0 }
    let precision = Double(common) / Double(prediction.count)
    let recall = Double(common) / Double(reference.count)
    return 2 * precision * recall / (precision + recall)
  }

  private static func longestCommonSubsequence(_ first: [Int], _ second: [Int]) -> Int {
    // Lengths for each prefix of `second`, with the current prefix of `first`.
    var lengths = [Int](repeating: 0, count: second.count + 1)
    for word in first {
      var diagonal = 0
      for index in second.indices {
        let above = lengths[index + 1]
        lengths[index + 1] =
          word == second[index] ? diagonal + 1 : max(above, lengths[index])
        diagonal = above
      }
    }
    return lengths[second.count]
  }
}
