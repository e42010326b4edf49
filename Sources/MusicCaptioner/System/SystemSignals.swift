import Glibc

/// Signals.
///
/// A handler may interrupt any code, so it must not call anything that takes a lock or allocates
/// memory. The functions that it may call are marked.
package enum SystemSignals {
  /// From then on, a closed reader and a file size limit are write errors instead of signals.
  package static func ignoreFailuresToWrite() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Installs `handler` for SIGINT, SIGTERM and SIGHUP.
  package static func handleEnds(_ handler: @escaping @convention(c) (Int32) -> Void) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      // A program started with nohup must survive its terminal.
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

  /// Unblocks signals on the calling thread.
  package static func unblock() {
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  // MARK: For handlers

  /// Runs a handler's code without changing the interrupted code's error number.
  package static func keepingErrorCode(_ body: () -> Void) {
    let code = errno
    body()
    errno = code
  }

  /// From a monotonic clock. May be called in a handler.
  package static func milliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}

extension Descriptor {
  /// Writes a byte to wake the reader. May be called in a handler.
  package func wakeReader() {
    var byte: UInt8 = 1
    _ = Glibc.write(number, &byte, 1)
  }

  /// Writes a text unless that would block. May be called in a handler.
  package func writeAtOnce(_ text: StaticString) {
    var ready = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    if poll(&ready, 1, 0) == 1 { _ = Glibc.write(number, text.utf8Start, text.utf8CodeUnitCount) }
  }
}
