/// Locks a file for one process. The system releases the lock when the process ends, however it
/// ends.
package final class FileLock: Sendable {
  package enum Failure: Error {
    /// Another process has the lock; its process id.
    case held(by: Int?)
    /// The file can't be opened.
    case file(FileError)
  }

  private let descriptor: Descriptor

  /// - Parameters:
  ///   - path: Created if it doesn't exist.
  ///   - writesProcess: Whether the file exists only for the lock, so that the process id can be
  ///     written into it for messages of other processes.
  package init(_ path: String, writesProcess: Bool) throws(Failure) {
    do throws(SystemFailure) {
      descriptor = try Descriptor(opening: path, for: .readingAndAppending)
    } catch {
      throw .file(FileError(error, .write, path))
    }
    guard Self.lock(descriptor) else {
      throw .held(by: writesProcess ? Self.process(in: descriptor) : nil)
    }
    guard writesProcess else { return }
    // Only for messages: failing to write it doesn't matter.
    do throws(SystemFailure) {
      try descriptor.truncate(to: 0)
      try descriptor.write(Array("\(SystemProcess.number)\n".utf8))
    } catch {}
  }

  deinit { descriptor.drop() }

  /// The system may let go of a killed process's lock a moment after its end: it is waited for, for a second.
  private static func lock(_ descriptor: Descriptor) -> Bool {
    for _ in 0..<50 {
      if descriptor.lock() { return true }
      if let holder = process(in: descriptor).flatMap(Int32.init(exactly:)),
        SystemProcess.isAlive(holder)
      {
        return false
      }
      SystemThread.sleep(milliseconds: 20)
    }
    return false
  }

  private static func process(in descriptor: Descriptor) -> Int? {
    guard let bytes = try? descriptor.bytes(16, at: 0) else { return nil }
    return Int(String(decoding: bytes, as: UTF8.self).dropLast())
  }
}
