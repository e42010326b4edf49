import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

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
final class ChatTransport: Sendable {
  /// A session and how many requests it has been given.
  private struct Current {
    let session: URLSession
    let delegate: Delegate
    var requestCount = 0
  }

  private let connectionCount: Int
  private let timeout: Double
  private let current: Mutex<Current>

  /// A session keeps some 200 bytes of every request that it ever had: after so many, the next ones
  /// get a new session, and the old one ends with its last answer.
  private static let requestsOfASession = 5_000

  /// - Parameters:
  ///   - connectionCount: Connections to the server at a time.
  ///   - timeout: Seconds in which nothing arrives, after which a request has failed.
  init(connectionCount: Int, timeout: Double) {
    self.connectionCount = connectionCount
    self.timeout = timeout
    current = Mutex(Self.begin(connectionCount, timeout))
  }

  deinit { current.withLock { $0.session.finishTasksAndInvalidate() } }

  private static func begin(_ connectionCount: Int, _ timeout: Double) -> Current {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpMaximumConnectionsPerHost = connectionCount
    configuration.timeoutIntervalForRequest = timeout
    configuration.urlCache = nil
    configuration.httpCookieStorage = nil
    configuration.httpShouldSetCookies = false
    let delegate = Delegate()
    return Current(
      session: URLSession(configuration: configuration, delegate: delegate, delegateQueue: nil),
      delegate: delegate)
  }

  func send(_ request: URLRequest) async throws(TransportFailure) -> ChatResponse {
    let (task, delegate) = current.withLock { current in
      if current.requestCount == Self.requestsOfASession {
        current.session.finishTasksAndInvalidate()
        current = Self.begin(connectionCount, timeout)
      }
      current.requestCount += 1
      return (current.session.dataTask(with: request), current.delegate)
    }
    let result = await withCheckedContinuation { continuation in
      delegate.add(task, continuation)
      task.resume()
    }
    return try result.get()
  }
}

extension ChatTransport {
  private final class Delegate: NSObject, URLSessionDataDelegate {
    private struct Exchange {
      let done: CheckedContinuation<Result<ChatResponse, TransportFailure>, Never>
      var body: [UInt8] = []
      var isTooLarge = false
    }

    private let exchanges = Mutex<[Int: Exchange]>([:])
    /// An answer is a few hundred bytes; a server that never ends must not fill the memory.
    private static let maximumBytes = 8 << 20

    func add(
      _ task: URLSessionTask,
      _ continuation: CheckedContinuation<Result<ChatResponse, TransportFailure>, Never>
    ) {
      exchanges.withLock { $0[task.taskIdentifier] = Exchange(done: continuation) }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
      let isTooLarge = exchanges.withLock { exchanges in
        let identifier = dataTask.taskIdentifier
        exchanges[identifier]?.body.append(contentsOf: data)
        guard exchanges[identifier]?.body.count ?? 0 > Self.maximumBytes else { return false }
        exchanges[identifier]?.isTooLarge = true
        return true
      }
      if isTooLarge { dataTask.cancel() }
    }

    /// Elsewhere than where the user said, the key would be in other hands.
    func urlSession(
      _ session: URLSession, task: URLSessionTask,
      willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
      completionHandler: @escaping (URLRequest?) -> Void
    ) {
      completionHandler(nil)
    }

    func urlSession(
      _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
    ) {
      let identifier = task.taskIdentifier
      guard let exchange = exchanges.withLock({ $0.removeValue(forKey: identifier) }) else {
        return
      }
      if exchange.isTooLarge {
        exchange.done.resume(returning: .failure(.hopeless("an answer of more than 8 MiB")))
      } else if let error {
        exchange.done.resume(returning: .failure(Self.failure(error)))
      } else if let response = task.response as? HTTPURLResponse {
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
          if let name = name as? String, let value = value as? String {
            headers[name.lowercased()] = value
          }
        }
        exchange.done.resume(
          returning: .success(
            ChatResponse(status: response.statusCode, headers: headers, body: exchange.body)))
      } else {
        exchange.done.resume(returning: .failure(.broken("an answer that isn't HTTP")))
      }
    }

    private static func failure(_ error: any Error) -> TransportFailure {
      guard let code = (error as? URLError)?.code else { return .broken("the connection failed") }
      switch code {
      case .timedOut: return .broken("no answer in time")
      case .cannotFindHost, .dnsLookupFailed: return .broken("the host isn't found")
      case .cannotConnectToHost: return .broken("nobody listens there")
      case .networkConnectionLost: return .broken("the connection broke off")
      case .notConnectedToInternet: return .broken("no network")
      case .serverCertificateUntrusted, .serverCertificateHasBadDate,
        .serverCertificateNotYetValid, .serverCertificateHasUnknownRoot,
        .clientCertificateRejected, .clientCertificateRequired:
        return .hopeless("TLS: \(error.localizedDescription)")
      default:
        // On Linux, most of what goes wrong with TLS comes as an unknown error with libcurl's words.
        // A connection that merely ends meanwhile may do better next time.
        let words = error.localizedDescription
        let isTLS = words.contains("SSL") || words.contains("certificate")
        if isTLS && !words.contains("eof") && !words.contains("SYSCALL") {
          return .hopeless("TLS: \(words)")
        }
        return .broken("the connection failed: \(words)")
      }
    }
  }
}
