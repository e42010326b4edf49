import Foundation
import Glibc
import Synchronization

/// This process, and others by their numbers.
enum SystemProcess {
  static var number: Int32 { getpid() }

  /// Whether there is a process of that number, whoever's it is.
  static func isAlive(_ number: Int32) -> Bool { kill(number, 0) == 0 || errno != ESRCH }

  /// Ends the process with the usual cleaning up.
  static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

  /// Writes what is in buffers, and ends the process at once.
  static func exitAtOnce(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }

  /// Asks for so many open files, where the limit is lower and may be raised.
  static func allowOpenFiles(_ count: Int) {
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(files, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
    limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
    setrlimit(files, &limit)
  }

  /// On this thread, a connection that ends while something is written to it is an error, not the
  /// end of the process.
  static func ignoreBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Where the handler of `onFirstInterrupt` writes to; nothing else may be done in one.
  private static let pipeEnd = Atomic<Int32>(-1)

  /// Calls `body`, on a thread of its own, at the first SIGINT or SIGTERM. Once in a process. The
  /// second signal ends the process at once, as it would have without this.
  static func onFirstInterrupt(_ body: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }  // No descriptors left: signals end the process, then.
    let readEnd = Descriptor(number: ends[0])
    pipeEnd.store(ends[1], ordering: .sequentiallyConsistent)
    let thread = Thread {
      _ = try? readEnd.bytes(1)
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
        _ = write(SystemProcess.pipeEnd.load(ordering: .relaxed), &byte, 1)
        errno = code
      }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
      sigaction(number, &action, nil)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
