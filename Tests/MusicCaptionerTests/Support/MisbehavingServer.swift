import Foundation
import Glibc
import Synchronization

/// A server of chat completions on loopback that behaves as it is told, one cue for each request.
///
/// Plain sockets on threads: what is tested is a client, so nothing here shares code with it.
final class MisbehavingServer: Sendable {
  enum Cue: Sendable {
    /// A good answer; what the model says, after so many seconds.
    case answer(@Sendable (String) -> String, after: Double = 0)
    /// A status with headers and a body.
    case status(Int, headers: [String: String] = [:], body: String = "")
    /// A good answer of which the second half never comes.
    case halfABody
    /// The connection is reset before anything is sent.
    case reset
    /// Nothing is ever sent.
    case silence
    /// A blank now and then, and never an answer.
    case drip
    /// A body that is compressed with gzip.
    case gzip([UInt8])
    /// Bytes that are no HTTP.
    case garbage
  }

  struct Request: Sendable {
    var headers: [String: String]
    var body: String
    /// The last message of the conversation.
    var content: String
    /// Seconds since the server began.
    var time: Double
  }

  private struct State {
    var requests: [Request] = []
    var count = 0
    var connectionCount = 0
    var active = 0
    var mostActive = 0
    var isClosed = false
  }

  let port: UInt16
  private let listener: Int32
  private let cue: @Sendable (Int, Request) -> Cue
  private let keepsRequests: Bool
  private let refusesTLS: Bool
  private let state = Mutex(State())
  private let acceptsNoMore = DispatchSemaphore(value: 0)
  private let start = ProcessInfo.processInfo.systemUptime

