import Glibc

/// Information about a file.
package struct FileStatus: Sendable, Equatable {
  package enum Kind: Sendable {
    case regular, folder
    /// A pipe or a socket: bytes that come once, and end.
    case stream
    /// A device: it need not end.
    case device
  }

  package let kind: Kind
  package let size: Int
  /// When the content changed last, in nanoseconds since 1970.
  package let modified: Int
  /// Paths with the same identity are names of the same file.
  package let identity: Identity

  package struct Identity: Sendable, Hashable {
    fileprivate let device: UInt64
    fileprivate let number: UInt64
  }

  package init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .folder
    case S_IFIFO, S_IFSOCK: kind = .stream
    default: kind = .device
    }
    size = Int(status.st_size)
    modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
  }

  /// The status of the file at `path`, following links.
  package init(of path: String) throws(SystemFailure) {
    var status = stat()
    guard stat(PathText.bytes(path), &status) == 0 else { throw .last }
    self.init(status)
  }

  /// Whether the path is that of a pipe or a device, which need not end and can't be replaced.
  package static func isEndless(_ path: String) -> Bool {
    [.stream, .device].contains((try? FileStatus(of: path))?.kind)
  }
}

/// Calls that change file names.
package enum FileNames {
  /// Renames a file; an existing file of the new name is replaced.
  package static func move(_ path: String, to other: String) throws(SystemFailure) {
    guard rename(PathText.bytes(path), PathText.bytes(other)) == 0 else { throw .last }
  }

  /// Creates a folder and its parents unless it exists.
  package static func createFolders(_ path: String) throws(SystemFailure) {
    if mkdir(PathText.bytes(path), 0o777) == 0 { return }
    let failure = SystemFailure.last
    if failure.isPresence {
      guard try FileStatus(of: path).kind == .folder else { throw .notAFolder }
      return
    }
    // By bytes: a slash with a combining mark is another Character.
    let parts = path.utf8.split(separator: UInt8(ascii: "/")).dropLast().compactMap { String($0) }
    guard failure.isMissingName, !parts.isEmpty else { throw failure }
    try createFolders(
      (path.utf8.first == UInt8(ascii: "/") ? "/" : "") + parts.joined(separator: "/"))
    // Another process may have created it in the meantime.
    guard mkdir(PathText.bytes(path), 0o777) == 0 || SystemFailure.last.isPresence else {
      throw .last
    }
  }

  /// Removes a file, if it exists.
  package static func remove(_ path: String) { _ = unlink(PathText.bytes(path)) }

  /// Removes a folder, if it is empty.
  package static func removeFolder(_ path: String) { _ = rmdir(PathText.bytes(path)) }

  private typealias Rename =
    @convention(c) (
      Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
    ) -> Int32
  private static let exchangeFlag: UInt32 = 2  // RENAME_EXCHANGE of linux/fs.h

  /// Looked up by name, with the type documented for renameat2(2): Swift's Glibc module lacks what
  /// glibc declares only under _GNU_SOURCE.
  private static let renameat2 = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: Rename.self) }

  /// Exchanges two files or folders in one step.
  ///
  /// - Returns: Whether the system and the file system support it.
  package static func exchange(_ path: String, with other: String) -> Bool {
    Self.renameat2.map {
      $0(AT_FDCWD, PathText.bytes(path), AT_FDCWD, PathText.bytes(other), exchangeFlag) == 0
    } ?? false
  }
}
