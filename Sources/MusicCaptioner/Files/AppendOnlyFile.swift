import Foundation

/// A file that only grows. Each append is one call to the system, so a process that is killed
/// leaves all that was appended; nothing waits in a buffer of ours.
package struct AppendOnlyFile: Sendable {
  package let url: URL

  package init(url: URL) { self.url = url }

  /// Adds `bytes` to the end of the file, which is created where it is missing.
  ///
  /// - Throws: `FileError` where the system refuses.
  package func append(_ bytes: [UInt8]) throws(FileError) {
    try FileError.wrapping(.write, url.path) { () throws(SystemFailure) in
      let descriptor = try Descriptor(opening: url.path, for: .appending)
      do throws(SystemFailure) {
        try descriptor.write(bytes)
      } catch {
        descriptor.drop()
        throw error
      }
      try descriptor.close()
    }
  }

  /// Creates the file, unless there is one already.
  ///
  /// - Returns: Whether it was created.
  /// - Throws: `FileError` where the system refuses.
  package func create() throws(FileError) -> Bool {
    do throws(SystemFailure) {
      try Descriptor(opening: url.path, for: .creating).drop()
      return true
    } catch {
      if error.isPresence { return false }
      throw FileError(error, .write, url.path)
    }
  }
}
