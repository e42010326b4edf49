import CKernels

/// A token that may come next.
struct Candidate: Sendable {
  let token: Int
  /// After all rules.
  let score: Float
  /// The model's own, before any rule.
  let logProbability: Float
}

/// The scores of all tokens that may come next in one row, as rules see and change them.
///
/// They are the logits themselves; the log-sum-exp, which log-probabilities subtract, is kept beside them,
/// which saves a pass over the vocabulary. Valid only inside `scoreRows`.
struct TokenScores {
  /// The meaning of scores: Hugging Face's rules work on log-probabilities in beam search, and on logits in
  /// greedy search and sampling.
  enum Scale {
    case logits, logProbabilities
  }

  private let logits: UnsafeMutableBufferPointer<Float>
  private let logSumExp: Float
  private let shift: Float
  /// The original logits of tokens whose score a rule has changed.
  private var originals: [Int: Float] = [:]
  /// The only possible token, if a rule demands one.
  private(set) var forcedToken: Int?

  fileprivate init(_ logits: UnsafeMutableBufferPointer<Float>, _ scale: Scale) {
    self.logits = logits
    logSumExp = logits.baseAddress.map { ck_log_sum_exp($0, logits.count) } ?? 0
    shift = scale == .logProbabilities ? logSumExp : 0
  }

  var tokenCount: Int { logits.count }

  /// The score of a token; −∞ if it is impossible.
  subscript(token: Int) -> Float {
    get {
      if let forcedToken { return token == forcedToken ? 0 : -.infinity }
      return logits[token] - shift
    }
    set {
      if originals[token] == nil { originals[token] = logits[token] }
      logits[token] = newValue + shift
    }
  }

  mutating func forbid(_ token: Int) { self[token] = -.infinity }

  /// Makes one token certain, with a score of 0, whatever other rules said.
  mutating func force(_ token: Int) { forcedToken = token }

  func logProbability(_ token: Int) -> Float { (originals[token] ?? logits[token]) - logSumExp }

  /// The tokens with the highest scores, best first, equal ones in the order of their numbers, without
  /// impossible ones and those whose score is NaN.
  func best(_ count: Int) -> [Candidate] {
    if let forcedToken { return [candidate(forcedToken)] }
    var best: [(logit: Float, token: Int)] = []
    best.reserveCapacity(count + 1)
    var threshold = -Float.infinity
    var token = 0
    while let logit = nextLogit(above: threshold, &token) {
      if best.count == count { best.removeLast() }
      var place = best.count
      while place > 0 && best[place - 1].logit < logit { place -= 1 }
      best.insert((logit, token), at: place)
      if best.count == count { threshold = best[count - 1].logit }
      token += 1
    }
    return best.map { candidate($0.token) }
  }

  /// The first logit above `threshold` from `token` on, which becomes its token.
  private func nextLogit(above threshold: Float, _ token: inout Int) -> Float? {
    guard let base = logits.baseAddress else { return nil }
    token += ck_first_above(base + token, logits.count - token, threshold)
    return token < logits.count ? logits[token] : nil
  }

  func candidate(_ token: Int) -> Candidate {
    Candidate(token: token, score: self[token], logProbability: logProbability(token))
  }

  /// The tokens whose score is at least `minimum`.
  func tokens(scoringAtLeast minimum: Float) -> [(token: Int, score: Float)] {
    if let forcedToken { return [(forcedToken, 0)] }
    var found: [(token: Int, score: Float)] = []
    for token in 0..<logits.count where logits[token] - shift >= minimum {
      found.append((token, logits[token] - shift))
    }
    return found
  }
}

/// Applies the rules to each row's scores and calls `body` with them, rows shared out between threads.
///
/// - Parameters:
///   - logits: `[rows, vocabulary]`, just made; rules overwrite them.
///   - histories: Each row's tokens so far.
/// - Returns: The results of `body`, one for each row.
func scoreRows<Result>(
  _ logits: Tensor, after histories: [[Int]], rules: [any LogitRule], as scale: TokenScores.Scale,
  _ body: (_ row: Int, TokenScores) -> Result
) -> [Result] {
  let width = logits.width
  precondition(logits.rowCount == histories.count, "one history for each row")
  return withExtendedLifetime(logits) {
    // Every row writes to its own place.
    [Result](unsafeUninitializedCapacity: histories.count) { results, count in
      let results = results
      WorkPool.shared.forEach(histories.count) { row in
        var scores = TokenScores(
          UnsafeMutableBufferPointer(start: logits.freshPointer + row * width, count: width),
          scale)
        for rule in rules { rule.apply(to: &scores, after: histories[row]) }
        results.initializeElement(at: row, to: body(row, scores))
      }
      count = histories.count
    }
  }
}
