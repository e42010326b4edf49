import Synchronization

/// Raised once, by any thread, and seen by all.
package final class StopFlag: Sendable {
  private let value = Atomic(false)

  package init() {}

  package var isRaised: Bool { value.load(ordering: .acquiring) }

  package func raise() { value.store(true, ordering: .releasing) }
}
