import MusicCaptioner

/// What `--threads` says, for every command.
package enum ThreadCount {
  /// Starts the threads, and warns where the system has fewer to give.
  ///
  /// - Parameter count: As many as there are processors if nil.
  /// - Throws: `UsageError` for a number that can't be used.
  static func use(_ count: Int?, _ console: Console) throws(UsageError) {
    if let count {
      guard (1...1024).contains(count) else {
        throw UsageError(
          "--threads", found: "\(count)", expected: "a number from 1 to 1024")
      }
      WorkPool.shared.threadCount = count
    }
    let wanted = WorkPool.shared.threadCount
    let started = WorkPool.shared.startThreads()
    if started < wanted {
      console.warn(
        "computing with \(started) of \(wanted) threads: the system starts no more (see ulimit -u and -v); "
          + "results are the same")
    }
  }
}
