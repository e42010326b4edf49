import Glibc

extension Descriptor {
  private typealias MemoryFileCreation =
    @convention(c) (UnsafePointer<CChar>, UInt32) -> Int32
  private static let closeOnExec: UInt32 = 1  // MFD_CLOEXEC of linux/memfd.h

  /// Looked up by name, with the type documented for memfd_create(2): Swift's Glibc module lacks
  /// what glibc declares only under _GNU_SOURCE.
  private static let memfdCreate = dlsym(nil, "memfd_create").map {
    unsafeBitCast($0, to: MemoryFileCreation.self)
  }

  /// Opens an unnamed file in memory with the given content, positioned at its beginning.
  package init(inMemory content: UnsafeRawBufferPointer) throws(SystemFailure) {
    self = try Self.memoryFile { (file) throws(SystemFailure) in try file.write(content) }
  }

  private static func memoryFile(
    _ fill: (Descriptor) throws(SystemFailure) -> Void
  ) throws(SystemFailure) -> Descriptor {
    guard let create = memfdCreate else { throw .unsupported }
    let file = Descriptor(number: create("bytes", closeOnExec))
    guard file.number >= 0 else { throw .last }
    do throws(SystemFailure) {
      try fill(file)
      guard lseek(file.number, 0, SEEK_SET) == 0 else { throw .last }
    } catch {
      file.drop()
      throw error
    }
    return file
  }

  /// Moves all that a stream still contains into an unnamed file in memory. Waits for its writers.
  ///
  /// - Parameters:
  ///   - limit: The most bytes to take.
  ///   - writerMilliseconds: How long to wait for the first writer of a pipe that may have none yet.
  /// - Returns: The file and its size, which is larger than `limit` if there is more than that; nil
  ///   if no writer came.
  package func moveToMemory(
    limit: Int, writerMilliseconds: Int
  ) throws(SystemFailure) -> (file: Descriptor, size: Int)? {
    var size = 0
    let deadline = SystemSignals.milliseconds() + writerMilliseconds
    var block = [UInt8](repeating: 0, count: 1 << 16)
    let file = try Self.memoryFile { (file) throws(SystemFailure) in
      while size <= limit {
        let count = Glibc.read(number, &block, block.count)
        if count > 0 {
          let result: Result<Void, SystemFailure> = block.withUnsafeBytes { block in
            Result { () throws(SystemFailure) in
              try file.write(UnsafeRawBufferPointer(rebasing: block[..<count]))
            }
          }
          try result.get()
          size += count
        } else if count < 0 {
          let failure = SystemFailure.last
          if failure.code == EAGAIN {
            var ready = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
            _ = poll(&ready, 1, -1)
          } else if !failure.isInterruption {
            throw failure
          }
        } else if size > 0 || SystemSignals.milliseconds() >= deadline {
          break
        } else {
          usleep(20_000)
        }
      }
    }
    if size == 0 && writerMilliseconds > 0 {
      file.drop()
      return nil
    }
    return (file, size)
  }

  /// Where the next read begins; nil for what has no places, such as a pipe.
  package var position: Int? {
    let position = lseek(number, 0, SEEK_CUR)
    return position < 0 ? nil : Int(position)
  }
}
