import Foundation
import Synchronization

/// An append-only file of lines that only one process at a time may write. An appended line is on
/// disk, however the process ends; lines from several tasks share one wait for the disk.
final class DurableLines: Sendable {
  private typealias Waiting = (bytes: [UInt8], done: CheckedContinuation<Void, any Error>)

  private struct State {
    var waiting: [Waiting] = []
    var isWriting = false
    var failure: FileError?
    var isClosed = false
  }

  let path: String
  /// Nil if there is no file and none is to be created.
  private let descriptor: Descriptor?
  private let isSynchronized: Bool
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "lines")

  /// Opens the file, or creates it. Nothing in it changes before `dropHalfLine`.
  ///
  /// - Parameters:
  ///   - isSynchronized: Whether an append waits for the disk. If not, the line survives the end of
  ///     the process, but perhaps not a crash of the machine.
  ///   - isWritable: Whether lines will be added. If not, nothing is created, and others may write.
  /// - Throws: `PseudoCaptionError` if it can't be opened, or another process has it.
  init(
    path: String, isSynchronized: Bool, isWritable: Bool = true
  ) throws(PseudoCaptionError) {
    self.path = path
    self.isSynchronized = isSynchronized
    guard isWritable else {
      do throws(SystemFailure) {
        descriptor = try Descriptor(opening: path, for: .reading)
      } catch {
        guard error.isMissingName else {
          throw PseudoCaptionError(FileError(error, .read, path))
        }
        descriptor = nil
      }
      return
    }
    let descriptor: Descriptor
    do throws(SystemFailure) {
      descriptor = try Descriptor(opening: path, for: .readingAndAppending)
    } catch {
      throw PseudoCaptionError(FileError(error, .write, path))
    }
    self.descriptor = descriptor
    guard descriptor.lock() else {
      throw PseudoCaptionError(.inUse, file: path)
    }
    guard isSynchronized else { return }
    do throws(FileError) {
      // After a power failure, a new file is only found if its folder is on disk too.
      let folder = PathName.url(path).deletingLastPathComponent()
      try AtomicFile.synchronize(folder, reportingAs: path)
    } catch {
      throw PseudoCaptionError(error)
    }
  }

  deinit { closeOnce() }

  /// Closes the file, so that another process may write it. The writing thread may keep a reference
  /// to this object for a moment after the last append returns, so deinitialization alone would be
  /// too late.
  func close() { queue.sync { closeOnce() } }

  private func closeOnce() {
    let closes = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    if closes { descriptor?.drop() }
  }

  /// - Throws: `FileError` if the line can't be written.
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

  /// The bytes of a line at a known location.
  func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    try FileError.wrapping(.read, path) { () throws(SystemFailure) in
      let bytes = try descriptor?.bytes(count, at: offset) ?? []
      guard bytes.count == count else { throw SystemFailure.inputOutput }
      return bytes
    }
  }

  /// Calls `body` with each line and its offset, in constant memory.
  ///
  /// - Returns: What follows the last newline.
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
      // After a failure the file may end in an incomplete line, and nothing may be added to it.
      let failure = known ?? write(batch.flatMap(\.bytes))
      if known == nil, let failure { state.withLock { $0.failure = failure } }
      for waiting in batch {
        if let failure { waiting.done.resume(throwing: failure) } else { waiting.done.resume() }
      }
    }
  }

  private func write(_ bytes: [UInt8]) -> FileError? {
    do throws(FileError) {
      try FileError.wrapping(.write, path) { () throws(SystemFailure) in
        try descriptor?.write(bytes)
        if isSynchronized { try descriptor?.synchronizeContent() }
      }
      return nil
    } catch {
      return error
    }
  }

  private func fileSize() throws(FileError) -> Int {
    guard let descriptor else { return 0 }
    return try FileError.wrapping(.read, path) { () throws(SystemFailure) in
      try descriptor.status().size
    }
  }

  /// Removes an incomplete last line left by a killed process. Call it once the file is known to
  /// belong to a run.
  func dropHalfLine() throws(FileError) {
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
    if end == size { return }
    try FileError.wrapping(.write, path) { () throws(SystemFailure) in
      try descriptor?.truncate(to: end)
    }
  }
}
