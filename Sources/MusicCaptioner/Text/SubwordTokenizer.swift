/// Cuts a text into tokens of a fixed vocabulary, between a start and an end.
protocol SubwordTokenizer: Sendable {
  /// The number of tokens, special ones included; ids run from 0 to one below it.
  var vocabularySize: Int { get }
  var startToken: Int { get }
  var endToken: Int { get }

  /// Appends the ids of `text` alone. Special tokens that the text spells out count as such.
  func appendTokens(of text: String, to ids: inout [Int])
}

extension SubwordTokenizer {
  /// The ids of `text` between the start and the end token.
  ///
  /// - Parameter maximumLength: where longer, the text's last tokens are dropped so that the result
  ///   has this many, start and end included (2 at least: these two are never dropped).
  func framedTokens(of text: String, maximumLength: Int?) -> [Int] {
    var ids = [startToken]
    appendTokens(of: text, to: &ids)
    if let maximumLength {
      // Room for the end token; the start token stays whatever the limit.
      ids.removeLast(max(0, ids.count - (max(maximumLength, 2) - 1)))
    }
    ids.append(endToken)
    return ids
  }
}
