import Glibc

/// Calls about signals.
///
/// A handler may interrupt anything, and so may call nothing that takes a lock or memory. What it may call
/// is said to be so.
package enum SystemSignals {
  /// A reader that goes away and a limit of file sizes are errors of writing, not signals, from then on.
  package static func ignoreFailuresToWrite() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Has `handler` called at SIGINT, SIGTERM and SIGHUP.
  package static func handleEnds(_ handler: @escaping @convention(c) (Int32) -> Void) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      // What was started by nohup outlives its terminal.
      if number == SIGHUP, sigaction(number, nil, &action) == 0, isIgnored(action) { continue }
      action = sigaction()
      action.__sigaction_handler.sa_handler = handler
      action.sa_flags = Int32(SA_RESTART)
      sigaction(number, &action, nil)
    }
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Has signals delivered to the calling thread, whoever blocked them before.
  package static func unblock() {
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Does nothing any more but take signals.
  package static func takeForever() -> Never {
    while true { pause() }
  }

  // MARK: For handlers

  /// What a handler does, so that the code that it interrupted doesn't notice.
  package static func keepingErrorCode(_ body: () -> Void) {
    let code = errno
    body()
    errno = code
  }

  /// Of a clock that only goes forward. A handler may ask for it.
  package static func milliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}

extension Descriptor {
  /// Writes a byte for whoever waits for one. A handler may call it.
  package func wakeReader() {
    var byte: UInt8 = 1
    _ = Glibc.write(number, &byte, 1)
  }

  /// Writes a text, unless that would have to wait. A handler may call it.
  package func writeAtOnce(_ text: StaticString) {
    var ready = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    if poll(&ready, 1, 0) == 1 { _ = Glibc.write(number, text.utf8Start, text.utf8CodeUnitCount) }
  }
}
