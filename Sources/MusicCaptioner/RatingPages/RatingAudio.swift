import Foundation

/// The audio files in a folder and its subfolders, looked up by the clip ids of predictions.
package struct RatingAudio {
  /// An audio file in a format that browsers play.
  package struct File: Equatable {
    package let url: URL
    /// Its media type.
    package let type: String
  }

  private static let types = [
    "wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "oga": "audio/ogg",
    "opus": "audio/ogg", "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac",
  ]

  package let folder: URL
  /// Keyed by path in the folder and by file name, both with and without the extension.
  private var files: [String: File] = [:]

  /// - Throws: `EvaluationError` if there is no such folder.
  package init(folder path: String) throws(EvaluationError) {
    folder = PathName.url(path)
    let names: [String]
    do throws(FileError) {
      names = try Folders.files(in: path, skipsUnreadable: true)
    } catch {
      throw EvaluationError(error.expecting("a folder of audio files"))
    }
    // Sorted, so that if a clip has two files, the same one is taken everywhere.
    for name in names.sorted() {
      guard let type = Self.types[PathName.ending(name)] else { continue }
      let file = File(url: folder.appending(path: name, directoryHint: .notDirectory), type: type)
      let last = PathName.last(name)
      for key in [name, Self.stem(name), last, Self.stem(last), Self.video(last)] {
        if let key, files[key] == nil { files[key] = file }
      }
    }
  }

  /// The file of the clip `id`, which may be a path in the folder or a file name, with or without
  /// the extension.
  package func file(of id: String) -> File? {
    let last = PathName.last(id)
    let names = [id, Self.stem(id), last, Self.stem(last)]
    return names.lazy.compactMap { $0 }.compactMap { files[$0] }.first
  }

  /// A relative URL from a page in the folder `base` to a file.
  package static func link(to file: URL, from base: URL) -> String {
    let target = file.standardizedFileURL.pathComponents
    let start = base.standardizedFileURL.pathComponents
    let shared = zip(target, start).prefix { $0 == $1 }.count
    let parts = start.dropFirst(shared).map { _ in ".." } + target.dropFirst(shared)
    return parts.map(PathName.percentEncoded).joined(separator: "/")
  }

  /// The name without its audio extension; nil if it has none.
  private static func stem(_ name: String) -> String? {
    types[PathName.ending(name)] == nil ? nil : PathName.stem(name)
  }

  /// The id of a MusicCaps clip in a name made by download tools, `[ID]-[30-40].wav` or
  /// `ID_30.wav`.
  private static func video(_ name: String) -> String? {
    guard let stem = stem(name) else { return nil }
    if stem.first == "[", let end = stem.range(of: "]-[") {
      return String(stem[stem.index(after: stem.startIndex)..<end.lowerBound])
    }
    guard let mark = stem.lastIndex(of: "_"), mark != stem.startIndex,
      Double(stem[stem.index(after: mark)...]) != nil
    else { return nil }
    return String(stem[..<mark])
  }
}
