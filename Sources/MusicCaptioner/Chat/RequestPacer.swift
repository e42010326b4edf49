/// Keeps requests within what a server allows in a minute.
///
/// They are spread evenly: servers count in shorter stretches than a minute too, and a burst at its
/// beginning would be refused.
actor RequestPacer {
  private let secondsPerRequest: Double
  private let secondsPerToken: Double
  private let clock = ContinuousClock()
  private var nextRequest: ContinuousClock.Instant
  private var nextTokens: ContinuousClock.Instant
  private var heldUntil: ContinuousClock.Instant

  /// - Parameters:
  ///   - requestsPerMinute: As many as can be if nil.
  ///   - tokensPerMinute: Of prompts and answers together; as many as can be if nil.
  init(requestsPerMinute: Int?, tokensPerMinute: Int?) {
    secondsPerRequest = requestsPerMinute.map { 60 / Double($0) } ?? 0
    secondsPerToken = tokensPerMinute.map { 60 / Double($0) } ?? 0
    let now = clock.now
    nextRequest = now
    nextTokens = now
    heldUntil = now
  }

  /// Returns when a request may start.
  ///
  /// - Parameter tokens: How many it may come to.
  /// - Throws: `CancellationError`.
  func admit(tokens: Int) async throws {
    let now = clock.now
    let start = max(now, nextRequest, nextTokens)
    nextRequest = start.advanced(by: .seconds(secondsPerRequest))
    nextTokens = max(now, nextTokens).advanced(by: .seconds(secondsPerToken * Double(tokens)))
    try await wait(until: start)
    while clock.now < heldUntil { try await wait(until: heldUntil) }
  }

  /// Makes good what a request was taken for too much or too little.
  func correct(estimate: Int, actual: Int) {
    let excess = Double(actual - estimate)
    nextTokens = nextTokens.advanced(by: .seconds(secondsPerToken * excess))
  }

  /// Lets no request start for so long: the server has had enough of all of them.
  func hold(_ duration: Duration) {
    heldUntil = max(heldUntil, clock.now.advanced(by: duration))
  }

  private func wait(until instant: ContinuousClock.Instant) async throws {
    guard instant > clock.now else { return }
    try await clock.sleep(until: instant)
  }
}
