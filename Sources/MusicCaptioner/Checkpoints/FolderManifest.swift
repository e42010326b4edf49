import Foundation

/// A list of a folder's files with their sizes and checksums, stored in the folder, against which a
/// checkpoint is verified.
package struct FolderManifest: Sendable, Equatable {
  package struct File: Sendable, Equatable {
    package let byteCount: Int
    /// XXH64, in hexadecimal.
    package let xxh64: String
  }

  /// The file name of the list.
  package static let fileName = "checksums.json"

  /// Relative paths, with the expected size and checksum of each file.
  package let files: [String: File]

  /// Measures all files of `folder` and its subfolders, except the list itself.
  ///
  /// - Throws: `CheckpointError` if one can't be read.
  package init(measuring folder: URL) throws(CheckpointError) {
    var files: [String: File] = [:]
    let paths = try CheckpointError.wrapping { () throws(FileError) in
      try Folders.files(in: folder.path)
    }
    for path in paths where path != Self.fileName {
      let url = folder.appending(path: path)
      let (value, byteCount) = try CheckpointError.wrapping { () throws(FileError) in
        try Checksum64.ofFile(url)
      }
      files[path] = File(byteCount: byteCount, xxh64: String(value, radix: 16))
    }
    self.files = files
  }

  /// Writes the list into `folder`.
  ///
  /// - Throws: `CheckpointError` if the file can't be written.
  package func write(into folder: URL) throws(CheckpointError) {
    let url = folder.appending(path: Self.fileName)
    let files = files.map { name, file in
      let fields: JSONObject = [
        "byteCount": JSONValue(file.byteCount), "xxh64": JSONValue(file.xxh64),
      ]
      return (name, JSONValue.object(fields))
    }
    let json = JSONWriter.text(.object(["files": .object(JSONObject(files))]), .sorted) + "\n"
    try CheckpointError.wrapping { () throws(FileError) in
      try AtomicFile.write(Array(json.utf8), to: url)
    }
  }

  /// Checks that every file in the folder's list is there and unchanged.
  ///
  /// - Parameter required: Files that the list has to have: one that it doesn't name isn't checked.
  /// - Throws: `CheckpointError` naming what is missing, cut short or changed, including the list
  ///   itself.
  package static func verify(
    _ folder: URL, requiring required: [String] = []
  ) throws(CheckpointError) {
    let url = folder.appending(path: fileName)
    let manifest = try FolderManifest(contentsOf: url)
    if let name = required.first(where: { manifest.files[$0] == nil }) {
      throw CheckpointError(.badManifest("it has no checksum of \(name)"), file: url.path)
    }
    let names = manifest.files.keys.sorted()
    let missing = names.filter {
      !PathName.exists(folder.appending(path: $0).path)
    }
    guard missing.isEmpty else {
      throw CheckpointError(.incompleteFolder(missing: missing), file: folder.path)
    }
    for (name, expected) in manifest.files.sorted(by: { $0.key < $1.key }) {
      let (value, byteCount) = try CheckpointError.wrapping { () throws(FileError) in
        try Checksum64.ofFile(folder.appending(path: name))
      }
      guard byteCount == expected.byteCount else {
        throw CheckpointError.cutShort(
          folder.appending(path: name).path, expectedBytes: expected.byteCount,
          foundBytes: byteCount)
      }
      guard let wanted = UInt64(expected.xxh64, radix: 16), wanted == value else {
        throw CheckpointError(
          .checksumMismatch(
            name: name, expected: UInt64(expected.xxh64, radix: 16) ?? 0, found: value),
          file: folder.path)
      }
    }
  }

  /// - Throws: `CheckpointError` if the list is missing or invalid.
  private init(contentsOf url: URL) throws(CheckpointError) {
    func failure(_ problem: String) -> CheckpointError {
      CheckpointError(.badManifest(problem), file: url.path)
    }
    let bytes = try CheckpointError.wrapping { () throws(FileError) in
      try ByteReader.contents(of: url)
    }
    let json: JSONValue
    do throws(FileError) {
      json = try JSONReader.document(bytes, name: url.path, dialect: .strict)
    } catch {
      throw failure("line \(error.line ?? 1): \(error.problem)")
    }
    guard case .object(let members)? = json["files"] else {
      throw failure("found \(json["files"]?.kind ?? "nothing") in \"files\"; expected an object")
    }
    var files: [String: File] = [:]
    for member in members.members {
      guard let byteCount = member.value["byteCount"]?.integer,
        case .text(let hash)? = member.value["xxh64"]
      else {
        throw failure(
          "found \(member.value.kind) for \(excerpt(member.key)); expected its size and checksum")
      }
      files[member.key] = File(byteCount: byteCount, xxh64: hash)
    }
    self.files = files
  }
}
