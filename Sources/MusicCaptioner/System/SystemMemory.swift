import Glibc

/// Memory from the system, aligned for vector instructions.
package enum SystemMemory {
  /// If the system refuses it, a command ends with a message (`CCommand`).
  ///
  /// - Parameter alignment: A power of two.
  /// - Returns: nil where it is more than the machine has, and in a program that embeds the library.
  package static func allocate(_ byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    var memory: UnsafeMutableRawPointer?
    return posix_memalign(&memory, alignment, byteCount) == 0 ? memory : nil
  }

  /// The same for what nothing goes on without.
  package static func require(_ byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer {
    guard let memory = allocate(byteCount, alignment: alignment) else {
      preconditionFailure("out of memory: a buffer of \(byteCount) bytes was refused")
    }
    return memory
  }

  package static func release(_ memory: UnsafeMutableRawPointer?) { free(memory) }

  /// The bytes that this process can have at most: the machine's memory, or less in a container.
  package static let limit: Int = {
    let (bytes, isUnknown) = sysconf(Int32(_SC_PHYS_PAGES)).multipliedReportingOverflow(
      by: sysconf(Int32(_SC_PAGESIZE)))
    let machine = isUnknown || bytes <= 0 ? Int.max : bytes
    guard let group = try? Descriptor(opening: "/sys/fs/cgroup/memory.max", for: .inspecting) else {
      return machine
    }
    defer { group.drop() }
    let digits = ((try? group.bytes(20, at: 0)) ?? []).prefix { (0x30...0x39).contains($0) }
    return min(machine, Int(String(decoding: digits, as: UTF8.self)) ?? machine)
  }()

  /// Asks for huge pages. This is only advice, and is ignored by systems without them.
  package static func adviseHugePages(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
    // 14 is MADV_HUGEPAGE of Linux.
    _ = madvise(memory, byteCount, 14)
  }

  /// Maps a file into memory for reading; nil if the file system doesn't support it.
  package static func map(_ file: Descriptor, _ byteCount: Int) -> UnsafeMutableRawPointer? {
    let memory = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, file.number, 0)
    return memory == MAP_FAILED ? nil : memory
  }

  package static func unmap(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
    _ = munmap(memory, byteCount)
  }
}

/// A lock of the C library, for threads that wait on several conditions. It is never freed.
package struct ThreadLock: Sendable {
  /// At a fixed address, as the C library requires, and made for threads to share.
  fileprivate nonisolated(unsafe) let mutex =
    UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  package init() { pthread_mutex_init(mutex, nil) }

  package func callAsFunction<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  /// A condition that threads wait for while holding the lock.
  package struct Condition: Sendable {
    /// As the lock's.
    private nonisolated(unsafe) let condition =
      UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() { pthread_cond_init(condition, nil) }

    func wait(_ lock: ThreadLock) { pthread_cond_wait(condition, lock.mutex) }
    func wakeOne() { pthread_cond_signal(condition) }
    func wakeAll() { pthread_cond_broadcast(condition) }
  }
}
