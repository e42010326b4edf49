import Foundation

/// Delivers bytes block by block.
package protocol ByteSource: AnyObject {
  /// The next block, which is not empty; nil at the end.
  func next() throws(FileError) -> [UInt8]?
}

extension ByteSource {
  /// All that is left, which is bounded.
  func contents(name: String) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while let more = try next() {
      bytes += more
      guard bytes.count <= FileLimits.contentBytes else {
        let limit = "a file of \(FileLimits.contentBytes >> 30) GiB at most"
        throw FileError(.tooLarge(line: 1, limit: limit), .read, name)
      }
    }
    return bytes
  }
}

/// The blocks of a file, a device or a pipe.
package final class FileBlocks: ByteSource {
  /// The file as named by the user, for messages.
  package let name: String
  private let file: OpenFile
  /// The status of the file when it was opened.
  package let status: FileStatus
  private static let blockSize = 1 << 18

  /// - Throws: `FileError` if there is no such file, or it is a folder.
  package init(_ url: URL, name: String) throws(FileError) {
    self.name = name
    (file, status) = try FileError.wrapping(.read, name) { () throws(SystemFailure) in
      let file = try OpenFile(opening: url.path, for: .reading)
      return (file, try file.use { (file) throws(SystemFailure) in try file.status() })
    }
    guard status.kind != .folder else { throw FileError(.isFolder, .read, name) }
  }

  package func next() throws(FileError) -> [UInt8]? {
    let bytes = try bytes(Self.blockSize)
    return bytes.isEmpty ? nil : bytes
  }

  /// All that is left. Devices and files in /proc don't report their size.
  package func contents() throws(FileError) -> [UInt8] { try contents(name: name) }

  /// The next `count` bytes, or those at `offset`; fewer only at the end of the file.
  package func bytes(_ count: Int, at offset: Int? = nil) throws(FileError) -> [UInt8] {
    try FileError.wrapping(.read, name) { () throws(SystemFailure) in
      try file.use { (file) throws(SystemFailure) in try file.bytes(count, at: offset) }
    }
  }
}

/// Bytes in memory that are delivered at once.
package final class MemoryBlock: ByteSource {
  private var bytes: [UInt8]?

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package func next() -> [UInt8]? {
    defer { bytes = nil }
    return bytes?.isEmpty == true ? nil : bytes
  }
}
