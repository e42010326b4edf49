import Foundation
import MusicCaptioner

/// Captions of many files into one document, or into one document for each file.
final class CaptionWriter {
  private let format: CaptionFormat
  private let best: Int
  private let folder: String?
  private var document: CaptionDocument
  /// Nil between the files of a folder.
  private var output: CaptionOutput?
  /// Captions written.
  private(set) var count = 0

  /// - Parameters:
  ///   - format: Of each document.
  ///   - files: All that will be captioned.
  ///   - best: Captions of each chunk.
  ///   - path: The output; nil for standard output. A folder of subtitles is made where it isn't
  ///     there.
  /// - Throws: `FileError` where the output can't be written, `CaptionerError` where it can't hold the
  ///   captions of that many files.
  init(
    _ format: CaptionFormat, of files: [URL], best: Int, path: String?
  ) throws {
    self.format = format
    self.best = best
    document = CaptionDocument(format, best: best, namesAudio: files.count > 1)
    guard let path, format.isSubtitles, Self.isFolder(path) else {
      folder = nil
      if format.isSubtitles && files.count > 1 {
        throw CaptionerError(
          .subtitlesOfSeveral(format: format, count: files.count), file: path ?? "standard output")
      }
      output = try CaptionOutput(path)
      try output?.write(document.header)
      return
    }
    folder = path
    var taken: [String: URL] = [:]
    for file in files {
      let name = Self.subtitlePath(file.relativePath, format, in: path)
      if let other = taken.updateValue(file, forKey: name) {
        throw CaptionerError(.sameSubtitles(other.relativePath, file.relativePath), file: name)
      }
    }
    try Folders.create(path)
  }

  /// Whether each audio file has a file of its own, so that one that can't be written costs no other.
  var writesFiles: Bool { folder != nil }

  func add(_ caption: Caption) throws(FileError) {
    if output == nil, let folder {
      output = try CaptionOutput(Self.subtitlePath(caption.audio, format, in: folder))
      document = CaptionDocument(format, best: best)
      try output?.write(document.header)
    }
    count += 1
    try output?.write(document.add(caption))
  }

  /// No more captions of the current file come.
  func endAudio() throws(FileError) {
    try output?.write(document.endAudio())
    if folder != nil { try close() }
  }

  /// Leaves out the current file.
  func abandonAudio() {
    output?.abandon()
    output = nil
  }

  /// Writes what is still to be written.
  ///
  /// - Parameter keepsEmpty: Whether a file without any caption takes its name.
  /// - Throws: Where the output can't be written.
  func finish(keepsEmpty: Bool) throws(FileError) {
    try output?.write(document.endAudio())
    if count == 0 && !keepsEmpty, let output, !output.isStandardOutput {
      output.abandon()
      self.output = nil
    }
    try close()
  }

  private func close() throws(FileError) {
    try output?.write(document.footer)
    try output?.finish()
    output = nil
  }

  /// The files that captions of audio files are written to; none for standard output.
  static func paths(of files: [String], _ format: CaptionFormat, output: String?) -> [String] {
    guard let output else { return [] }
    guard format.isSubtitles, isFolder(output) else { return [output] }
    return files.map { subtitlePath($0, format, in: output) }
  }

  /// Whether a path is or will be a folder, with a file for each audio file.
  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return isThere ? isFolder.boolValue : path.hasSuffix("/")
  }

  /// `FOLDER/song.srt` for `music/song.wav`.
  private static func subtitlePath(
    _ audio: String, _ format: CaptionFormat, in folder: String
  ) -> String {
    let name = URL(fileURLWithPath: audio).deletingPathExtension().lastPathComponent
    return "\(folder.hasSuffix("/") ? folder : folder + "/")\(name).\(format.rawValue)"
  }
}
