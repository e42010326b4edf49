import Foundation

/// Draws the next token by its probability, after temperature, top-k and top-p in this order
/// (transformers 4.26.1: `_get_logits_warper`).
struct RandomChoice: TokenChoice {
  private let temperature: Double
  private let topK: Int
  private let topP: Double

  init(_ options: DecodingOptions) {
    temperature = options.temperature
    topK = options.topK
    topP = options.topP
  }

  func callAsFunction(_ scores: TokenScores, draw: Double) -> Int? {
    let tokens = distribution(scores)
    // The smallest token whose cumulative probability passes the draw.
    var rest = draw * tokens.reduce(0) { $0 + $1.weight }
    for (token, weight) in tokens {
      rest -= weight
      if rest < 0 { return token }
    }
    return tokens.last?.token
  }

  /// The tokens that may be drawn, with weights in proportion to their probabilities.
  func distribution(_ scores: TokenScores) -> [(token: Int, weight: Double)] {
    guard let top = scores.best(max(1, min(topK, scores.tokenCount))).last,
      let highest = scores.best(1).first?.score
    else { return [] }
    // Tokens that score the same as the k-th stay, as in Hugging Face.
    let minimum = topK > 0 ? top.score : -Float.greatestFiniteMagnitude
    let kept = scores.tokens(scoringAtLeast: minimum).map { token, score in
      (token: token, weight: exp(Double(score - highest) / temperature))
    }
    return topP < 1 ? nucleus(kept) : kept
  }

  /// The likeliest tokens that together have `topP` of the weight, including the one that reaches it.
  private func nucleus(
    _ tokens: [(token: Int, weight: Double)]
  ) -> [(token: Int, weight: Double)] {
    let wanted = topP * tokens.reduce(0) { $0 + $1.weight }
    var sorted = heavy(tokens, wanted)
    sorted.sort { ($1.weight, $0.token) < ($0.weight, $1.token) }
    var sum = 0.0
    let count = sorted.firstIndex { entry in
      if sum >= wanted { return true }
      sum += entry.weight
      return false
    }
    return Array(sorted[..<(count ?? sorted.count)])
  }

  /// The tokens above a weight low enough that they have at least the wanted sum: mostly few, so that only
  /// these are sorted.
  private func heavy(
    _ tokens: [(token: Int, weight: Double)], _ wanted: Double
  ) -> [(token: Int, weight: Double)] {
    for minimum in [1e-2, 1e-4, 1e-6] {
      let heavy = tokens.filter { $0.weight >= minimum }
      if heavy.reduce(0, { $0 + $1.weight }) >= wanted { return heavy }
    }
    return tokens
  }
}
