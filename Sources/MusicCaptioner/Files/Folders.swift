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

  /// The names in a folder; none if there is nothing at the path.
  ///
  /// - Throws: `FileError` if something else is there, or the folder can't be read.
  package static func namesIfPresent(in path: String) throws(FileError) -> [String] {
    do throws(FileError) {
      return try names(in: path)
    } catch {
      guard error.cause == .missing else { throw error }
      return []
    }
  }

  /// The paths in a folder of all files in it and in its subfolders. Links to folders are files.
  ///
  /// - Parameters:
  ///   - skipsUnreadable: Takes a subfolder that can't be read for an empty one.
  ///   - onFolder: Called for each folder, this one included.
  /// - Throws: `FileError` for the first folder that can't be read.
  package static func files(
    in folder: String, skipsUnreadable: Bool = false,
    onFolder: (String) throws(FileError) -> Void = { _ in }
  ) throws(FileError) -> [String] {
    var files: [String] = []
    /// Paths in the folder; an empty one is the folder itself.
    var waiting = [""]
    while let inner = waiting.popLast() {
      let parent = inner.isEmpty ? folder : PathName.join(folder, inner)
      try onFolder(parent)
      let contents: [String]
      do throws(FileError) {
        contents = try names(in: parent)
      } catch {
        guard skipsUnreadable && !inner.isEmpty else { throw error }
        continue
      }
      for name in contents {
        let item = inner.isEmpty ? name : PathName.join(inner, name)
        let path = PathName.join(folder, item)
        if exists(path) && !isLink(path) { waiting.append(item) } else { files.append(item) }
      }
    }
    return files
  }

  /// Removes a file, or a folder with all that is in it. What can't be removed stays.
  package static func remove(_ path: String) {
    FileNames.remove(path)
    guard exists(path), !isLink(path) else { return }
    for name in (try? names(in: path)) ?? [] { remove(PathName.join(path, name)) }
    FileNames.removeFolder(path)
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
