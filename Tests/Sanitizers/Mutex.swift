import Glibc

/// In place of Synchronization's, which ThreadSanitizer doesn't see: it would report every use of what a
/// mutex guards. run.sh puts this into each module of a copy of the package.
struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
  private final class Storage {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    var value: Value

    init(_ value: consuming Value) {
      self.value = value
      pthread_mutex_init(mutex, nil)
    }

    deinit {
      pthread_mutex_destroy(mutex)
      mutex.deallocate()
    }
  }

  private let storage: Storage

  init(_ value: consuming sending Value) { storage = Storage(value) }

  borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    pthread_mutex_lock(storage.mutex)
    defer { pthread_mutex_unlock(storage.mutex) }
    return try body(&storage.value)
  }
}
