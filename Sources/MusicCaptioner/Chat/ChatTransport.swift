import Foundation

/// A POST request to a server.
struct ChatRequest: Sendable {
  var url: String
  /// Names and values, without line breaks.
  var headers: [(String, String)]
  var body: [UInt8]
}

/// A server's response.
struct ChatResponse: Sendable {
  var status: Int
  /// Names in lower case.
  var headers: [String: String]
  var body: [UInt8]
}

/// Why there is no usable response.
enum TransportFailure: Error, Equatable {
  /// It may work next time; what happened.
  case broken(String)
  /// It will not work next time either; what happened.
  case hopeless(String)

  var text: String {
    switch self {
    case .broken(let text), .hopeless(let text): text
    }
  }
}

/// Sends requests and collects the responses. Canceling a task does not cancel its request in
/// flight: it will be charged for, so its response is awaited, but no longer than half a minute.
///
/// Cookies and `.netrc` are not used and redirections not followed: they could send the key to a
/// server that the user didn't name.
final class ChatTransport: Sendable {
  private let queue = RequestQueue()
  /// Why there is no thread for sending requests.
  private let threadFailure: ThreadError?

  /// - Parameters:
  ///   - connectionCount: The number of requests in flight, and of connections to the server;
  ///     further requests wait.
  ///   - timeout: A request fails after this many seconds without any data, and after five times as
  ///     many in any case.
  init(connectionCount: Int, timeout: Double) {
    // Each connection is an open file, and a process may only have 1,024 unless it asks for more.
    SystemProcess.allowOpenFiles(connectionCount + 128)
    // A connection that closes while TLS writes to it must be an error, not the end of the process:
    // SIGPIPE is blocked on this thread, like all signals.
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
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { done in
        queue.add(RequestQueue.Entry(request: request, done: done))
      }
    } onCancel: {
      queue.hurry()
    }
    return try result.get()
  }
}
