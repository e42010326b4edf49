/// What `--threads` says, for every command.
enum ThreadCount {
  /// - Throws: `CaptionerError` for a number that makes no sense.
  static func use(_ count: Int) throws(CaptionerError) {
    guard (1...1024).contains(count) else {
      throw CaptionerError.option(
        "--threads", found: "\(count)", expected: "a number from 1 to 1024")
    }
    WorkPool.shared.threadCount = count
  }

  /// Starts the threads, and warns where the system has fewer to give.
  static func start(warn: (String) -> Void) {
    let wanted = WorkPool.shared.threadCount
    let count = WorkPool.shared.startThreads()
    if count < wanted {
      warn(
        "computing with \(count) of \(wanted) threads: the system starts no more (see ulimit -u); "
          + "results are the same")
    }
  }
}
