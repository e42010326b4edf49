import Foundation

/// The audio files that a person means by a list of files and folders.
package struct AudioInputs {
  /// As they are named in output: folders' files with the folder's name before.
  package private(set) var files: [URL] = []
  /// Folders that give no files, and folders in them that can't be read. They cost their own files only.
  package private(set) var problems: [CaptionerError] = []
  /// Whether there is a folder among the paths.
  package private(set) var hasFolder = false

  /// What a folder's file must end in. Files that are named themselves may have any name.
  package static let extensions: Set<String> = [
    "wav", "wave", "flac", "ogg", "oga", "opus", "aif", "aiff", "aifc", "mp3",
  ]

  /// - Parameters:
  ///   - paths: Files and folders. What isn't there counts as a file, so that reading it tells.
  ///   - isRecursive: Look into folders of folders too.
  package init(_ paths: [String], isRecursive: Bool) {
    for path in paths {
      guard Self.isFolder(path) else {
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
