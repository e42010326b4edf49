import Foundation

/// Folders: what is in them, and new ones.
package enum Folders {
  /// The names in a folder, in no order.
  ///
  /// - Throws: `FileError` where there is no such folder, or it may not be read.
  package static func names(in path: String) throws(FileError) -> [String] {
    // Opened for the system's own word on why it can't be.
    let status = try FileError.wrapping(.read, path) { () throws(SystemFailure) in
      let folder = try OpenFile(opening: path, for: .inspecting)
      return try folder.use { (folder) throws(SystemFailure) in try folder.status() }
    }
    guard status.kind == .folder else {
      throw FileError(FileError.Cause.notAFolder, .read, path)
    }
    return (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
  }

  /// Makes a folder with those around it, unless it is there.
  ///
  /// - Throws: `FileError` where the system refuses, or a file has the name of one of them.
  package static func create(_ path: String) throws(FileError) {
    try FileError.wrapping(.write, path) { () throws(SystemFailure) in
      try FileNames.createFolders(path)
    }
  }
}
