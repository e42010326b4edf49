/// Keeps requests within a server's limits per minute.
///
/// Requests are spread evenly: servers also count over intervals shorter than a minute, and would
/// refuse a burst at the start.
actor RequestPacer {
  private let secondsPerRequest: Double
  private let secondsPerToken: Double
  private let clock = ContinuousClock()
  private var nextRequest: ContinuousClock.Instant
  private var nextTokens: ContinuousClock.Instant
  private var heldUntil: ContinuousClock.Instant

  /// - Parameters:
  ///   - requestsPerMinute: No limit if nil.
  ///   - tokensPerMinute: Prompts and answers together; no limit if nil.
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
  /// - Parameter tokens: The estimated tokens of the request.
  /// - Throws: `CancellationError`.
  func admit(tokens: Int) async throws {
    let now = clock.now
    let start = max(now, nextRequest, nextTokens)
    nextRequest = start.advanced(by: .seconds(secondsPerRequest))
    nextTokens = max(now, nextTokens).advanced(by: .seconds(secondsPerToken * Double(tokens)))
    try await wait(until: start)
    while clock.now < heldUntil { try await wait(until: heldUntil) }
  }

  /// Corrects for the difference between a request's estimated and actual tokens.
  func correct(estimate: Int, actual: Int) {
    let excess = Double(actual - estimate)
    nextTokens = nextTokens.advanced(by: .seconds(secondsPerToken * excess))
  }

  /// Lets no request start for this long, because the server is overloaded.
  func hold(_ duration: Duration) {
    heldUntil = max(heldUntil, clock.now.advanced(by: duration))
  }

  private func wait(until instant: ContinuousClock.Instant) async throws {
    guard instant > clock.now else { return }
    try await clock.sleep(until: instant)
  }
}
