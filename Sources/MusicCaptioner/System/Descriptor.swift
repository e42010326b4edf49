import Glibc

/// A file descriptor. Whoever opens it has to close it.
package struct Descriptor: Sendable, Equatable {
  package let number: Int32

  package static var standardInput: Descriptor { Descriptor(number: STDIN_FILENO) }
  package static var standardOutput: Descriptor { Descriptor(number: STDOUT_FILENO) }
  package static var standardError: Descriptor { Descriptor(number: STDERR_FILENO) }

  package init(number: Int32) { self.number = number }

  /// What a file is opened for.
  package enum Purpose {
    /// Waits for a pipe's writer.
    case reading
    /// For what must be a regular file or a folder: doesn't wait for a pipe's writer.
    case inspecting
    /// An existing file, such as a device or a pipe.
    case writing
    /// A file that doesn't exist yet.
    case creating
    /// Writes go to the end; the file is created if it is missing.
    case appending
    /// Like `appending`, but also readable.
    case readingAndAppending
  }

  package init(opening path: String, for purpose: Purpose) throws(SystemFailure) {
    let flags =
      switch purpose {
      case .reading: O_RDONLY
      case .inspecting: O_RDONLY | O_NONBLOCK
      case .writing: O_WRONLY
      case .creating: O_WRONLY | O_CREAT | O_EXCL
      case .appending: O_WRONLY | O_CREAT | O_APPEND
      case .readingAndAppending: O_RDWR | O_CREAT | O_APPEND
      }
    number = open(PathText.bytes(path), flags | O_CLOEXEC, 0o666)
    guard number >= 0 else { throw .last }
  }

  /// What this process was given, by a name such as /dev/stdout; nil for any other path.
  package init?(named path: String) {
    switch path {
    case "/dev/stdout": self = .standardOutput
    case "/dev/stderr": self = .standardError
    default:
      let folder = ["/dev/fd/", "/proc/self/fd/"].first { path.hasPrefix($0) }
      guard let folder, let number = Int32(path.dropFirst(folder.count)), number >= 0 else {
        return nil
      }
      self.init(number: number)
    }
  }

  private typealias PipeCreation = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32

  /// Looked up by name, with the type documented for pipe2(2): Swift's Glibc module lacks what
  /// glibc declares only under _GNU_SOURCE.
  private static let pipe2 = dlsym(nil, "pipe2").map { unsafeBitCast($0, to: PipeCreation.self) }

  /// Creates a pipe that child processes don't inherit, not even one that another thread starts at
  /// this moment: it would keep the pipe open.
  package static func pipe() throws(SystemFailure) -> (reading: Descriptor, writing: Descriptor) {
    guard let create = pipe2 else { throw .unsupported }
    var ends: [Int32] = [-1, -1]
    guard create(&ends, O_CLOEXEC) == 0 else { throw .last }
    return (Descriptor(number: ends[0]), Descriptor(number: ends[1]))
  }

  /// Another descriptor of the same open file, which isn't a standard one and isn't inherited.
  package func copy() throws(SystemFailure) -> Descriptor {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
    guard copy >= 0 else { throw .last }
    return Descriptor(number: copy)
  }

  /// Errors of a full disk or quota may only be reported here.
  package func close() throws(SystemFailure) {
    guard Glibc.close(number) == 0 else { throw .last }
  }

  /// Closes a file whose content no longer matters.
  package func drop() { _ = Glibc.close(number) }

  // MARK: Reading and writing

  /// Writes all of `bytes`.
  package func write(_ bytes: [UInt8]) throws(SystemFailure) {
    let result: Result<Void, SystemFailure> = bytes.withUnsafeBytes { bytes in
      Result { () throws(SystemFailure) in try write(bytes) }
    }
    try result.get()
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemFailure) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(number, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0 {
        let failure = SystemFailure.last
        if failure.isInterruption { continue }
        throw failure
      }
      guard count > 0 else { throw .noSpace }
      done += count
    }
  }

  /// Fills `buffer` with the next bytes, or with those at `offset`.
  ///
  /// - Returns: The number of bytes read; fewer than requested only at the end of the file.
  package func fill(
    _ buffer: UnsafeMutableRawBufferPointer, at offset: Int? = nil
  ) throws(SystemFailure) -> Int {
    var done = 0
    while done < buffer.count {
      let start = buffer.baseAddress.map { $0 + done }
      let count =
        if let offset {
          pread(number, start, buffer.count - done, off_t(offset + done))
        } else {
          read(number, start, buffer.count - done)
        }
      if count < 0 {
        let failure = SystemFailure.last
        if failure.isInterruption { continue }
        throw failure
      }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// The next `count` bytes, or those at `offset`; fewer only at the end of the file.
  package func bytes(_ count: Int, at offset: Int? = nil) throws(SystemFailure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var found = 0
    var failure: SystemFailure?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(SystemFailure) { found = try fill(buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
    if found < count { bytes.removeLast(count - found) }
    return bytes
  }

  // MARK: The file as a whole

  package func status() throws(SystemFailure) -> FileStatus {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw .last }
    return FileStatus(status)
  }

  package func truncate(to size: Int) throws(SystemFailure) {
    guard ftruncate(number, off_t(size)) == 0 else { throw .last }
  }

  /// Waits until the content is on disk. Does nothing for folders and devices whose file systems
  /// don't support it.
  package func synchronize() throws(SystemFailure) {
    guard fsync(number) == 0 else { return try ignoreUnsupported(.last) }
  }

  /// Like `synchronize`, but without metadata such as times.
  package func synchronizeContent() throws(SystemFailure) {
    guard fdatasync(number) == 0 else { return try ignoreUnsupported(.last) }
  }

  private func ignoreUnsupported(_ failure: SystemFailure) throws(SystemFailure) {
    guard failure.isUnsupported else { throw failure }
  }

  /// Locks the file against other processes that use this lock. On network file systems without
  /// locks, this always succeeds.
  ///
  /// - Returns: Whether no other process had it.
  package func lock() -> Bool { flock(number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK }

  // MARK: Terminals

  package var isTerminal: Bool { isatty(number) == 1 }

  /// The width of the terminal window in columns; nil if unknown.
  package var terminalWidth: Int? {
    var size = winsize()
    guard ioctl(number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

/// Closes the file when its last reference goes away.
package final class OpenFile: Sendable {
  private let descriptor: Descriptor

  package init(opening path: String, for purpose: Descriptor.Purpose) throws(SystemFailure) {
    descriptor = try Descriptor(opening: path, for: purpose)
  }

  deinit { descriptor.drop() }

  /// Lends the descriptor; it stays open at least until `body` returns.
  package func use<Result>(
    _ body: (Descriptor) throws(SystemFailure) -> Result
  ) throws(SystemFailure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(descriptor)
  }
}
