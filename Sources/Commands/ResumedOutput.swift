import Foundation
import MusicCaptioner

/// JSON Lines that a later run continues: all lines of an audio file are appended at once when it is done. A second file,
/// `FILE.sources.jsonl`, holds the size and the time of each sound, so that a changed one is noticed.
final class ResumedOutput: CaptionSink {
  private let output: AppendOnlyFile
  private let sources: AppendOnlyFile
  private let lock: FileLock
  private var document: CaptionDocument
  /// Lines of the current audio file.
  private var lines = ""
  private var currentCount = 0
  private var audio: String?
  private(set) var count = 0

  /// Another process continues the same file.
  struct InUse: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path): in use by another process; wait until it has ended" }
  }

  private static func sourcesPath(_ path: String) -> String { path + ".sources.jsonl" }

  /// - Throws: `InUse`; `FileError` where the output can't be written.
  init(_ path: String, _ document: CaptionDocument) throws {
    output = AppendOnlyFile(url: PathName.url(path))
    sources = AppendOnlyFile(url: PathName.url(Self.sourcesPath(path)))
    self.document = document
    do throws(FileLock.Failure) {
      lock = try FileLock(Self.sourcesPath(path), writesProcess: false)
    } catch {
      switch error {
      case .held: throw InUse(path: path)
      case .file(let error): throw error
      }
    }
    _ = try output.create()
  }

  /// Reads what earlier runs left, and drops from it what is to be done again: changed sounds, and what a killed process
  /// left unfinished. Lines of other sounds stay.
  ///
  /// - Parameter files: The sounds of this run, by the names that the output gives them.
  /// - Returns: The positions of those that are done.
  /// - Throws: `FileError` where the file isn't such an output, or can't be read or written.
  func begin(_ files: [String]) throws(FileError) -> Set<Int> {
    let known = try knownSources()
    let content = try ByteReader.contents(of: output.url, name: output.url.path)
    var found: [(audio: String, line: ArraySlice<UInt8>)] = []
    for (number, line) in content.split(separator: 0x0A).enumerated() {
      if let audio = try audio(of: line, number: number + 1, in: content) {
        found.append((audio, line))
      }
    }
    let changed = Set(files.filter { isChanged($0, since: known?[$0]) })
    // Of a run without --resume, everything is complete but perhaps the last sound: it may have been interrupted.
    let last = found.last?.audio
    let kept = found.filter { audio, _ in
      known.map { $0[audio] != nil } ?? (audio != last) && !changed.contains(audio)
    }
    let bytes = kept.flatMap { $0.line + [0x0A] }
    if bytes != content { try AtomicFile.write(bytes, to: output.url) }
    let done = Set(kept.map(\.audio))
    if known == nil { try beginSources(done.sorted()) }
    return Set(files.indices.filter { done.contains(files[$0]) })
  }

  private func isChanged(_ path: String, since former: JSONObject?) -> Bool {
    guard let former, let now = Self.source(path) else { return false }
    return now != former
  }

  /// The sound that a line is about; nil for a line that a killed process left half.
  private func audio(
    of line: ArraySlice<UInt8>, number: Int, in content: [UInt8]
  ) throws(FileError) -> String? {
    do throws(FileError) {
      let value = try JSONReader.document(Array(line), name: output.url.path)
      if case .text(let audio)? = value["audio"] { return audio }
    } catch {
      let isHalf = Self.beginning.starts(with: line.prefix(Self.beginning.count))
      if line.endIndex == content.endIndex && isHalf { return nil }
    }
    throw FileError(
      .syntax(
        line: number, found: "no caption", expected: "an output of caption --format jsonl"),
      .read, output.url.path)
  }

  /// Of every line.
  private static let beginning = Array("{\"audio\"".utf8)
  private static let header: JSONObject = ["sources of": .text("caption --resume")]

  /// Nil if no run with --resume has begun.
  private func knownSources() throws(FileError) -> [String: JSONObject]? {
    let content = try ByteReader.contents(of: sources.url, name: sources.url.path)
    let lines = content.split(separator: 0x0A).map { try? JSONReader.document(Array($0), name: "") }
    guard lines.first == .object(Self.header) else { return nil }
    var known: [String: JSONObject] = [:]
    for case .object(let source)?? in lines.dropFirst() {
      if case .text(let audio)? = source["audio"] { known[audio] = source }
    }
    return known
  }

  private func beginSources(_ done: [String]) throws(FileError) {
    let lines = [Self.header] + done.map { Self.source($0) ?? ["audio": .text($0)] }
    try sources.append(Array(lines.map { $0.line + "\n" }.joined().utf8))
  }

  /// What tells whether a sound is still the same; nil for what is no file.
  private static func source(_ path: String) -> JSONObject? {
    guard let status = try? FileStatus(of: path), status.kind == .regular else { return nil }
    return [
      "audio": .text(path), "bytes": JSONValue(status.size), "modified": JSONValue(status.modified),
    ]
  }

  var writesFiles: Bool { false }

  func add(_ caption: Caption) {
    lines += document.add(caption)
    (audio, currentCount) = (caption.audio, currentCount + 1)
  }

  func add(_ song: SongDescription) {
    lines += document.add(song)
    (audio, currentCount) = (song.audio, currentCount + 1)
  }

  func endAudio(isComplete: Bool) throws(FileError) {
    defer { abandonAudio() }
    guard isComplete, let audio else { return }
    // First the lines: those of a sound that has no source are taken for unfinished.
    try output.append(Array(lines.utf8))
    let source = Self.source(audio) ?? ["audio": .text(audio)]
    try sources.append(Array((source.line + "\n").utf8))
    count += currentCount
  }

  func abandonAudio() { (lines, audio, currentCount) = ("", nil, 0) }

  func finish(keepsEmpty: Bool) { abandonAudio() }
}
