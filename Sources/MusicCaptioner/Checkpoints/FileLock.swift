import Foundation
import Glibc

/// Holds a file for one process. The system lets go of it when the process ends, however it ends.
final class FileLock: Sendable {
  enum Failure: Error {
    /// Another process has it; its number.
    case held(by: Int?)
    /// It can't be opened; the system's words.
    case unavailable(String)
  }

  private let descriptor: Int32

  /// - Parameters:
  ///   - path: Made where it isn't there.
  ///   - writesProcess: Whether the file is there for the lock alone, and may hold the number of the
  ///     process for whoever comes second.
  init(_ path: String, writesProcess: Bool) throws(Failure) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unavailable(String(cString: strerror(errno))) }
    // Some network file systems have no locks: then nothing keeps a second process away.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      let holder = writesProcess ? Self.process(in: descriptor) : nil
      close(descriptor)
      throw .held(by: holder)
    }
    guard writesProcess else { return }
    // For the message alone: that it can't be written keeps nobody from working.
    let number = Array("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, number, number.count, 0) }
  }

  deinit { close(descriptor) }

  private static func process(in descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? Int(String(decoding: bytes[..<count], as: UTF8.self).dropLast()) : nil
  }
}
