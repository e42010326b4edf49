import Foundation

/// An append-only file. Each append is one system call without buffering, so everything appended
/// survives if the process is killed.
package struct AppendOnlyFile: Sendable {
  package let url: URL

  package init(url: URL) { self.url = url }

  /// Appends `bytes` to the file, and creates it if it is missing. If there is no room for all of them, there are none.
  ///
  /// - Throws: `FileError` if the file can't be written.
  package func append(_ bytes: [UInt8]) throws(FileError) {
    try FileError.wrapping(.write, url.path) { () throws(SystemFailure) in
      let descriptor = try Descriptor(opening: url.path, for: .appending)
      let size = try? descriptor.status().size
      do throws(SystemFailure) {
        try descriptor.write(bytes)
      } catch {
        // What is appended later would follow half a line. A device has no size.
        if let size { try? descriptor.truncate(to: size) }
        descriptor.drop()
        throw error
      }
      try descriptor.close()
    }
  }

  /// Creates the file unless it exists.
  ///
  /// - Returns: Whether it was created.
  /// - Throws: `FileError` if the file can't be created.
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
