import Foundation
import MusicCaptioner

/// A table of all sounds in a folder, to which each sound adds a line when it is done. With the ending `.gz`, each line is a
/// gzip member of its own, which readers join.
final class SidecarList {
  private let file: AppendOnlyFile
  private let isCompressed: Bool
  private let keyName: String
  /// The sounds that have a line.
  private(set) var names: Set<String> = []
  private var lock: FileLock?

  /// - Parameters:
  ///   - key: The member with the sound's name.
  ///   - dropped: Sounds whose lines are to be written again.
  ///   - replaces: Whether a file that isn't such a list is replaced.
  /// - Throws: `FileError` for a file that somebody else made, or that can't be written; `ResumedOutput.InUse`.
  init(_ path: String, key: String, dropped: Set<String>, replaces: Bool) throws {
    file = AppendOnlyFile(url: PathName.url(path))
    isCompressed = PathName.ending(path) == "gz"
    keyName = key
    let isNew = !PathName.exists(path)
    lock = try Self.lock(path)
    if isNew { return }
    let kept = try read(path, replaces: replaces).filter { !dropped.contains($0.name) }
    names = Set(kept.map(\.name))
    try AtomicFile.write(kept.flatMap { encoded($0.line) }, to: file.url)
    lock = try Self.lock(path)  // Of the file that has the name now.
  }

  /// - Throws: `ResumedOutput.InUse`, or `FileError`.
  static func lock(_ path: String) throws -> FileLock {
    do throws(FileLock.Failure) {
      return try FileLock(path, writesProcess: false)
    } catch {
      switch error {
      case .held: throw ResumedOutput.InUse(path: path)
      case .file(let error): throw error
      }
    }
  }

  func add(_ line: JSONObject, name: String) throws(FileError) {
    guard names.insert(name).inserted else { return }
    try file.append(encoded(line))
  }

  private func read(_ path: String, replaces: Bool) throws -> [(name: String, line: JSONObject)] {
    let bytes = try ByteReader.contents(of: file.url, name: path)
    guard let content = isCompressed ? GzipMember.stored(in: bytes) : bytes else {
      if replaces { return [] }
      throw foreign(path)
    }
    var lines: [(name: String, line: JSONObject)] = []
    for line in content.split(separator: 0x0A) {
      if case .object(let fields)? = try? JSONReader.document(Array(line), name: path),
        case .text(let name)? = fields[keyName]
      {
        lines.append((name, fields))
      } else if line.endIndex < content.endIndex || !isHalf(line) {
        if replaces { return [] }
        throw foreign(path)
      }
    }
    return lines
  }

  /// Whether a killed process may have left that of a line of ours.
  private func isHalf(_ line: ArraySlice<UInt8>) -> Bool {
    let beginning = Array("{\"\(keyName)\": \"".utf8)
    return beginning.starts(with: line.prefix(beginning.count)) && line.last != UInt8(ascii: "}")
  }

  private func foreign(_ path: String) -> FileError {
    FileError(
      .value(place: "", found: "no list that caption wrote", expected: "one, or --overwrite"),
      .write, path)
  }

  private func encoded(_ line: JSONObject) -> [UInt8] {
    let bytes = Array((line.line + "\n").utf8)
    return isCompressed ? GzipMember.storing(bytes) : bytes
  }
}
