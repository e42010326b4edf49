import CCurl

/// The requests in flight, and the connections that they share, through libcurl. Everything runs on
/// the one thread that calls `serve`.
final class ConnectionPool {
  private struct Exchange {
    let done: CheckedContinuation<Result<ChatResponse, TransportFailure>, Never>
    /// The number of bytes received at the last check, and the time of the last change.
    var arrivedCount: Int
    var quietSince: ContinuousClock.Instant
    /// A server that sends a byte now and then must come to an end too.
    var deadline: ContinuousClock.Instant
  }

  /// The longest time for a whole exchange, in timeouts.
  private static let timeouts = 5
  /// The longest wait for what is on its way when nobody wants more.
  private static let hurriedWait = Duration.seconds(30)

  /// An answer is a few hundred bytes; a server that never stops sending must not fill the memory.
  private static let maximumBytes = 8 << 20

  private let connectionCount: Int
  private let timeout: Duration
  /// The interval for checking timeouts.
  private let tick: Duration
  private let clock = ContinuousClock()
  private let pool: OpaquePointer
  private var active: [OpaquePointer: Exchange] = [:]
  private var isHurried = false
  /// The handles of finished exchanges, for reuse.
  private var idle: [OpaquePointer] = []

  /// - Parameters:
  ///   - connectionCount: The number of simultaneous exchanges and connections.
  ///   - timeout: An exchange fails after this many seconds without any data, and after five times
  ///     as many in any case.
  init(connectionCount: Int, timeout: Double) {
    guard let pool = ccurl_pool_create(connectionCount) else { preconditionFailure("no memory") }
    self.pool = pool
    self.connectionCount = connectionCount
    self.timeout = .seconds(timeout)
    tick = .seconds(min(max(timeout / 20, 0.01), 1))
  }

  deinit {
    for exchange in idle { ccurl_exchange_destroy(exchange) }
    ccurl_pool_destroy(pool)
  }

  /// Sends the queue's requests, and returns once it is closed and every request has its response.
  func serve(_ queue: RequestQueue) {
    let milliseconds = Int32(tick / .milliseconds(1))
    var nextTick = clock.now
    while true {
      let entries = queue.take(connectionCount - active.count)
      if entries == nil && active.isEmpty { return }
      entries?.forEach(begin)
      ccurl_pool_work(pool)
      let now = clock.now
      if now >= nextTick {
        if queue.isHurried && !isHurried { hurry(now) }
        stopLateOnes(now)
        nextTick = now.advanced(by: tick)
      }
      // If an exchange has ended, the next request may be waiting.
      if !finishEndedOnes() { ccurl_pool_wait(pool, queue.bell, milliseconds) }
    }
  }

  private func begin(_ entry: RequestQueue.Entry) {
    let request = entry.request
    guard let exchange = idle.popLast() ?? ccurl_exchange_create(Self.maximumBytes) else {
      return entry.done.resume(returning: .failure(.broken("no memory")))
    }
    let hasBegun =
      request.headers.allSatisfy { ccurl_exchange_add_header(exchange, "\($0): \($1)") }
      && ccurl_exchange_start(
        exchange, pool, request.url, request.body, request.body.count,
        Int(timeout / .milliseconds(1)))
    guard hasBegun else {
      ccurl_exchange_destroy(exchange)
      return entry.done.resume(returning: .failure(.broken("no memory")))
    }
    let now = clock.now
    let longest = isHurried ? min(timeout, Self.hurriedWait) : timeout * Self.timeouts
    active[exchange] = Exchange(
      done: entry.done, arrivedCount: 0, quietSince: now, deadline: now.advanced(by: longest))
  }

  /// - Returns: Whether any had ended.
  private func finishEndedOnes() -> Bool {
    var hasEnded = false
    var outcome = ccurl_done
    while let exchange = ccurl_pool_next(pool, &outcome) {
      hasEnded = true
      finish(exchange, Self.result(exchange, outcome))
    }
    return hasEnded
  }

  private func hurry(_ now: ContinuousClock.Instant) {
    isHurried = true
    let end = now.advanced(by: min(timeout, Self.hurriedWait))
    for (exchange, state) in active { active[exchange]?.deadline = min(state.deadline, end) }
  }

  private func stopLateOnes(_ now: ContinuousClock.Instant) {
    for (exchange, state) in active {
      if now >= state.deadline {
        ccurl_exchange_stop(exchange, pool)
        finish(exchange, Self.result(exchange, ccurl_timed_out))
        continue
      }
      let arrivedCount = ccurl_exchange_arrived(exchange)
      if arrivedCount != state.arrivedCount {
        active[exchange]?.arrivedCount = arrivedCount
        active[exchange]?.quietSince = now
      } else if now - state.quietSince >= timeout {
        ccurl_exchange_stop(exchange, pool)
        finish(exchange, Self.result(exchange, ccurl_timed_out))
      }
    }
  }

  private func finish(
    _ exchange: OpaquePointer, _ result: Result<ChatResponse, TransportFailure>
  ) {
    idle.append(exchange)
    active.removeValue(forKey: exchange)?.done.resume(returning: result)
  }

  private static func result(
    _ exchange: OpaquePointer, _ outcome: ccurl_outcome
  ) -> Result<ChatResponse, TransportFailure> {
    let problem = String(cString: ccurl_exchange_problem(exchange))
    return switch outcome {
    case ccurl_done: .success(response(exchange))
    case ccurl_timed_out: .failure(.broken("no answer in time"))
    case ccurl_tls_refused: .failure(.hopeless("TLS: \(problem)"))
    case ccurl_bad_address: .failure(.hopeless("the address makes no sense: \(problem)"))
    case ccurl_too_large: .failure(.hopeless("an answer of more than 8 MiB"))
    default: .failure(.broken("the connection failed: \(problem)"))
    }
  }

  private static func response(_ exchange: OpaquePointer) -> ChatResponse {
    var count = 0
    let header = ccurl_exchange_header(exchange, &count)
    let lines = String(decoding: UnsafeBufferPointer(start: header, count: count), as: UTF8.self)
    var headers: [String: String] = [:]
    for line in lines.split(whereSeparator: \.isNewline).dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] =
        String(line[line.index(after: colon)...]).trimmingASCIIWhitespace()
    }
    let body = ccurl_exchange_body(exchange, &count)
    return ChatResponse(
      status: ccurl_exchange_status(exchange), headers: headers,
      body: Array(UnsafeBufferPointer(start: body, count: count)))
  }
}
