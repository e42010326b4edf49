import Foundation
import Synchronization

/// A state that threads change and wait for.
package final class Monitor<State: Sendable>: Sendable {
  private let state: Mutex<State>
  /// Wakes the threads that wait for a change.
  private let changed = NSCondition()

  package init(_ state: State) { self.state = Mutex(state) }

  package func change(_ body: (inout State) -> Void) {
    changed.lock()
    state.withLock { body(&$0) }
    changed.broadcast()
    changed.unlock()
  }

  /// Waits until `body`, which may change the state, returns something. Every change is announced,
  /// what `body` changes included.
  @discardableResult
  package func wait<Value>(_ body: (inout State) -> Value?) -> Value {
    changed.lock()
    defer { changed.unlock() }
    while true {
      var value: Value?
      state.withLock { value = body(&$0) }
      if let value {
        changed.broadcast()
        return value
      }
      changed.wait()
    }
  }
}
