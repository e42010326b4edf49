import CCurl
import Synchronization

/// Requests waiting for the thread that sends them.
final class RequestQueue: Sendable {
  struct Entry: Sendable {
    let request: ChatRequest
    let done: CheckedContinuation<Result<ChatResponse, TransportFailure>, Never>
  }

  /// A descriptor that signals the thread when something has changed.
  let bell: Int32
  private let state = Mutex((entries: [Entry](), isClosed: false, isHurried: false))

  init() { bell = ccurl_bell_create() }

  deinit { Descriptor(number: bell).drop() }

  func add(_ entry: Entry) {
    state.withLock { $0.entries.append(entry) }
    ccurl_bell_ring(bell)
  }

  /// No more requests will be added.
  func close() {
    state.withLock { $0.isClosed = true }
    ccurl_bell_ring(bell)
  }

  /// Answers on their way are awaited only for a short time from now on.
  func hurry() {
    state.withLock { $0.isHurried = true }
    ccurl_bell_ring(bell)
  }

  var isHurried: Bool { state.withLock(\.isHurried) }

  /// Takes the oldest entries, up to `count`; nil if the queue is empty and closed.
  func take(_ count: Int) -> [Entry]? {
    ccurl_bell_silence(bell)
    return state.withLock { state in
      if state.isClosed && state.entries.isEmpty { return nil }
      let taken = Array(state.entries.prefix(count))
      state.entries.removeFirst(taken.count)
      return taken
    }
  }
}
