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
    let sink = try FileSink(url)
    defer { sink.abandon() }
    let result = try body(sink)
    try sink.finish()
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
    defer { Folders.remove(temporary.path) }
    let result = try body(temporary)
    func save(_ path: String) throws(FileError) {
      try synchronize(PathName.url(path), reportingAs: url.path)
    }
    for file in try Folders.files(in: temporary.path, onFolder: save) {
      try save(PathName.join(temporary.path, file))
    }
    try move(temporary, to: url, reportingAs: url.path)
    return result
  }

  fileprivate static func move(
    _ temporary: URL, to url: URL, reportingAs name: String
  ) throws(FileError) {
    do throws(SystemFailure) {
      try FileNames.move(temporary.path, to: url.path)
    } catch {
      // A folder can't be renamed to one that isn't empty.
      guard error.isPresence else { throw FileError(error, .write, name) }
      try exchange(temporary, with: url)
    }
    try synchronize(url.deletingLastPathComponent(), reportingAs: name)
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
    Folders.remove(old.path)
  }

  /// Synchronizes a file's or folder's content to disk.
  package static func synchronize(_ url: URL, reportingAs path: String) throws(FileError) {
    try FileError.wrapping(.write, path) { () throws(SystemFailure) in
      let file = try OpenFile(opening: url.path, for: .inspecting)
      try file.use { (file) throws(SystemFailure) in try file.synchronize() }
    }
  }
}

/// A file being written, with the checksum of its content so far. It gets its name when it is
/// finished, and is removed if it never is. The target of a link is replaced, not the link; devices
/// and pipes are written to directly.
///
/// Write large pieces: each write is a system call.
package final class FileSink {
  private let url: URL
  private let name: String
  private let descriptor: Descriptor
  /// The location of the content until the file is finished; nil for a device or a pipe.
  private let temporary: URL?
  private var running = Checksum64()
  private var isOpen = true
  /// Whether the file under the temporary name has been renamed or removed.
  private var isEnded = false

  /// - Parameters:
  ///   - name: The file's name in messages; its final path if nil.
  ///   - clearsLeftovers: Whether to look for what killed processes left of this file, which takes a list of its folder:
  ///     too long for each of many files in one.
  /// - Throws: `FileError` if it can't be opened.
  package init(_ url: URL, name: String? = nil, clearsLeftovers: Bool = true) throws(FileError) {
    let name = name ?? TemporaryFiles.finalPath(url.path)
    let inherited = Descriptor(named: url.path)
    // Before links are followed: where standard output is a pipe, /dev/stdout leads to no name.
    let isDevice = inherited != nil || FileStatus.isEndless(url.path)
    let url =
      isDevice
      ? url
      : try FileError.wrapping(.write, name) { () throws(SystemFailure) in
        PathName.url(try FileNames.linkEnd(url.path))
      }
    let temporary =
      isDevice ? nil : TemporaryFiles.begin(beside: url, clearsLeftovers: clearsLeftovers)
    do throws(SystemFailure) {
      descriptor =
        if let temporary {
          try Descriptor(opening: temporary.path, for: .creating)
        } else if let inherited {
          // Opened by its name, a file that a shell opened to append would be replaced.
          try inherited.copy()
        } else {
          try Descriptor(opening: url.path, for: .writing)
        }
    } catch {
      if let temporary { TemporaryFiles.end(temporary.path) }
      throw FileError(error, .write, name)
    }
    (self.url, self.name, self.temporary) = (url, name, temporary)
  }

  deinit { abandon() }

  /// Whether it is a device that shows what is written.
  package var isTerminal: Bool { descriptor.isTerminal }

  /// The checksum of the bytes written so far.
  package var checksum: UInt64 { running.value }

  /// Appends `bytes`.
  ///
  /// - Throws: `FileError` if the system refuses.
  package func write(_ bytes: [UInt8]) throws(FileError) {
    running.update(bytes)
    try FileError.wrapping(.write, name) { () throws(SystemFailure) in
      try descriptor.write(bytes)
    }
  }

  /// Synchronizes the content to disk and gives the file its name. Call once.
  ///
  /// - Throws: `FileError` if this fails; an existing file is then unchanged.
  package func finish() throws(FileError) {
    guard isOpen else { return }
    defer { abandon() }
    try FileError.wrapping(.write, name) { () throws(SystemFailure) in
      try descriptor.synchronize()
      isOpen = false
      try descriptor.close()
    }
    guard let temporary else { return }
    try AtomicFile.move(temporary, to: url, reportingAs: name)
  }

  /// Removes the unfinished file, and leaves an existing one unchanged. Does nothing after the file
  /// is finished.
  package func abandon() {
    if isOpen { descriptor.drop() }
    isOpen = false
    guard let temporary, !isEnded else { return }
    isEnded = true
    FileNames.remove(temporary.path)
    TemporaryFiles.end(temporary.path)
  }
}
