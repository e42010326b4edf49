import MusicCaptioner

/// How many files and connections a process may have open at a time.
enum OpenFiles {
  /// What a command has open besides its connections, generously: Swift's own timers are among them, and crash
  /// the process if they can't be.
  private static let others = 32

  /// - Throws: `OpenFilesError` if the system allows fewer than these connections need.
  static func require(connections: Int) throws(OpenFilesError) {
    let (limit, wanted) = (SystemProcess.openFileLimit, connections + others)
    if limit < wanted {
      throw OpenFilesError(limit: limit, wanted: wanted, connections: connections)
    }
  }
}

struct OpenFilesError: Error, Equatable, Sendable, CustomStringConvertible {
  let limit: Int
  let wanted: Int
  let connections: Int

  var description: String {
    "only \(limit) files can be open at a time, and --concurrency \(connections) needs \(wanted); raise the "
      + "limit (see ulimit -n), or lower --concurrency"
  }
}
