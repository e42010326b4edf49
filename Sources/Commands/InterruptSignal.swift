import MusicCaptioner
import Synchronization

/// Reports SIGINT (Ctrl-C), SIGTERM and SIGHUP, so that a command can save what it has before it ends with 130.
///
/// They are delivered to one thread, which does nothing else. No thread that computes takes them: the
/// generated code of oneDNN would not survive a handler (see `cod_shield_this_thread`).
///
/// A second signal ends the process at once.
package enum InterruptSignal {
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
  package static func takeOver() {
    SystemSignals.ignoreFailuresToWrite()
    guard let pipe = try? Descriptor.pipe() else {
      // No descriptors left: signals end the process in their own way.
      return SystemSignals.unblock()
    }
    pipeEnd.store(pipe.writing.number, ordering: .sequentiallyConsistent)
    firstTime.store(0, ordering: .sequentiallyConsistent)
    BackgroundThread.shieldCallingThread()
    do throws(ThreadError) {
      try BackgroundThread.start("signals") { listen(pipe.reading) }
    } catch {
      SystemSignals.unblock()  // The default action is better than none.
    }
  }

  /// Calls `body`, on the thread that listens, at the first signal.
  package static func onFirst(_ body: @escaping @Sendable () -> Void) {
    action.withLock { $0 = body }
  }

  private static func listen(_ pipe: Descriptor) {
    SystemSignals.handleEnds { _ in InterruptSignal.handle() }
    SystemSignals.unblock()
    _ = try? pipe.bytes(1)
    guard let body = action.withLock({ $0 }) else {
      Console.standard.say("interrupted")
      ExitStatus.interrupted.exit()
    }
    body()
    // No other thread would take the second signal.
    SystemThread.sleepForGood()
  }

  /// Runs as a signal handler, on the thread that listens.
  private static func handle() {
    SystemSignals.keepingErrorCode {
      let now = SystemSignals.milliseconds() + 1
      let (isFirst, first) = firstTime.compareExchange(
        expected: 0, desired: now, ordering: .sequentiallyConsistent)
      if isFirst {
        Descriptor(number: pipeEnd.load(ordering: .relaxed)).wakeReader()
      } else if now - first > sameSignalMilliseconds {
        // A pipe that nobody reads must not keep the process.
        Descriptor.standardError.writeAtOnce("\nended at once by a second signal\n")
        SystemProcess.exitAtOnce(ExitStatus.interrupted.rawValue)
      }
    }
  }
}
