import Glibc

/// Threads of the C library.
package enum SystemThread {
  /// Starts a thread that runs `body`.
  ///
  /// - Throws: If the system can't provide a thread.
  package static func start(
    stackBytes: Int, _ body: @escaping @Sendable () -> Void
  ) throws(SystemFailure) {
    let work = Unmanaged.passRetained(Work(body: body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw SystemFailure(code: code)
    }
  }

  /// A number that no other living thread has.
  package static var current: UInt { UInt(pthread_self()) }

  package static func sleep(milliseconds: UInt32) { usleep(1_000 * milliseconds) }

  /// For a thread that has to stay out of the way while the process ends.
  package static func sleepForGood() -> Never { while true { pause() } }

  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
