import Synchronization

/// Lets products through until the process ends, and none after that.
///
/// At `exit`, oneDNN frees the code that it generated and OpenBLAS its buffers, while the library's own
/// threads may be in the middle of a product: a program that leaves a stream of captions early would crash
/// at its end, now and then. So the end of the process waits for the products that run, and threads that
/// come later sleep until the process is gone.
final class ProductGate: Sendable {
  static let shared = ProductGate()

  /// The number of products that run, plus `closed` once no more may begin.
  private let state = Atomic(0)
  private static let closed = 1 << 40
  /// The thread that ends the process: it may still compute, as nobody would wake it.
  private let owner = Atomic<UInt>(0)

  /// Runs `body`, or sleeps for good if the process is ending.
  @inline(__always) func callAsFunction<Result>(_ body: () -> Result) -> Result {
    let count = state.add(1, ordering: .acquiring).newValue
    defer { state.subtract(1, ordering: .releasing) }
    if count >= Self.closed { waitForTheEnd() }
    return body()
  }

  private func waitForTheEnd() {
    if owner.load(ordering: .relaxed) == SystemThread.current { return }
    state.subtract(1, ordering: .releasing)
    SystemThread.sleepForGood()
  }

  /// Lets nothing more through, and waits for what runs.
  ///
  /// - Parameter milliseconds: The longest wait. A product takes a few at most.
  /// - Returns: Whether nothing runs any more.
  @discardableResult func close(waiting milliseconds: Int = 10_000) -> Bool {
    owner.store(SystemThread.current, ordering: .relaxed)
    if state.load(ordering: .relaxed) < Self.closed {
      state.add(Self.closed, ordering: .sequentiallyConsistent)
    }
    for _ in 0..<milliseconds {
      if state.load(ordering: .acquiring) == Self.closed { return true }
      SystemThread.sleep(milliseconds: 1)
    }
    return false
  }

  /// Has the end of the process close the gate. What is registered last runs first, so this is called
  /// after the libraries have registered their own clean-up.
  static func closeAtExit() { SystemProcess.atExit { ProductGate.shared.close() } }
}
