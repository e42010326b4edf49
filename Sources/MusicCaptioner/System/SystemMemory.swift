import Glibc

/// Memory from the system, on boundaries that vector instructions want.
package enum SystemMemory {
  /// - Parameter alignment: A power of two.
  package static func allocate(_ byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    var memory: UnsafeMutableRawPointer?
    return posix_memalign(&memory, alignment, byteCount) == 0 ? memory : nil
  }

  package static func release(_ memory: UnsafeMutableRawPointer?) { free(memory) }

  /// Asks for large pages. Advice only: a system without them does without.
  package static func adviseHugePages(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
    // 14 is MADV_HUGEPAGE of Linux.
    _ = madvise(memory, byteCount, 14)
  }

  /// Maps a file into memory to be read; nil where the file system can't do that.
  package static func map(_ file: Descriptor, _ byteCount: Int) -> UnsafeMutableRawPointer? {
    let memory = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, file.number, 0)
    return memory == MAP_FAILED ? nil : memory
  }

  package static func unmap(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
    _ = munmap(memory, byteCount)
  }
}

/// A lock of the C library's, for threads that wait on several conditions. It lives as long as the
/// process.
package struct ThreadLock: Sendable {
  /// Fixed addresses, as the C library demands.
  fileprivate nonisolated(unsafe) let mutex =
    UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  package init() { pthread_mutex_init(mutex, nil) }

  package func callAsFunction<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  /// What threads wait for while they hold the lock.
  package struct Condition: Sendable {
    private nonisolated(unsafe) let condition =
      UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() { pthread_cond_init(condition, nil) }

    func wait(_ lock: ThreadLock) { pthread_cond_wait(condition, lock.mutex) }
    func wakeOne() { pthread_cond_signal(condition) }
    func wakeAll() { pthread_cond_broadcast(condition) }
  }
}
