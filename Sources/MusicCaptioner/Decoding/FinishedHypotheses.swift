import Foundation

/// The best complete hypotheses of one clip (transformers 4.26.1: `BeamHypotheses`).
struct FinishedHypotheses {
  private struct Entry {
    let score: Double
    let hypothesis: Hypothesis
  }

  private let width: Int
  private let lengthPenalty: Double
  private var entries: [Entry] = []

  init(width: Int, lengthPenalty: Double) {
    self.width = width
    self.lengthPenalty = lengthPenalty
  }

  /// Whether there are `width` of them.
  var isFull: Bool { entries.count >= width }

  private var worstScore: Double { entries.map(\.score).min() ?? .infinity }

  /// Takes a hypothesis in if it is among the best so far.
  ///
  /// - Parameters:
  ///   - tokens: From the decoder's start token to the end token. The length that counts is
  ///     that of the tokens generated: all but the first.
  ///   - sum: The sum of log-probabilities after all rules.
  mutating func add(_ tokens: [Int], sum: Float, sumLogProbability: Float) {
    let score = score(sum: sum, length: tokens.count - 1)
    guard !isFull || score > worstScore else { return }
    entries.append(
      Entry(
        score: score,
        hypothesis: Hypothesis(
          tokens: tokens, score: Float(score), sumLogProbability: sumLogProbability)))
    if entries.count > width, let worst = entries.firstIndex(where: { $0.score == worstScore }) {
      entries.remove(at: worst)
    }
  }

  /// Whether a hypothesis that is now at `sum` and `length` counts as able to displace the worst.
  /// A heuristic: with a length penalty above 0 it could still do so by growing longer.
  func mayAccept(sum: Float, length: Int) -> Bool {
    worstScore < score(sum: sum, length: length)
  }

  /// The later of two equal ones comes first, as Hugging Face takes them from the end of a sorted list.
  var bestFirst: [Hypothesis] {
    entries.enumerated()
      .sorted { ($0.element.score, $0.offset) > ($1.element.score, $1.offset) }
      .map(\.element.hypothesis)
  }

  private func score(sum: Float, length: Int) -> Double {
    Double(sum) / pow(Double(length), lengthPenalty)
  }
}
