import Foundation
import Glibc

/// The bytes of a file, mapped into memory: only what is touched is read, and tensors lie in the
/// page cache instead of in a copy. The mapping lives as long as anything that refers to it.
///
/// A file that is replaced by a rename, as all of ours are, stays what it was. One that somebody
/// shortens in place while it is mapped takes the process down, as with every mapping.
///
/// Unsafe pointers because this is the storage; `@unchecked Sendable` because it never changes.
final class MappedFile: @unchecked Sendable {
  let path: String
  let count: Int
  private let base: UnsafeMutableRawPointer?
  private let isMapped: Bool

  /// - Throws: `CheckpointError` where the file is missing, unreadable or not a regular file.
  init(_ url: URL) throws(CheckpointError) {
    let path = url.path
    self.path = path
    func failure(_ code: Int32) -> CheckpointError {
      let isAbsent = code == ENOENT || code == ENOTDIR
      return CheckpointError(
        path: path, reason: isAbsent ? .fileNotFound : .cannotRead(String(cString: strerror(code))))
    }
    // Without O_NONBLOCK, opening a named pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw CheckpointError(path: path, reason: .notACheckpoint(.folder))
    default: throw CheckpointError(path: path, reason: .cannotRead("not a regular file"))
    }
    let size = Int(status.st_size)
    guard size > 0 else {
      (count, base, isMapped) = (0, nil, false)
      return
    }
    let mapping = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    if let mapping, mapping != MAP_FAILED {
      (count, base, isMapped) = (size, mapping, true)
      return
    }
    // Some network and user-space file systems have no mappings: read the file instead.
    guard let memory = malloc(size) else { throw failure(ENOMEM) }
    var done = 0
    while done < size {
      let got = pread(descriptor, memory + done, size - done, off_t(done))
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else {
        let code = got < 0 ? errno : EIO
        free(memory)
        throw failure(code)
      }
      done += got
    }
    (count, base, isMapped) = (size, memory, false)
  }

  deinit {
    guard let base else { return }
    if isMapped { munmap(base, count) } else { free(base) }
  }

  /// Reads the bytes of `range`, which must lie within the file.
  ///
  /// - Throws: `CheckpointError` where it doesn't.
  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(CheckpointError) -> Result {
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw CheckpointError(
        path: path, reason: .truncated(expectedBytes: range.upperBound, foundBytes: count))
    }
    return withExtendedLifetime(self) {
      body(
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(start: base, count: count)[range]))
    }
  }

  /// A copy of the bytes of `range`.
  func bytes(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
    try withBytes(range) { Array($0) }
  }

  /// The tensor that starts at `offset`, as float32: in place where it is stored so and lies on a
  /// multiple of four, else converted.
  func tensor(_ layout: TensorLayout, at offset: Int) throws(CheckpointError) -> Tensor {
    guard layout.elementCount > 0 else { return Tensor(zeros: layout.shape) }
    return try withBytes(offset..<offset + layout.byteCount) { bytes in
      if layout.elementType == .float32, let start = bytes.baseAddress,
        Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0
      {
        let floats = start.bindMemory(to: Float.self, capacity: layout.elementCount)
        let storage = TensorStorage(readOnly: floats, count: layout.elementCount, owner: self)
        return Tensor(layout.shape, storage: storage, offset: 0)
      }
      return Tensor(decoding: bytes, layout)
    }
  }
}

extension Tensor {
  /// Stored numbers as float32.
  init(decoding bytes: UnsafeRawBufferPointer, _ layout: TensorLayout) {
    self.init(uninitialized: layout.shape)
    withUnsafeMutableBufferPointer {
      ElementConversion.decode(bytes, as: layout.elementType, into: $0)
    }
  }
}
