import Foundation

/// Files and folders that appear complete or not at all: written under a temporary name beside the
/// target, synchronized to disk, then renamed. If the process is killed, the old content is intact,
/// and at worst a `NAME.tmp-…` is left, which `TemporaryFiles` removes.
package enum AtomicFile {
  /// Writes `bytes` as the content of the file.
  ///
  /// - Throws: `FileError` if the file can't be written.
  package static func write(_ bytes: [UInt8], to url: URL) throws(FileError) {
    try write(to: url) { (file: FileSink) throws(FileError) in try file.write(bytes) }
  }

  /// Replaces the file's content with what `body` writes to the sink. The target of a link is
  /// replaced, not the link; devices and pipes are written to directly.
  ///
  /// - Throws: The errors of `body`, after which the file is unchanged; `FileError` if it can't be
  ///   written.
  package static func write<Result>(
    to url: URL, _ body: (FileSink) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    let url = url.resolvingSymlinksInPath()
    if (try? FileStatus(of: url.path))?.kind == .other {
      let sink = try FileSink(opening: url.path)
      let result = try body(sink)
      try sink.finish()
      return result
    }
    let temporary = TemporaryFiles.begin(beside: url)
    defer { TemporaryFiles.end(temporary.path) }
    let sink = try FileSink(creating: temporary, reportingAs: url.path)
    let result: Result
    do {
      result = try body(sink)
      try sink.finish()
      try move(temporary, to: url)
    } catch {
      FileNames.remove(temporary.path)
      throw error
    }
    return result
  }

  /// Replaces a folder: `body` fills a new folder, which then takes the place of `url`. An existing
  /// folder is exchanged in one step, then removed.
  ///
  /// - Throws: The errors of `body`, after which the folder is unchanged; `FileError` if it can't
  ///   be written.
  package static func writeFolder<Result>(
    to url: URL, _ body: (URL) throws -> Result
  ) throws -> Result {
    let temporary = TemporaryFiles.name(beside: url)
    try FileError.wrapping(.write, url.path) { () throws(SystemFailure) in
      try FileNames.createFolders(temporary.path)
    }
    // After the exchange, the temporary name refers to the old folder.
    defer { try? FileManager.default.removeItem(at: temporary) }
    let result = try body(temporary)
    let contents = FileManager.default.enumerator(at: temporary, includingPropertiesForKeys: nil)
    while let item = contents?.nextObject() as? URL { try synchronize(item, reportingAs: url.path) }
    try synchronize(temporary, reportingAs: url.path)
    try move(temporary, to: url)
    return result
  }

  private static func move(_ temporary: URL, to url: URL) throws(FileError) {
    do throws(SystemFailure) {
      try FileNames.move(temporary.path, to: url.path)
    } catch {
      // A folder can't be renamed to one that isn't empty.
      guard error.isPresence else { throw FileError(error, .write, url.path) }
      try exchange(temporary, with: url)
    }
    try synchronize(url.deletingLastPathComponent(), reportingAs: url.path)
  }

  private static func exchange(_ temporary: URL, with url: URL) throws(FileError) {
    if FileNames.exchange(temporary.path, with: url.path) { return }
    // For file systems without exchange: for a moment neither exists under `url`, but both are
    // complete.
    let old = TemporaryFiles.name(beside: url)
    try FileError.wrapping(.write, url.path) { () throws(SystemFailure) in
      try FileNames.move(url.path, to: old.path)
      do throws(SystemFailure) {
        try FileNames.move(temporary.path, to: url.path)
      } catch {
        try? FileNames.move(old.path, to: url.path)
        throw error
      }
    }
    try? FileManager.default.removeItem(at: old)
  }

  /// Synchronizes a file's or folder's content to disk.
  package static func synchronize(_ url: URL, reportingAs path: String) throws(FileError) {
    try FileError.wrapping(.write, path) { () throws(SystemFailure) in
      let file = try OpenFile(opening: url.path, for: .inspecting)
      try file.use { (file) throws(SystemFailure) in try file.synchronize() }
    }
  }
}

/// A file being written, with the checksum of its content so far. Write large pieces: each write is
/// a system call.
package final class FileSink {
  private let descriptor: Descriptor
  private let path: String
  private var running = Checksum64()
  private var isOpen = true

  fileprivate init(creating url: URL, reportingAs path: String) throws(FileError) {
    self.path = path
    descriptor = try FileError.wrapping(.write, path) { () throws(SystemFailure) in
      try Descriptor(opening: url.path, for: .creating)
    }
  }

  /// Opens a device or a pipe.
  fileprivate init(opening path: String) throws(FileError) {
    self.path = path
    descriptor = try FileError.wrapping(.write, path) { () throws(SystemFailure) in
      try Descriptor(opening: path, for: .writing)
    }
  }

  deinit {
    if isOpen { descriptor.drop() }
  }

  /// The checksum of the bytes written so far.
  package var checksum: UInt64 { running.value }

  /// Appends `bytes`.
  ///
  /// - Throws: `FileError` where the system refuses.
  package func write(_ bytes: [UInt8]) throws(FileError) {
    running.update(bytes)
    try FileError.wrapping(.write, path) { () throws(SystemFailure) in
      try descriptor.write(bytes)
    }
  }

  fileprivate func finish() throws(FileError) {
    try FileError.wrapping(.write, path) { () throws(SystemFailure) in
      try descriptor.synchronize()
      isOpen = false
      try descriptor.close()
    }
  }
}
