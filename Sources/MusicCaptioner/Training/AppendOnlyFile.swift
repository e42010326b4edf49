import Foundation
import Glibc

/// A file that only grows. Each append is one call to the system, so a process that is killed
/// leaves all that was appended; nothing waits in a buffer of ours.
struct AppendOnlyFile: Sendable {
  let url: URL

  /// Adds `bytes` to the end of the file, which is created where it is missing.
  ///
  /// - Throws: `CheckpointError` with the reason `cannotWrite`.
  func append(_ bytes: [UInt8]) throws(CheckpointError) {
    let descriptor = open(url.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(errno) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        let code = written < 0 ? errno : ENOSPC
        close(descriptor)
        throw failure(code)
      }
      rest = rest.dropFirst(written)
    }
    // A full disk or quota may show up only here.
    guard close(descriptor) == 0 else { throw failure(errno) }
  }

  /// Creates the file, unless there is one already.
  ///
  /// - Returns: Whether it was created.
  /// - Throws: `CheckpointError` with the reason `cannotWrite`.
  func create() throws(CheckpointError) -> Bool {
    let descriptor = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      let code = errno
      if code == EEXIST { return false }
      throw failure(code)
    }
    close(descriptor)
    return true
  }

  private func failure(_ code: Int32) -> CheckpointError {
    CheckpointError(path: url.path, reason: .cannotWrite(String(cString: strerror(code))))
  }
}
