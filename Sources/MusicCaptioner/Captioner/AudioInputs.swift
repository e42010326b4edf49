import Foundation

/// The audio files given by a list of files and folders.
package struct AudioInputs {
  /// Named as in the output: files in a folder are preceded by the folder's name.
  package private(set) var files: [URL] = []
  /// Folders without audio files, and subfolders that can't be read. The other inputs are not
  /// affected.
  package private(set) var problems: [CaptionerError] = []
  /// Whether any of the paths is a folder.
  package private(set) var hasFolder = false

  /// The extensions of audio files looked for in folders. Files named explicitly may have any name.
  package static let extensions: Set<String> = [
    "wav", "wave", "flac", "ogg", "oga", "opus", "aif", "aiff", "aifc", "mp3",
  ]

  /// - Parameters:
  ///   - paths: Files and folders; `-` is standard input. A path that doesn't exist counts as a file,
  ///     so reading it gives the error.
  ///   - isRecursive: Also search the folders' subfolders.
  package init(_ paths: [String], isRecursive: Bool) {
    for path in paths {
      guard path != "-", Self.isFolder(path) else {
        files.append(URL(fileURLWithPath: path, isDirectory: false))
        continue
      }
      hasFolder = true
      addFolder(path, isRecursive: isRecursive)
    }
  }

  private mutating func addFolder(_ path: String, isRecursive: Bool) {
    let problemCount = problems.count
    var found: [String] = []
    var folders = [path]
    var unvisited = 0
    while let folder = folders.popLast() {
      for name in names(in: folder) where !name.hasPrefix(".") {
        let item = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        if !Self.isFolder(item) {
          let suffix = URL(fileURLWithPath: name).pathExtension.lowercased()
          if Self.extensions.contains(suffix) { found.append(item) }
        } else if !isRecursive {
          unvisited += 1
        } else if !Self.isLink(item) {
          folders.append(item)  // A link could lead back up.
        }
      }
    }
    if found.isEmpty && problems.count == problemCount {
      problems.append(
        CaptionerError(.noAudioInFolder(unvisitedFolders: unvisited), file: path))
    }
    files += found.sorted().map { URL(fileURLWithPath: $0, isDirectory: false) }
  }

  private mutating func names(in folder: String) -> [String] {
    do throws(FileError) {
      return try Folders.names(in: folder)
    } catch {
      problems.append(CaptionerError(.file(error), file: folder))
      return []
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  private static func isLink(_ path: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
  }
}
