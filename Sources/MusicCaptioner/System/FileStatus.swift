import Glibc

/// What the system says about a file.
package struct FileStatus: Sendable, Equatable {
  package enum Kind: Sendable { case regular, folder, other }

  package let kind: Kind
  package let size: Int
  /// Names with the same one are names of one file.
  package let identity: Identity

  package struct Identity: Sendable, Hashable {
    fileprivate let device: UInt64
    fileprivate let number: UInt64
  }

  package init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .folder
    default: kind = .other
    }
    size = Int(status.st_size)
    identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
  }

  /// Of the file behind `path`, links followed.
  package init(of path: String) throws(SystemFailure) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .last }
    self.init(status)
  }
}

/// Calls that change the names of files.
package enum FileNames {
  /// Gives the file another name; a file that has it loses it.
  package static func move(_ path: String, to other: String) throws(SystemFailure) {
    guard rename(path, other) == 0 else { throw .last }
  }

  /// Makes a folder with those around it, unless it is there.
  package static func createFolders(_ path: String) throws(SystemFailure) {
    if mkdir(path, 0o777) == 0 { return }
    let failure = SystemFailure.last
    if failure.isPresence {
      guard try FileStatus(of: path).kind == .folder else { throw .notAFolder }
      return
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
    guard failure.isMissingName, !parts.isEmpty else { throw failure }
    try createFolders((path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/"))
    // Another process may have been as quick.
    guard mkdir(path, 0o777) == 0 || SystemFailure.last.isPresence else { throw .last }
  }

  /// Removes a file, if it is there.
  package static func remove(_ path: String) { _ = unlink(path) }

  private typealias Rename =
    @convention(c) (
      Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
    ) -> Int32
  private static let exchangeFlag: UInt32 = 2  // RENAME_EXCHANGE of linux/fs.h

  /// Looked up by name, with the type that renameat2(2) documents: Swift's Glibc module leaves out
  /// what glibc declares under _GNU_SOURCE only.
  private static let renameat2 = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: Rename.self) }

  /// Exchanges two files or folders in one step.
  ///
  /// - Returns: Whether system and file system can do that.
  package static func exchange(_ path: String, with other: String) -> Bool {
    Self.renameat2.map { $0(AT_FDCWD, path, AT_FDCWD, other, exchangeFlag) == 0 } ?? false
  }
}
