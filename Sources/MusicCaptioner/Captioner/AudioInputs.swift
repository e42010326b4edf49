import Foundation

/// The audio files given by a list of files and folders.
package struct AudioInputs {
  /// What folders contain that isn't captioned. Hidden files don't count.
  package struct PassedOver: Equatable {
    /// The number of files by ending.
    package var files: [String: Int] = [:]
    /// Folders that are not searched.
    package var folders = 0
    /// Links to folders: one could lead back up.
    package var links = 0
  }

  /// Named as in the output: files in a folder are preceded by the folder's name.
  package private(set) var files: [URL] = []
  /// For each of the files, its path in the folder that was named; its name if it was named itself.
  package private(set) var places: [String] = []
  /// Folders without audio files, and subfolders that can't be read. The other inputs are not
  /// affected.
  package private(set) var problems: [CaptionerError] = []
  package private(set) var passedOver = PassedOver()
  /// Whether any of the paths is a folder.
  package private(set) var hasFolder = false

  /// - Parameters:
  ///   - paths: Files and folders; `-` is standard input. A path that doesn't exist counts as a file,
  ///     so reading it gives the error.
  ///   - isRecursive: Also search the folders' subfolders.
  package init(_ paths: [String], isRecursive: Bool) {
    for path in paths {
      guard !path.isEmpty else {
        let error = FileError(.missing, .read, path).expecting("an audio file or a folder")
        problems.append(CaptionerError(.file(error), file: "\"\""))
        continue
      }
      // A URL would take it for somebody's home, as a shell does, but a shell has been here already.
      let path = path.utf8.first == UInt8(ascii: "~") ? PathName.join(".", path) : path
      guard path != "-", Folders.exists(path) else {
        append(path, at: PathName.last(path))
        continue
      }
      hasFolder = true
      addFolder(path, isRecursive: isRecursive)
    }
  }

  /// Leaves out files that need no work, by their positions.
  package mutating func remove(_ positions: Set<Int>) {
    files = files.indices.filter { !positions.contains($0) }.map { files[$0] }
    places = places.indices.filter { !positions.contains($0) }.map { places[$0] }
  }

  /// The folder that was named for a file, which its place is in.
  package func root(_ index: Int) -> String {
    let path = files[index].relativePath
    let place = places[index]
    guard path.utf8.count > place.utf8.count, path.hasSuffix(place) else {
      return PathName.folder(path)
    }
    return PathName.folder(String(path.dropLast(place.count)) + "x")
  }

  private mutating func append(_ path: String, at place: String) {
    files.append(URL(fileURLWithPath: path, isDirectory: false))
    places.append(place)
  }

  private mutating func addFolder(_ path: String, isRecursive: Bool) {
    let problemCount = problems.count
    var found: [String] = []
    /// Paths in the folder; an empty one is the folder itself.
    var folders = [""]
    var unvisited = 0
    while let folder = folders.popLast() {
      let parent = folder.isEmpty ? path : PathName.join(path, folder)
      let names = names(in: parent).filter { !PathName.isHidden($0) }
      let (inner, others) = names.partitioned { Folders.exists(PathName.join(parent, $0)) }
      let sounds = AudioFileNames.sounds(among: others)
      for name in others {
        // A pipe or a device in a folder would be waited for without end.
        if sounds.contains(name), !FileStatus.isEndless(PathName.join(parent, name)) {
          found.append(folder.isEmpty ? name : PathName.join(folder, name))
        } else {
          passedOver.files[PathName.ending(name), default: 0] += 1
        }
      }
      for name in inner {
        if !isRecursive {
          unvisited += 1
        } else if Folders.isLink(PathName.join(parent, name)) {
          passedOver.links += 1
        } else {
          folders.append(folder.isEmpty ? name : PathName.join(folder, name))
        }
      }
    }
    if !found.isEmpty {
      passedOver.folders += unvisited
    } else if problems.count == problemCount {
      problems.append(
        CaptionerError(.noAudioInFolder(unvisitedFolders: unvisited), file: path))
    }
    for place in found.sorted() { append(PathName.join(path, place), at: place) }
  }

  private mutating func names(in folder: String) -> [String] {
    do throws(FileError) {
      return try Folders.names(in: folder)
    } catch {
      problems.append(CaptionerError(.file(error), file: folder))
      return []
    }
  }
}

extension Array {
  /// Those that meet a condition, and the others.
  fileprivate func partitioned(_ isFirst: (Element) -> Bool) -> (
    first: [Element], second: [Element]
  ) {
    reduce(into: ([], [])) { parts, element in
      if isFirst(element) { parts.0.append(element) } else { parts.1.append(element) }
    }
  }
}
