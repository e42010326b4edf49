import COneDNN

/// Threads that belong to the library.
///
/// Signals are never delivered to them: a program's handlers run on its own threads, not in the middle of a
/// computation (see `cod_shield_this_thread`).
package enum BackgroundThread {
  /// Starts a thread that ends with `body`.
  ///
  /// - Parameters:
  ///   - name: Shown by debuggers and `top -H`; fifteen characters at most.
  ///   - body: What it does.
  /// - Throws: `ThreadError` where the system refuses to start a thread.
  package static func start(_ name: String, _ body: @escaping @Sendable () -> Void)
    throws(ThreadError)
  {
    do throws(SystemFailure) {
      try SystemThread.start(stackBytes: stackBytes) {
        cod_shield_this_thread(name)
        body()
      }
    } catch {
      throw ThreadError(name: name, problem: error.description)
    }
  }

  /// Blocks signals on the calling thread too, from now on.
  package static func shieldCallingThread() { cod_shield_this_thread(nil) }

  /// What the main thread has on Linux; other threads' default depends on the shell's limits.
  private static let stackBytes = 8 << 20
}

/// The system refuses to start a thread.
package struct ThreadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What the thread was for.
  package let name: String
  /// The system's message.
  package let problem: String

  package var description: String {
    "the thread \"\(name)\" can't be started: \(problem); expected a higher limit of processes "
      + "(ulimit -u, ulimit -v, or the container's)"
  }
}
