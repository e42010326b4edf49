import Foundation
import Glibc

/// Files and folders that appear complete or not at all: written beside under a temporary name,
/// forced to disk, then renamed. A process that is killed leaves the old content, and at worst a
/// `NAME.tmp-…` that `TemporaryFiles` clears away.
public enum AtomicFile {
  /// Writes `bytes` as the content of the file.
  ///
  /// - Throws: `CheckpointError` with the reason `cannotWrite`.
  public static func write(_ bytes: [UInt8], to url: URL) throws(CheckpointError) {
    try write(to: url) { (file: FileSink) throws(CheckpointError) in try file.write(bytes) }
  }

  /// Writes what `body` gives the sink as the content of the file. A link stays one; devices and pipes
  /// are written to as they are.
  ///
  /// - Throws: what `body` throws, after which the file is as it was; `CheckpointError` with the
  ///   reason `cannotWrite`.
  public static func write<Result>(
    to url: URL, _ body: (FileSink) throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result {
    let url = url.resolvingSymlinksInPath()
    var status = stat()
    if stat(url.path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
      let sink = try FileSink(opening: url.path)
      let result = try body(sink)
      try sink.finish()
      return result
    }
    let temporary = TemporaryFiles.url(for: url)
    let sink = try FileSink(creating: temporary, reportingAs: url.path)
    TemporaryFiles.begin(temporary.path)
    defer { TemporaryFiles.end(temporary.path) }
    let result: Result
    do {
      result = try body(sink)
      try sink.finish()
      try move(temporary, to: url)
    } catch {
      unlink(temporary.path)
      throw error
    }
    return result
  }

  /// Fills a folder: `body` writes into the one that it is given, which then takes the place of
  /// `url`. A folder that is there already is exchanged in one step, then removed.
  ///
  /// - Throws: what `body` throws, after which the folder is as it was; `CheckpointError` with the
  ///   reason `cannotWrite`.
  public static func writeFolder<Result>(
    to url: URL, _ body: (URL) throws -> Result
  ) throws -> Result {
    let temporary = TemporaryFiles.url(for: url)
    do {
      try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    } catch {
      throw CheckpointError(path: url.path, reason: .cannotWrite(error.localizedDescription))
    }
    // After the exchange, the temporary name is that of the old folder.
    defer { try? FileManager.default.removeItem(at: temporary) }
    let result = try body(temporary)
    let contents = FileManager.default.enumerator(at: temporary, includingPropertiesForKeys: nil)
    while let item = contents?.nextObject() as? URL { try synchronize(item, reportingAs: url.path) }
    try synchronize(temporary, reportingAs: url.path)
    try move(temporary, to: url)
    return result
  }

  private static func move(_ temporary: URL, to url: URL) throws(CheckpointError) {
    if rename(temporary.path, url.path) != 0 {
      let code = errno
      // A folder can't be renamed over one that has something in it.
      guard code == ENOTEMPTY || code == EEXIST else { throw writeFailure(url.path, code) }
      try exchange(temporary, with: url)
    }
    try synchronize(url.deletingLastPathComponent(), reportingAs: url.path)
  }

  private typealias Rename =
    @convention(c) (
      Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
    ) -> Int32
  private static let exchangeFlag: UInt32 = 2  // RENAME_EXCHANGE of linux/fs.h

  /// Looked up by name, with the type that renameat2(2) documents: Swift's Glibc module leaves out
  /// what glibc declares under _GNU_SOURCE only.
  private static let renameat2 = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: Rename.self) }

  private static func exchange(_ temporary: URL, with url: URL) throws(CheckpointError) {
    if let swap = Self.renameat2,
      swap(AT_FDCWD, temporary.path, AT_FDCWD, url.path, exchangeFlag) == 0
    {
      return
    }
    // File systems without exchange: for a moment neither is there, but both are complete.
    let old = TemporaryFiles.url(for: url)
    guard rename(url.path, old.path) == 0 else { throw writeFailure(url.path, errno) }
    guard rename(temporary.path, url.path) == 0 else {
      let code = errno
      rename(old.path, url.path)
      throw writeFailure(url.path, code)
    }
    try? FileManager.default.removeItem(at: old)
  }

  /// Forces a file's or folder's content to disk.
  static func synchronize(
    _ url: URL, reportingAs path: String
  ) throws(CheckpointError) {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw writeFailure(path, errno) }
    defer { close(descriptor) }
    // Some file systems can't force folders to disk and say EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw writeFailure(path, errno)
    }
  }

  fileprivate static func writeFailure(_ path: String, _ code: Int32) -> CheckpointError {
    CheckpointError(path: path, reason: .cannotWrite(String(cString: strerror(code))))
  }
}

/// A file being written, with the checksum of what it has got. Give it large pieces: each is one
/// call to the system.
public final class FileSink {
  private let descriptor: Int32
  private let path: String
  private var running = Checksum64()
  private var isOpen = true

  fileprivate init(creating url: URL, reportingAs path: String) throws(CheckpointError) {
    descriptor = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    self.path = path
    guard descriptor >= 0 else { throw AtomicFile.writeFailure(path, errno) }
  }

  /// Opens a device or a pipe.
  fileprivate init(opening path: String) throws(CheckpointError) {
    descriptor = open(path, O_WRONLY | O_CLOEXEC)
    self.path = path
    guard descriptor >= 0 else { throw AtomicFile.writeFailure(path, errno) }
  }

  deinit {
    if isOpen && descriptor >= 0 { close(descriptor) }
  }

  /// The checksum of the bytes written so far.
  public var checksum: UInt64 { running.value }

  /// Appends `bytes`.
  ///
  /// - Throws: `CheckpointError` with the reason `cannotWrite`.
  public func write(_ bytes: [UInt8]) throws(CheckpointError) {
    running.update(bytes)
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        throw AtomicFile.writeFailure(path, written < 0 ? errno : ENOSPC)
      }
      done += written
    }
  }

  fileprivate func finish() throws(CheckpointError) {
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw AtomicFile.writeFailure(path, errno)
    }
    isOpen = false
    guard close(descriptor) == 0 else { throw AtomicFile.writeFailure(path, errno) }
  }
}
