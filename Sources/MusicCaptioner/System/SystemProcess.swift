import Glibc

/// This process, and others by their numbers.
package enum SystemProcess {
  package static var number: Int32 { getpid() }

  /// Whether there is a process of that number, whoever's it is.
  package static func isAlive(_ number: Int32) -> Bool { kill(number, 0) == 0 || errno != ESRCH }

  /// Writes what is in the C library's buffers, where `print` puts it.
  package static func flushOutput() throws(SystemFailure) {
    guard fflush(nil) == 0 else { throw .last }
  }

  /// Ends the process without any cleaning up. A signal handler may call it.
  package static func exitAtOnce(_ code: Int32) -> Never { _exit(code) }

  /// Asks for so many open files, where the limit is lower and may be raised.
  package static func allowOpenFiles(_ count: Int) {
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(files, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
    limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
    setrlimit(files, &limit)
  }
}
