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
    guard let create = Self.memfdCreate else { throw .unsupported }
    self.init(number: create("bytes", Self.closeOnExec))
    guard number >= 0 else { throw .last }
    do throws(SystemFailure) {
      try write(content)
      guard lseek(number, 0, SEEK_SET) == 0 else { throw .last }
    } catch {
      drop()
      throw error
    }
  }
}
