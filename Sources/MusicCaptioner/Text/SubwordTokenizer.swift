/// Splits a text into tokens of a fixed vocabulary, framed by a start and an end token.
protocol SubwordTokenizer: Sendable {
  /// The number of tokens, including special ones; ids run from 0 to one less.
  var vocabularySize: Int { get }
  var startToken: Int { get }
  var endToken: Int { get }

  /// Appends the ids of `text` alone. Special tokens spelled out in the text are recognized.
  func appendTokens(of text: String, to ids: inout [Int])
}

extension SubwordTokenizer {
  /// The ids of `text` between the start and the end token.
  ///
  /// - Parameter maximumLength: Longer results are cut to this length by dropping the text's last
  ///   tokens. Includes start and end, which are never dropped, so at least 2.
  func framedTokens(of text: String, maximumLength: Int?) -> [Int] {
    var ids = [startToken]
    appendTokens(of: text, to: &ids)
    if let maximumLength {
      // Leave room for the end token; the start token stays whatever the limit.
      ids.removeLast(max(0, ids.count - (max(maximumLength, 2) - 1)))
    }
    ids.append(endToken)
    return ids
  }
}
