/// Tells of Ctrl-C (SIGINT) and of a polite end (SIGTERM), so that a command can save what it has.
///
/// The second signal ends the process at once, as it would have without this.
public enum InterruptSignal {
  /// Calls `body`, on a thread of its own, at the first signal. Once in a process.
  public static func onFirst(_ body: @escaping @Sendable () -> Void) {
    SystemProcess.onFirstInterrupt(body)
  }
}
