import COneDNN
import Glibc

/// A thread of the library's own.
///
/// Signals are never delivered to one: whatever handlers a program has, they run on its own threads, not
/// amid a computation (see `cod_shield_this_thread`).
enum BackgroundThread {
  /// Starts a thread that ends with `body`.
  ///
  /// - Parameters:
  ///   - name: Shown by debuggers and `top -H`; fifteen characters at most.
  ///   - body: What it does.
  /// - Throws: `ThreadError` where the system has no thread to give.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    let work = Unmanaged.passRetained(Work(name: name, body: body))
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
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        cod_shield_this_thread(work.name)
        work.body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw ThreadError(name: name, problem: String(cString: strerror(code)))
    }
  }

  /// Blocks signals on the calling thread too, for good.
  static func shieldCallingThread() { cod_shield_this_thread(nil) }

  /// What the main thread has on Linux; other threads' default depends on the shell's limits.
  private static let stackBytes = 8 << 20

  private final class Work: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
}

/// The system refuses to start a thread.
public struct ThreadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What the thread was for.
  public let name: String
  /// In the system's words.
  public let problem: String

  public var description: String {
    "the thread \"\(name)\" can't be started: \(problem); expected a higher limit of processes "
      + "(ulimit -u, or the container's)"
  }
}
