import Foundation
import Glibc
import Synchronization

/// Tells of Ctrl-C (SIGINT) and of a polite end (SIGTERM), so that a command can save what it has.
///
/// The second signal ends the process at once, as it would have without this.
public enum InterruptSignal {
  /// Where the handler writes to; nothing else may be done in one.
  private static let pipeEnd = Atomic<Int32>(-1)

  /// Calls `body`, on a thread of its own, at the first signal. Once in a process.
  public static func onFirst(_ body: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }  // No descriptors left: signals end the process, then.
    let readEnd = ends[0]
    pipeEnd.store(ends[1], ordering: .sequentiallyConsistent)
    let thread = Thread {
      var byte: UInt8 = 0
      while read(readEnd, &byte, 1) < 0 && errno == EINTR {}
      body()
    }
    thread.name = "signals"
    thread.start()
    // Whoever started this process may have blocked them for it: a thread of libdispatch has.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&signals, number)
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in
        let code = errno
        var byte: UInt8 = 1
        _ = write(InterruptSignal.pipeEnd.load(ordering: .relaxed), &byte, 1)
        errno = code
      }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
      sigaction(number, &action, nil)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
