import Foundation

/// The list of a folder's files with their sizes and checksums, kept in the folder: what makes a
/// checkpoint verify itself.
public struct FolderManifest: Codable, Sendable, Equatable {
  public struct File: Codable, Sendable, Equatable {
    public let byteCount: Int
    /// XXH64, in hexadecimal.
    public let xxh64: String
  }

  /// The name under which it is kept.
  public static let fileName = "checksums.json"

  /// Paths relative to the folder, with what the files have to be.
  public let files: [String: File]

  /// Measures all files of `folder`, in folders of it too, but not the list itself.
  ///
  /// - Throws: `CheckpointError` where one can't be read.
  public init(measuring folder: URL) throws(CheckpointError) {
    var files: [String: File] = [:]
    for path in FileManager.default.subpaths(atPath: folder.path) ?? [] where path != Self.fileName
    {
      let url = folder.appending(path: path)
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
        !isFolder.boolValue
      else { continue }
      let (value, byteCount) = try Checksum64.ofFile(url)
      files[path] = File(byteCount: byteCount, xxh64: String(value, radix: 16))
    }
    self.files = files
  }

  /// Writes the list into `folder`.
  ///
  /// - Throws: `CheckpointError` with the reason `cannotWrite`.
  public func write(into folder: URL) throws(CheckpointError) {
    let url = folder.appending(path: Self.fileName)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    let json: Data
    do {
      json = try encoder.encode(self)
    } catch {
      throw CheckpointError(path: url.path, reason: .cannotWrite("\(error)"))
    }
    try AtomicFile.write(Array(json) + [0x0a], to: url)
  }

  /// Checks that every file of the folder's list is there as it was written.
  ///
  /// - Throws: `CheckpointError` that names what is missing, cut short or changed, the list itself
  ///   included.
  public static func verify(_ folder: URL) throws(CheckpointError) {
    let url = folder.appending(path: fileName)
    let list = try MappedFile(url)
    let manifest: FolderManifest
    let bytes = try list.bytes(0..<list.count)
    do {
      manifest = try JSONDecoder().decode(FolderManifest.self, from: Data(bytes))
    } catch {
      throw CheckpointError(path: url.path, reason: .cannotRead("not a list of checksums"))
    }
    let names = manifest.files.keys.sorted()
    let missing = names.filter {
      !FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
    }
    guard missing.isEmpty else {
      throw CheckpointError(path: folder.path, reason: .incompleteFolder(missing: missing))
    }
    for (name, expected) in manifest.files.sorted(by: { $0.key < $1.key }) {
      let (value, byteCount) = try Checksum64.ofFile(folder.appending(path: name))
      guard byteCount == expected.byteCount else {
        throw CheckpointError(
          path: folder.appending(path: name).path,
          reason: .truncated(expectedBytes: expected.byteCount, foundBytes: byteCount))
      }
      guard let wanted = UInt64(expected.xxh64, radix: 16), wanted == value else {
        throw CheckpointError(
          path: folder.path,
          reason: .checksumMismatch(
            name: name, expected: UInt64(expected.xxh64, radix: 16) ?? 0, found: value))
      }
    }
  }
}
