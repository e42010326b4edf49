/// Holds a file for one process. The system lets go of it when the process ends, however it ends.
package final class FileLock: Sendable {
  package enum Failure: Error {
    /// Another process has it; its number.
    case held(by: Int?)
    /// It can't be opened.
    case file(FileError)
  }

  private let descriptor: Descriptor

  /// - Parameters:
  ///   - path: Made where it isn't there.
  ///   - writesProcess: Whether the file is there for the lock alone, and may hold the number of the
  ///     process for whoever comes second.
  package init(_ path: String, writesProcess: Bool) throws(Failure) {
    do throws(SystemFailure) {
      descriptor = try Descriptor(opening: path, for: .readingAndAppending)
    } catch {
      throw .file(FileError(error, .write, path))
    }
    guard descriptor.lock() else {
      throw .held(by: writesProcess ? Self.process(in: descriptor) : nil)
    }
    guard writesProcess else { return }
    // For the message alone: that it can't be written keeps nobody from working.
    do throws(SystemFailure) {
      try descriptor.truncate(to: 0)
      try descriptor.write(Array("\(SystemProcess.number)\n".utf8))
    } catch {}
  }

  deinit { descriptor.drop() }

  private static func process(in descriptor: Descriptor) -> Int? {
    guard let bytes = try? descriptor.bytes(16, at: 0) else { return nil }
    return Int(String(decoding: bytes, as: UTF8.self).dropLast())
  }
}
