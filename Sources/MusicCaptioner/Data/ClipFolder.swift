import Foundation

/// A folder of MusicCaps clips, named as the usual download tools do: `YTID.ext`,
/// `[YTID]-[START-END].ext` or `YTID_START.ext`.
struct ClipFolder {
  /// File names, keyed by the name without its extension.
  private var fileNames: [String: String] = [:]
  let path: String

  init(path: String, name: String) throws(DataError) {
    self.path = path
    let names: [String]
    do throws(FileError) {
      names = try Folders.names(in: path)
    } catch {
      var error = error
      error.file = name
      throw DataError(error, what: "a folder of audio clips")
    }
    // Sorted, so that if a clip has two files, the same one is taken everywhere.
    let ranked = names.compactMap { name in AudioFileNames.rank(name).map { (rank: $0, name: name) }
    }
    for (_, name) in ranked.sorted(by: <) where fileNames[PathName.stem(name)] == nil {
      fileNames[PathName.stem(name)] = name
    }
  }

  /// The file of a clip and the part of it to use; nil if there is none.
  func find(
    video: String, start: Double, end: Double?, fileName: String?
  ) -> (path: String, part: Track.Part)? {
    let from = Self.number(start)
    var cut = ["\(video)_\(from)", "\(video)-\(from)"]
    if let end {
      let to = Self.number(end)
      cut =
        ["[\(video)]-[\(from)-\(to)]", "\(video)_\(from)_\(to)", "\(video)-\(from)-\(to)"] + cut
    }
    if let fileName { cut.insert(fileName, at: 0) }
    for stem in cut where stem != video {
      if let file = fileNames[stem] { return (PathName.join(path, file), .whole) }
    }
    guard let file = fileNames[video] else { return nil }
    let part = Track.Part(start: start, end: end ?? .infinity, mayBeCutOut: true)
    return (PathName.join(path, file), part)
  }

  /// 30 for 30.0, as in the file names.
  private static func number(_ seconds: Double) -> String {
    Int(exactly: seconds).map(String.init) ?? "\(seconds)"
  }
}
