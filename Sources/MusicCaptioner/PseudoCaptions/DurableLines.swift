import Foundation
import Glibc
import Synchronization

/// A file of lines that only grows, and that one process at a time may write. A line that was
/// appended is on disk, however the process ends; lines of several tasks share one wait for it.
final class DurableLines: Sendable {
  private typealias Waiting = (bytes: [UInt8], done: CheckedContinuation<Void, any Error>)

  private struct State {
    var waiting: [Waiting] = []
    var isWriting = false
    var failure: PseudoCaptionError?
    var isClosed = false
  }

  let path: String
  private let descriptor: Int32
  private let isSynchronized: Bool
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "lines")

  /// Opens the file, or creates it. Nothing in it is changed before `dropHalfLine`.
  ///
  /// - Parameters:
  ///   - isSynchronized: Whether an append waits for the disk. Else its line outlives the process, but
  ///     perhaps not the machine.
  ///   - isWritable: Whether lines will be added. Else nothing is created, and others may write.
  /// - Throws: `PseudoCaptionError` where it can't be had, or another process has it.
  init(
    path: String, isSynchronized: Bool, isWritable: Bool = true
  ) throws(PseudoCaptionError) {
    self.path = path
    self.isSynchronized = isSynchronized
    guard isWritable else {
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 || errno == ENOENT else {
        throw PseudoCaptionError(.cannotRead(String(cString: strerror(errno))), place: path)
      }
      return
    }
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path) }
    // Some network file systems have no locks: then nothing keeps a second process away.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      Glibc.close(descriptor)
      throw PseudoCaptionError(.inUse, place: path)
    }
    if isSynchronized { try synchronizeFolder() }
  }

  deinit { closeOnce() }

  /// Lets go of the file, so that another may write it. The writing thread may hold on to this object
  /// for a moment after the last append has returned: its end alone would come too late.
  func close() { queue.sync { closeOnce() } }

  private func closeOnce() {
    let closes = state.withLock { state in
      defer { state.isClosed = true }
      return descriptor >= 0 && !state.isClosed
    }
    if closes { Glibc.close(descriptor) }
  }

  /// - Throws: `PseudoCaptionError` where the line can't be written.
  func append(_ line: String) async throws {
    let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
    try await withCheckedThrowingContinuation { continuation in
      let starts = state.withLock { state in
        state.waiting.append((bytes, continuation))
        defer { state.isWriting = true }
        return !state.isWriting
      }
      if starts { queue.async { self.writeWaiting() } }
    }
  }

  /// The bytes of a line, by where it was found.
  func read(at offset: Int, count: Int) throws(PseudoCaptionError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let read = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
      }
      if read < 0 && errno == EINTR { continue }
      guard read > 0 else {
        throw PseudoCaptionError(.cannotRead(String(cString: strerror(errno))), place: path)
      }
      done += read
    }
    return bytes
  }

  /// Calls `body` with each line and where it begins, in constant memory.
  ///
  /// - Returns: What follows the last end of a line.
  @discardableResult func forEachLine(
    _ body: (_ offset: Int, _ line: [UInt8]) throws -> Void
  ) throws -> [UInt8] {
    var block: [UInt8] = []
    var line: [UInt8] = []
    var blockStart = 0
    var lineStart = 0
    let size = try fileSize()
    while blockStart < size {
      block = try read(at: blockStart, count: min(1 << 18, size - blockStart))
      var position = 0
      while let end = block[position...].firstIndex(of: UInt8(ascii: "\n")) {
        line += block[position..<end]
        try body(lineStart, line)
        line.removeAll(keepingCapacity: true)
        position = end + 1
        lineStart = blockStart + position
      }
      line += block[position...]
      blockStart += block.count
    }
    return line
  }

  private func writeWaiting() {
    while true {
      let (batch, known) = state.withLock { state in
        let batch = state.waiting
        state.waiting = []
        if batch.isEmpty { state.isWriting = false }
        return (batch, state.failure)
      }
      if batch.isEmpty { return }
      // After a failure the file may end in half a line, to which nothing may be added.
      let failure = known ?? write(batch.flatMap(\.bytes))
      if known == nil, let failure { state.withLock { $0.failure = failure } }
      for waiting in batch {
        if let failure { waiting.done.resume(throwing: failure) } else { waiting.done.resume() }
      }
    }
  }

  private func write(_ bytes: [UInt8]) -> PseudoCaptionError? {
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return Self.failure(path) }
      done += written
    }
    // Some file systems can't be synchronised and say EINVAL.
    guard !isSynchronized || fdatasync(descriptor) == 0 || errno == EINVAL else {
      return Self.failure(path)
    }
    return nil
  }

  private func fileSize() throws(PseudoCaptionError) -> Int {
    if descriptor < 0 { return 0 }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
    return Int(status.st_size)
  }

  /// Drops what a killed process left of a last line. Call it once the file is known to be a run's.
  func dropHalfLine() throws(PseudoCaptionError) {
    let size = try fileSize()
    var end = size
    while end > 0 {
      let start = max(0, end - 1 << 16)
      let block = try read(at: start, count: end - start)
      if let last = block.lastIndex(of: UInt8(ascii: "\n")) {
        end = start + last + 1
        break
      }
      end = start
    }
    guard end == size || ftruncate(descriptor, off_t(end)) == 0 else { throw Self.failure(path) }
  }

  /// After a power cut, a new file is found again only if its folder was on disk too.
  private func synchronizeFolder() throws(PseudoCaptionError) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    do throws(CheckpointError) {
      try AtomicFile.synchronize(folder, reportingAs: path)
    } catch {
      throw PseudoCaptionError(.cannotWrite("\(error)"), place: path)
    }
  }

  private static func failure(_ path: String) -> PseudoCaptionError {
    PseudoCaptionError(.cannotWrite(String(cString: strerror(errno))), place: path)
  }
}
