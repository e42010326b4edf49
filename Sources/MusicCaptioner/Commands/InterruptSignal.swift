import Foundation
import Glibc
import Synchronization

/// SIGINT (Ctrl-C), SIGTERM and SIGHUP, so that a command can save what it has before it ends with 130.
///
/// They are delivered to one thread, which does nothing else. No thread that computes takes them: the
/// generated code of oneDNN would not survive a handler (see `cod_shield_this_thread`).
///
/// A second signal ends the process at once.
public enum InterruptSignal {
  /// Where the handler writes to; hardly anything else may be done in one.
  private static let pipeEnd = Atomic<Int32>(-1)
  /// When the first signal came, in milliseconds of a clock; 0 before.
  private static let firstTime = Atomic<Int>(0)
  private static let action = Mutex<(@Sendable () -> Void)?>(nil)

  /// Signals that come so soon after the first one are the same: a terminal sends one to every process
  /// of a group, and a parent may send its own on.
  private static let sameSignalMilliseconds = 250

  /// Begins to listen; until `onFirst`, a signal ends the process. The first thing that a command does:
  /// signals have been held back since before its libraries were started (`CCommand`).
  ///
  /// A reader that goes away and a limit of file sizes are errors of writing, not signals, from then on.
  public static func takeOver() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }  // No descriptors left: signals end the process, then.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    pipeEnd.store(ends[1], ordering: .sequentiallyConsistent)
    firstTime.store(0, ordering: .sequentiallyConsistent)
    let readEnd = ends[0]
    BackgroundThread.shieldCallingThread()
    do throws(ThreadError) {
      try BackgroundThread.start("signals") { listen(readEnd) }
    } catch {
      unblock()  // The default action is better than none.
    }
  }

  /// Calls `body`, on the thread that listens, at the first signal.
  public static func onFirst(_ body: @escaping @Sendable () -> Void) {
    action.withLock { $0 = body }
  }

  private static func listen(_ readEnd: Int32) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var handler = sigaction()
      // What was started by nohup outlives its terminal.
      if number == SIGHUP, sigaction(number, nil, &handler) == 0, isIgnored(handler) { continue }
      handler = sigaction()
      handler.__sigaction_handler.sa_handler = { _ in InterruptSignal.handle() }
      handler.sa_flags = Int32(SA_RESTART)
      sigaction(number, &handler, nil)
    }
    unblock()
    var byte: UInt8 = 0
    while read(readEnd, &byte, 1) < 0 && errno == EINTR {}
    guard let body = action.withLock({ $0 }) else {
      CaptionProgress.standardError("interrupted\n")
      ExitStatus.interrupted.exit()
    }
    body()
    // No other thread would take the second signal.
    while true { pause() }
  }

  private static func isIgnored(_ handler: sigaction) -> Bool {
    unsafeBitCast(handler.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Runs as a signal handler, on the thread that listens.
  private static func handle() {
    let code = errno
    defer { errno = code }
    let now = milliseconds()
    let (isFirst, first) = firstTime.compareExchange(
      expected: 0, desired: now, ordering: .sequentiallyConsistent)
    if isFirst {
      var byte: UInt8 = 1
      _ = write(pipeEnd.load(ordering: .relaxed), &byte, 1)
    } else if now - first > sameSignalMilliseconds {
      let message: StaticString = "\nended at once by a second signal\n"
      var ready = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
      // A pipe that nobody reads must not keep the process.
      if poll(&ready, 1, 0) == 1 {
        _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
      }
      _exit(ExitStatus.interrupted.rawValue)
    }
  }

  private static func milliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000 + 1
  }

  private static func unblock() {
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
