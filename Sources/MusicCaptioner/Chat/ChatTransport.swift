import Foundation

/// What is POSTed to a server.
struct ChatRequest: Sendable {
  var url: String
  /// Names and values, without line breaks.
  var headers: [(String, String)]
  var body: [UInt8]
}

/// What a server sent back.
struct ChatResponse: Sendable {
  var status: Int
  /// Names in lower case.
  var headers: [String: String]
  var body: [UInt8]
}

/// Why nothing usable came back.
enum TransportFailure: Error, Equatable {
  /// It may be better next time; what happened.
  case broken(String)
  /// It will not be; what happened.
  case hopeless(String)

  var text: String {
    switch self {
    case .broken(let text), .hopeless(let text): text
    }
  }
}

/// Sends requests and collects what comes back. A request that is on its way is not called back when
/// its task is cancelled: it will be paid for, and so its answer is waited for.
///
/// Cookies, `.netrc` and redirections are not followed: elsewhere than where the user said, the key
/// would be in other hands.
final class ChatTransport: Sendable {
  private let queue = RequestQueue()
  /// Why there is no thread to send requests.
  private let threadFailure: ThreadError?

  /// - Parameters:
  ///   - connectionCount: Requests on their way, and connections to the server, at a time; further
  ///     requests wait.
  ///   - timeout: Seconds in which nothing arrives, after which a request has failed.
  init(connectionCount: Int, timeout: Double) {
    // Each connection is an open file, of which a process may have 1,024 unless it asks for more.
    SystemProcess.allowOpenFiles(connectionCount + 128)
    // A connection that ends while TLS writes to it is an error, not the end of the process: SIGPIPE is
    // blocked there, as all signals are.
    do throws(ThreadError) {
      try BackgroundThread.start("chat") { [queue] in
        ConnectionPool(connectionCount: connectionCount, timeout: timeout).serve(queue)
      }
      threadFailure = nil
    } catch {
      threadFailure = error
    }
  }

  deinit { queue.close() }

  func send(_ request: ChatRequest) async throws(TransportFailure) -> ChatResponse {
    if let threadFailure { throw .hopeless("\(threadFailure)") }
    let result = await withCheckedContinuation { done in
      queue.add(RequestQueue.Entry(request: request, done: done))
    }
    return try result.get()
  }
}