  /// - Parameters:
  ///   - keepsRequests: Whether `requests` tells of them later.
  ///   - refusesTLS: Whether a client that begins with TLS is told so, or the connection just ends.
  ///   - cue: What to do with a request, by its number from 0.
  init(
    keepsRequests: Bool = true, refusesTLS: Bool = true,
    _ cue: @escaping @Sendable (Int, Request) -> Cue
  ) throws {
    self.cue = cue
    self.keepsRequests = keepsRequests
    self.refusesTLS = refusesTLS
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    var bound = size
    let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, size) == 0 && listen(listener, 2048) == 0
          && getsockname(listener, address, &bound) == 0
      }
    }
    guard isOpen else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    port = UInt16(bigEndian: address.sin_port)
    let thread = Thread { [self] in
      accept()
      acceptsNoMore.signal()
    }
    thread.start()
  }

  var endpoint: String { "http://127.0.0.1:\(port)/v1" }
  var requestCount: Int { state.withLock(\.count) }
  /// Connections that were ever made.
  var connectionCount: Int { state.withLock(\.connectionCount) }
  var requests: [Request] { state.withLock(\.requests) }
  /// The most requests that were on their way at a time.
  var mostActive: Int { state.withLock(\.mostActive) }

  /// Call once.
  func close() {
    state.withLock { $0.isClosed = true }
    // Ends the waiting for connections. The descriptor's number is free for other files only when
    // the thread has looked at it for the last time.
    shutdown(listener, Int32(SHUT_RDWR))
    acceptsNoMore.wait()
    Glibc.close(listener)
  }

  /// A whole chat completion.
  static func completion(_ text: String) -> String {
    let object: [String: Any] = [
      "object": "chat.completion",
      "choices": [
        [
          "index": 0, "finish_reason": "stop",
          "message": ["role": "assistant", "content": text],
        ] as [String: Any]
      ],
      "usage": ["prompt_tokens": 40, "completion_tokens": 20],
    ]
    let data = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }

  private func accept() {
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      if state.withLock(\.isClosed) { return }
      guard connection >= 0 else { continue }
      state.withLock { $0.connectionCount += 1 }
      var one: Int32 = 1
      setsockopt(
        connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
      let thread = Thread { [self] in serve(connection) }
      thread.stackSize = 1 << 18
      thread.start()
    }
  }

  private func serve(_ connection: Int32) {
    var rest: [UInt8] = []
    while let request = readRequest(connection, &rest) {
      let number = state.withLock { state in
        state.active += 1
        state.mostActive = max(state.mostActive, state.active)
        if keepsRequests { state.requests.append(request) }
        state.count += 1
        return state.count - 1
      }
      let goesOn = perform(cue(number, request), request, connection)
      state.withLock { $0.active -= 1 }
      guard goesOn else { break }
    }
    Glibc.close(connection)
  }

  private func perform(_ cue: Cue, _ request: Request, _ connection: Int32) -> Bool {
    switch cue {
    case .answer(let text, let seconds):
      if seconds > 0 { usleep(UInt32(seconds * 1e6)) }
      let body = Self.completion(text(request.content))
      return send(connection, Self.head(200, body.utf8.count) + body)
    case .status(let status, let headers, let body):
      return send(connection, Self.head(status, body.utf8.count, headers) + body)
    case .halfABody:
      let body = Self.completion("half")
      _ = send(connection, Self.head(200, body.utf8.count) + body.prefix(body.count / 2))
      return false
    case .reset:
      var now = linger(l_onoff: 1, l_linger: 0)
      setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
      return false
    case .silence:
      while !state.withLock(\.isClosed) { usleep(20_000) }
      return false
    case .drip:
      var goesOn = send(connection, Self.head(200, 1 << 20))
      while goesOn, !state.withLock(\.isClosed) {
        usleep(50_000)
        goesOn = send(connection, " ")
      }
      return false
    case .gzip(let body):
      let head = Self.head(200, body.count, ["Content-Encoding": "gzip"])
      return send(connection, Array(head.utf8) + body)
    case .garbage:
      _ = send(connection, "what do you want?\r\n\r\n")
      return false
    }
  }

  private static func head(_ status: Int, _ length: Int, _ headers: [String: String] = [:])
    -> String
  {
    var lines = [
      "HTTP/1.1 \(status) Cue", "Content-Type: application/json", "Content-Length: \(length)",
    ]
    for (name, value) in headers { lines.append("\(name): \(value)") }
    return lines.joined(separator: "\r\n") + "\r\n\r\n"
  }

  private func send(_ connection: Int32, _ text: String) -> Bool {
    send(connection, Array(text.utf8))
  }

  private func send(_ connection: Int32, _ content: [UInt8]) -> Bool {
    var bytes = content[...]
    while !bytes.isEmpty {
      let sent = bytes.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      bytes = bytes.dropFirst(sent)
    }
    return true
  }

  private func readRequest(_ connection: Int32, _ rest: inout [UInt8]) -> Request? {
    let gap = Array("\r\n\r\n".utf8)
    while true {
      if let end = rest.indices.first(where: { rest[$0...].starts(with: gap) }) {
        let lines = String(decoding: rest[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1)
          if parts.count == 2 {
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
          }
        }
        if headers["expect"] != nil { _ = send(connection, "HTTP/1.1 100 Continue\r\n\r\n") }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while rest.count < end + 4 + length {
          guard receive(connection, &rest) else { return nil }
        }
        let body = Array(rest[(end + 4)..<(end + 4 + length)])
        rest.removeFirst(end + 4 + length)
        return Request(
          headers: headers, body: String(decoding: body, as: UTF8.self),
          content: Self.content(body), time: ProcessInfo.processInfo.systemUptime - start)
      }
      guard receive(connection, &rest) else { return nil }
    }
  }

  private func receive(_ connection: Int32, _ bytes: inout [UInt8]) -> Bool {
    var block = [UInt8](repeating: 0, count: 1 << 14)
    let count = block.withUnsafeMutableBytes { recv(connection, $0.baseAddress, $0.count, 0) }
    guard count > 0 else { return false }
    bytes += block[..<count]
    guard bytes.first == 0x16 else { return true }
    guard refusesTLS else { return false }
    // The beginning of TLS: a fatal alert, "handshake failure".
    let alert: [UInt8] = [0x15, 3, 3, 0, 2, 2, 40]
    _ = alert.withUnsafeBytes {
      Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    return false
  }

  private static func content(_ body: [UInt8]) -> String {
    guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
      let messages = object["messages"] as? [[String: Any]]
    else { return "" }
    return messages.last?["content"] as? String ?? ""
  }
}
