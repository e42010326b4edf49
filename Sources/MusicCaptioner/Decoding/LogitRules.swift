/// Changes the scores of the next token given the tokens so far.
///
/// Meaning and order are those of `LogitsProcessor`s in transformers 4.26.1.
protocol LogitRule: Sendable {
  /// - Parameter tokens: The decoder's start token and those that followed.
  func apply(to scores: inout TokenScores, after tokens: [Int])
}

/// Multiplies negative scores of tokens that have occurred, and divides positive ones
/// (arXiv 1909.05858, section 4.1; `RepetitionPenaltyLogitsProcessor`).
struct RepetitionPenalty: LogitRule {
  let penalty: Float

  func apply(to scores: inout TokenScores, after tokens: [Int]) {
    for token in Set(tokens) {
      let score = scores[token]
      scores[token] = score < 0 ? score * penalty : score / penalty
    }
  }
}

/// Forbids tokens that would complete a run of `size` tokens that has occurred
/// (`NoRepeatNGramLogitsProcessor`). The decoder's start token counts.
struct NoRepeatedNGrams: LogitRule {
  let size: Int

  func apply(to scores: inout TokenScores, after tokens: [Int]) {
    guard tokens.count >= size else { return }
    let prefix = tokens.suffix(size - 1)
    for start in 0...(tokens.count - size) where tokens[start] == prefix.first ?? tokens[start] {
      let end = start + size - 1
      if tokens[start..<end] == prefix { scores.forbid(tokens[end]) }
    }
  }
}

/// Forbids the end token before there are `length` tokens (`MinLengthLogitsProcessor`).
struct MinimumLength: LogitRule {
  let length: Int
  let endToken: Int

  func apply(to scores: inout TokenScores, after tokens: [Int]) {
    if tokens.count < length { scores.forbid(endToken) }
  }
}

/// Makes one token certain at one place (`ForcedBOSTokenLogitsProcessor`,
/// `ForcedEOSTokenLogitsProcessor`).
struct ForcedToken: LogitRule {
  let token: Int
  /// The number of tokens before it.
  let position: Int

  func apply(to scores: inout TokenScores, after tokens: [Int]) {
    if tokens.count == position { scores.force(token) }
  }
}

extension DecodingOptions {
  /// The rules that these options ask for, in the order of `generate`'s `_get_logits_processor`.
  func rules(_ model: ModelConfiguration) -> [any LogitRule] {
    var rules: [any LogitRule] = []
    if repetitionPenalty != 1 {
      rules.append(RepetitionPenalty(penalty: Float(repetitionPenalty)))
    }
    if noRepeatNgramSize > 0 { rules.append(NoRepeatedNGrams(size: noRepeatNgramSize)) }
    if minimumLength > 0 {
      rules.append(MinimumLength(length: minimumLength, endToken: model.endTokenID))
    }
    rules.append(ForcedToken(token: model.startTokenID, position: 1))
    rules.append(ForcedToken(token: model.endTokenID, position: maximumLength - 1))
    return rules
  }
}
