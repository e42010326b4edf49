import Foundation

/// The bytes of a file, mapped into memory: only the pages used are read, and tensors use the page
/// cache instead of a copy. The mapping lives as long as anything that refers to it.
///
/// If a file is replaced by renaming, as all of ours are, the mapping keeps the old content. If
/// somebody truncates it in place, the process crashes, as with every mapping.
///
/// Uses unsafe pointers because this is the storage, which never changes.
final class MappedFile: Sendable {
  let path: String
  let count: Int
  /// Read-only pages: nobody writes to them, so threads may share the pointer.
  private nonisolated(unsafe) let base: UnsafeMutableRawPointer?
  private let isMapped: Bool

  /// - Throws: `FileError` if the file is missing, unreadable or not a regular file.
  init(_ url: URL) throws(FileError) {
    let path = url.path
    self.path = path
    let (file, status) = try FileError.wrapping(.read, path) { () throws(SystemFailure) in
      let file = try OpenFile(opening: path, for: .inspecting)
      return (file, try file.use { (file) throws(SystemFailure) in try file.status() })
    }
    guard status.kind == .regular else {
      throw FileError(status.kind == .folder ? .isFolder : .notAFile, .read, path)
    }
    let size = status.size
    guard size > 0 else {
      (count, base, isMapped) = (0, nil, false)
      return
    }
    let content = try FileError.wrapping(.read, path) { () throws(SystemFailure) in
      try file.use { (file) throws(SystemFailure) in try Self.content(of: file, size) }
    }
    (count, base, isMapped) = (size, content.memory, content.isMapped)
  }

  private static func content(
    of file: Descriptor, _ size: Int
  ) throws(SystemFailure) -> (memory: UnsafeMutableRawPointer, isMapped: Bool) {
    if let mapping = SystemMemory.map(file, size) { return (mapping, true) }
    // Some network and user-space file systems don't support mapping: read the file instead.
    guard let memory = SystemMemory.allocate(size, alignment: 64) else { throw .noMemory }
    do throws(SystemFailure) {
      let found = try file.fill(UnsafeMutableRawBufferPointer(start: memory, count: size), at: 0)
      guard found == size else { throw SystemFailure.inputOutput }
    } catch {
      SystemMemory.release(memory)
      throw error
    }
    return (memory, false)
  }

  deinit {
    guard let base else { return }
    if isMapped { SystemMemory.unmap(base, count) } else { SystemMemory.release(base) }
  }

  /// Reads the bytes of `range`, which must lie within the file.
  ///
  /// - Throws: `FileError` if it doesn't.
  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(FileError) -> Result {
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw FileError(.cutShort(expectedBytes: range.upperBound, foundBytes: count), .read, path)
    }
    return withExtendedLifetime(self) {
      body(
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(start: base, count: count)[range]))
    }
  }

  /// A copy of the bytes of `range`.
  func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    try withBytes(range) { Array($0) }
  }
}
