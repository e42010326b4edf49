import CCurl
import Synchronization

/// Requests that wait for the thread that sends them.
final class RequestQueue: Sendable {
  struct Entry: Sendable {
    let request: ChatRequest
    let done: CheckedContinuation<Result<ChatResponse, TransportFailure>, Never>
  }

  /// Rings when there is news for the thread.
  let bell: Int32
  private let state = Mutex((entries: [Entry](), isClosed: false))

  init() { bell = ccurl_bell_create() }

  deinit { Descriptor(number: bell).drop() }

  func add(_ entry: Entry) {
    state.withLock { $0.entries.append(entry) }
    ccurl_bell_ring(bell)
  }

  /// Nothing will be added any more.
  func close() {
    state.withLock { $0.isClosed = true }
    ccurl_bell_ring(bell)
  }

  /// Takes the oldest entries, up to `count`; nil where none is left and none will come.
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
