import Glibc

/// This process, and others by process id.
package enum SystemProcess {
  package static var number: Int32 { getpid() }

  /// Whether a process with this id exists, whoever its owner is.
  package static func isAlive(_ number: Int32) -> Bool { kill(number, 0) == 0 || errno != ESRCH }

  /// Flushes the C library's buffers, where `print` puts its output.
  package static func flushOutput() throws(SystemFailure) {
    guard fflush(nil) == 0 else { throw .last }
  }

  /// Has `body` called when the process ends by `exit` or by returning from `main`, before what was
  /// registered earlier.
  package static func atExit(_ body: @convention(c) () -> Void) { atexit(body) }

  /// Ends the process without cleanup. May be called in a signal handler.
  package static func exitAtOnce(_ code: Int32) -> Never { _exit(code) }

  /// Raises the limit on open files to `count` if it is lower and may be raised.
  package static func allowOpenFiles(_ count: Int) {
    guard var limit = openFiles, limit.rlim_cur < rlim_t(count) else { return }
    limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// The number of files that may be open at most, once the limit is raised as far as it may be.
  package static var openFileLimit: Int { openFiles.map { Int(clamping: $0.rlim_max) } ?? .max }

  private static var openFiles: rlimit? {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
  }
}
