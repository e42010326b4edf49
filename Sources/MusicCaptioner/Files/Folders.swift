import Foundation

/// Lists and creates folders.
package enum Folders {
  /// The names in a folder, in no particular order.
  ///
  /// - Throws: `FileError` if there is no such folder, or it can't be read.
  package static func names(in path: String) throws(FileError) -> [String] {
    // Opened for the system's own error message.
    let status = try FileError.wrapping(.read, path) { () throws(SystemFailure) in
      let folder = try OpenFile(opening: path, for: .inspecting)
      return try folder.use { (folder) throws(SystemFailure) in try folder.status() }
    }
    guard status.kind == .folder else {
      throw FileError(FileError.Cause.notAFolder, .read, path)
    }
    return (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
  }

  /// Creates a folder and its parents unless it exists.
  ///
  /// - Throws: `FileError` if the system refuses, or one of the names is taken by a file.
  package static func create(_ path: String) throws(FileError) {
    try FileError.wrapping(.write, path) { () throws(SystemFailure) in
      try FileNames.createFolders(path)
    }
  }
}
