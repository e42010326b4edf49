/// The tokens that a language model reads and writes.
package struct TokenCount: Sendable, Equatable {
  package var prompt = 0
  package var completion = 0

  package init(prompt: Int = 0, completion: Int = 0) {
    self.prompt = prompt
    self.completion = completion
  }

  static func += (total: inout TokenCount, more: TokenCount) {
    total.prompt += more.prompt
    total.completion += more.completion
  }

  /// An estimate of the tokens in a text. Tokenizers differ between servers; for English, four
  /// bytes per token and three quarters of a word per token are close for all of them, and the
  /// larger count is on the safe side.
  static func estimate(_ text: String) -> Int {
    let words = text.utf8.split { $0 == 0x20 || $0 == 0x0A }.count
    return max((text.utf8.count + 3) / 4, (words * 4 + 2) / 3)
  }
}

/// The price of a million tokens, in any currency.
package struct TokenPrice: Sendable, Equatable {
  package var promptMillion: Double
  package var completionMillion: Double

  package init(promptMillion: Double, completionMillion: Double) {
    self.promptMillion = promptMillion
    self.completionMillion = completionMillion
  }

  package func cost(of tokens: TokenCount) -> Double {
    (Double(tokens.prompt) * promptMillion + Double(tokens.completion) * completionMillion) / 1e6
  }
}
