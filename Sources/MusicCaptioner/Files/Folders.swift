/// Lists and creates folders.
package enum Folders {
  /// The names in a folder, in no particular order.
  ///
  /// - Throws: `FileError` if there is no such folder, or it can't be read.
  package static func names(in path: String) throws(FileError) -> [String] {
    guard try isFolder(path) else {
      throw FileError(FileError.Cause.notAFolder, .read, path)
    }
    return try FileError.wrapping(.read, path) { () throws(SystemFailure) in
      try FileNames.contents(of: path)
    }
  }

  /// Whether a folder is at the path, or a link to one.
  ///
  /// - Throws: `FileError` if there is nothing, or the system refuses to say.
  package static func isFolder(_ path: String) throws(FileError) -> Bool {
    try FileError.wrapping(.read, path) { () throws(SystemFailure) in
      try FileStatus(of: path).kind == .folder
    }
  }

  package static func exists(_ path: String) -> Bool { (try? isFolder(path)) == true }

  package static func isLink(_ path: String) -> Bool { FileNames.isLink(path) }

  /// Whether a file may be read.
  package static func canRead(_ path: String) -> Bool {
    (try? OpenFile(opening: path, for: .inspecting)) != nil
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
