import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct ChatClientTests {
  typealias Server = MisbehavingServer

  private static let key = "sk-very-secret-0123456789"

  private static func client(
    _ server: Server, endpoint: String? = nil, _ change: (inout ChatOptions) -> Void = { _ in },
    onEvent: @escaping @Sendable (ChatClient.Event) -> Void = { _ in }
  ) throws -> ChatClient {
    var options = ChatOptions()
    options.retries.firstSeconds = 0.02
    options.retries.maximumSeconds = 0.1
    options.timeoutSeconds = 5
    change(&options)
    let chat = try ChatServer(endpoint: endpoint ?? server.endpoint, model: "small", key: key)
    return try ChatClient(chat, options, onEvent: onEvent)
  }

  private static func ask(_ client: ChatClient, _ words: String = "waltz") async throws
    -> ChatClient.Outcome
  {
    try await client.ask(
      ChatQuestion(system: "", user: words, temperature: 0.5, maximumTokens: 99),
      estimate: TokenCount(prompt: 20, completion: 40))
  }

  private static func text(_ outcome: ChatClient.Outcome) -> String? {
    guard case .answer(let answer) = outcome else { return nil }
    return answer.text
  }

  /// A server that does the given things one after another, and then answers.
  private static func server(_ cues: [Server.Cue]) throws -> Server {
    try Server { number, _ in number < cues.count ? cues[number] : .answer { "About " + $0 } }
  }

  @Test func aQuestionIsAskedAsTheProtocolWants() async throws {
    let server = try Self.server([])
    defer { server.close() }
    let outcome = try await Self.ask(Self.client(server), "a \"quoted\" waltz\n\u{1F3B5}")
    guard case .answer(let answer) = outcome else { return #expect(Bool(false)) }
    #expect(
      answer
        == ChatAnswer(
          text: "About a \"quoted\" waltz\n\u{1F3B5}", finishReason: "stop", promptTokens: 40,
          completionTokens: 20))
    let request = try #require(server.requests.first)
    #expect(request.headers["authorization"] == "Bearer \(Self.key)")
    #expect(request.headers["content-type"] == "application/json")
    let body = try #require(
      try JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any])
    #expect(body["model"] as? String == "small")
    #expect(body["temperature"] as? Double == 0.5)
    #expect(body["max_tokens"] as? Int == 99)
    #expect(body["stream"] as? Bool == false)
    #expect((body["messages"] as? [[String: String]])?.count == 1)
  }

  @Test func whatMayPassIsTriedAgain() async throws {
    let troubles: [(String, Server.Cue)] = [
      ("429", .status(429, body: #"{"error": {"message": "slow down"}}"#)),
      ("429 with Retry-After", .status(429, headers: ["Retry-After": "0"])),
      ("500", .status(500, body: "oops")),
      ("503", .status(503)),
      ("408", .status(408)),
      ("half a body", .halfABody),
      ("wrong JSON", .status(200, body: #"{"choices": 3}"#)),
      ("no JSON", .status(200, body: "<html>Welcome</html>")),
      ("nothing", .status(200)),
      ("a reset", .reset),
      ("garbage", .garbage),
    ]
    for (name, cue) in troubles {
      let server = try Self.server([cue, cue])
      defer { server.close() }
      let retries = Lines()
      let outcome = try await Self.ask(
        Self.client(server, onEvent: { retries.add("\($0)") }))
      #expect(Self.text(outcome) == "About waltz", "\(name)")
      #expect(server.requestCount == 3, "\(name)")
      #expect(retries.texts.count == 2, "\(name)")
    }
  }

  @Test func aSlowServerIsWaitedForAndASilentOneIsNot() async throws {
    let slow = try Server { _, _ in .answer({ $0 }, after: 0.4) }
    defer { slow.close() }
    #expect(Self.text(try await Self.ask(Self.client(slow))) == "waltz")
    let silent = try Self.server([.silence])
    defer { silent.close() }
    let retries = Lines()
    let client = try Self.client(silent, { $0.timeoutSeconds = 1 }) { retries.add("\($0)") }
    #expect(Self.text(try await Self.ask(client)) == "About waltz")
    #expect(retries.texts.first?.contains("no answer in time") == true)
  }

  @Test func retryAfterIsHonouredByAllRequests() async throws {
    let server = try Self.server([.status(429, headers: ["Retry-After": "1"])])
    defer { server.close() }
    let client = try Self.client(server)
    _ = try await Self.ask(client)
    let times = server.requests.map(\.time)
    #expect(times.count == 2 && times[1] - times[0] >= 1)
  }

  @Test func whatNeverPassesStopsWithTheServersWords() async throws {
    for (status, body, message) in [
      (
        401, #"{"error": {"message": "Incorrect API key: \#(Self.key)."}}"#,
        "Incorrect API key: ***."
      ),
      (404, #"{"error": "no such model"}"#, "no such model"),
      (400, #"{"message": "bad temperature"}"#, "bad temperature"),
      (
        429, #"{"error": {"message": "You are out of money.", "code": "insufficient_quota"}}"#,
        "You are out of money."
      ),
      (403, "<p>go\naway</p>", "<p>go away</p>"),
      (
        302, "",
        "it redirects to http://127.0.0.1:9/***; if that is right, use that address"
      ),
    ] {
      let server = try Server { _, _ in
        .status(status, headers: ["Location": "http://127.0.0.1:9/\(Self.key)"], body: body)
      }
      defer { server.close() }
      await #expect(
        throws: ChatError(
          .refused(status: status, message: message), server: "http://127.0.0.1:\(server.port)")
      ) { try await Self.ask(Self.client(server)) }
      #expect(server.requestCount == 1, "\(status)")
    }
  }

  @Test func oneQuestionMayBeRefusedWhereOthersWereAnswered() async throws {
    let server = try Server { number, _ in
      number == 1 ? .status(400, body: #"{"error": {"message": "filtered"}}"#) : .answer { $0 }
    }
    defer { server.close() }
    let client = try Self.client(server)
    _ = try await Self.ask(client)
    guard case .refused(let error) = try await Self.ask(client) else {
      return #expect(Bool(false))
    }
    #expect("\(error)".contains("filtered"))
    #expect(Self.text(try await Self.ask(client)) == "waltz")
  }

  @Test func theTryingHasAnEnd() async throws {
    let server = try Server { _, _ in .status(500, body: "\(Self.key) is ill") }
    defer { server.close() }
    let client = try Self.client(server) { $0.retries.retryCount = 2 }
    await #expect(
      throws: ChatError(
        .gaveUp(attempts: 3, last: "the server says 500: *** is ill"),
        server: "http://127.0.0.1:\(server.port)")
    ) { try await Self.ask(client) }
    #expect(server.requestCount == 3)
  }

  @Test func nobodyListeningIsSaid() async throws {
    let server = try Self.server([])
    server.close()
    let client = try Self.client(server) { $0.retries.retryCount = 1 }
    await #expect(throws: ChatError.self) { try await Self.ask(client) }
  }

  @Test func refusedTLSStopsAtOnce() async throws {
    let server = try Self.server([])
    defer { server.close() }
    let client = try Self.client(server, endpoint: "https://127.0.0.1:\(server.port)/v1")
    do {
      _ = try await Self.ask(client)
      #expect(Bool(false))
    } catch let error as ChatError {
      guard case .unreachable(let why) = error.reason else { throw error }
      #expect(why.contains("TLS"))
    }
  }

  @Test func requestsStayWithinTheMinutesLimit() async throws {
    let server = try Self.server([])
    defer { server.close() }
    // 1,200 a minute are 20 a second: 11 take half a second from first to last.
    let client = try Self.client(server) { $0.requestsPerMinute = 1_200 }
    let elapsed = try await ContinuousClock().measure {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<11 { group.addTask { _ = try await Self.ask(client) } }
        try await group.waitForAll()
      }
    }
    #expect(server.requestCount == 11)
    #expect(elapsed >= .seconds(0.5))
  }

  @Test func tokensStayWithinTheMinutesLimit() async throws {
    let server = try Self.server([])
    defer { server.close() }
    // Taken for 60 tokens, and that they are: 36,000 a minute are 10 such requests a second.
    let client = try Self.client(server) { $0.tokensPerMinute = 36_000 }
    let elapsed = try await ContinuousClock().measure {
      for _ in 0..<5 { _ = try await Self.ask(client) }
    }
    #expect(elapsed >= .seconds(0.4))
  }

  @Test func azureGetsItsKeyInItsOwnHeader() throws {
    let endpoint = "https://a.openai.azure.com/openai/deployments/d"
    let azure = try ChatServer(endpoint: endpoint + "?api-version=1", model: "m", key: "k")
    #expect(azure.authorization.map { "\($0)" } == "(\"api-key\", \"k\")")
    let other = try ChatServer(endpoint: endpoint, model: "m", key: "k")
    #expect(other.authorization.map { "\($0)" } == "(\"Authorization\", \"Bearer k\")")
  }

  @Test func aBaseWithoutItsVersionIsPointedOut() async throws {
    for (path, body, hint) in [
      ("", "404 page not found", "; perhaps the address is http://HOST/v1"),
      ("/api", "<html>no</html>", "; perhaps the address is http://HOST/api/v1"),
      ("/v1", "404 page not found", nil),
      ("", #"{"error": {"message": "The model `small` does not exist"}}"#, nil),
      (
        "", #"{"error": "Unexpected endpoint or method. (POST /chat/completions)"}"#,
        "; perhaps the address is http://HOST/v1"
      ),
    ] as [(String, String, String?)] {
      let server = try Server { _, _ in
        .status(body.contains("Unexpected") ? 200 : 404, body: body)
      }
      defer { server.close() }
      let host = "127.0.0.1:\(server.port)"
      do {
        _ = try await Self.ask(Self.client(server, endpoint: "http://\(host)\(path)"))
        Issue.record("no error")
      } catch let error as ChatError {
        let found = "\(error)"
        #expect(found.hasSuffix(hint?.replacing("HOST", with: host) ?? found), "\(found)")
        #expect(found.contains("perhaps the address") == (hint != nil), "\(found)")
      }
    }
  }

  @Test func aWebPageInPlaceOfAnAnswerIsCalledOne() async throws {
    let server = try Server { _, _ in .status(200, body: "\n<!DOCTYPE html><p>Welcome</p>") }
    defer { server.close() }
    let client = try Self.client(server, endpoint: "http://127.0.0.1:\(server.port)") {
      $0.retries.retryCount = 0
    }
    do {
      _ = try await Self.ask(client)
      Issue.record("no error")
    } catch {
      #expect("\(error)".contains("a web page, not a chat completion; perhaps the address is "))
    }
  }

  /// A server that once gives this answer with status 200, and then a good one.
  private static func expectAnotherTry(after body: String) async throws {
    let server = try server([.status(200, body: body)])
    defer { server.close() }
    let retries = Lines()
    let client = try client(server, onEvent: { retries.add("\($0)") })
    #expect(text(try await ask(client)) == "About waltz")
    #expect(retries.texts.first?.contains("the server says 429: slow down") == true)
  }

  @Test func anErrorThatCallsItselfASuccessIsAnError() async throws {
    let slow = #"{"error": {"code": 429, "message": "slow down"}}"#
    try await Self.expectAnotherTry(after: slow)
    let missing = #"{"error": {"code": 404, "message": "no such model"}}"#
    let refusing = try Server { _, _ in .status(200, body: missing) }
    defer { refusing.close() }
    await #expect(throws: ChatError.self) { try await Self.ask(Self.client(refusing)) }
    #expect(refusing.requestCount == 1)
  }

  @Test func anErrorWithinAStreamCountsAsIfItHadItsStatus() async throws {
    for (error, status) in [
      (#"{"message": "pay", "code": 402}"#, 402), (#"{"message": "who?", "code": 401}"#, 401),
      (#"{"message": "who?", "code": "invalid_api_key"}"#, 401),
      (#"{"message": "pay", "code": "insufficient_quota"}"#, 429),
      (#"{"message": "pay", "type": "insufficient_quota", "code": 429}"#, 429),
    ] {
      let chunk = #"data: {"choices": [{"delta": {"content": "A "}}]}"#
      for body in ["\(chunk)\n\ndata: {\"error\": \(error)}\n\n", "{\"error\": \(error)}"] {
        let server = try Server { _, _ in .status(200, body: body) }
        defer { server.close() }
        do {
          _ = try await Self.ask(Self.client(server))
          Issue.record("no error")
        } catch let error as ChatError {
          guard case .refused(status, _) = error.reason else { throw error }
        }
        #expect(server.requestCount == 1)
      }
    }
    let slow = #"data: {"error": {"code": 429, "message": "slow down"}}"#
    try await Self.expectAnotherTry(after: slow)
  }

  @Test func anEmptyBodyIsCalledOne() async throws {
    let server = try Self.server([.status(200)])
    defer { server.close() }
    let retries = Lines()
    _ = try await Self.ask(Self.client(server, onEvent: { retries.add("\($0)") }))
    #expect(retries.texts.first?.contains("found an empty body, not a chat completion") == true)
  }

  /// Where the key stands so far back that the message is cut in it, or is written with escapes.
  @Test func theKeyIsRemovedBeforeAMessageIsCut() async throws {
    let escaped = Self.key.replacing("-", with: "\\u002d").replacing("s", with: "%73")
    for (status, body) in [
      (200, String(repeating: " ", count: 360) + Self.key),
      (200, String(repeating: "x ", count: 140) + Self.key),
      (500, String(repeating: " ", count: 4_060) + Self.key), (500, escaped),
      (400, "{\"error\": \"\(escaped)\"}"), (500, String(Self.key.dropLast(3))),
    ] {
      let server = try Server { _, _ in .status(status, body: body) }
      defer { server.close() }
      do {
        _ = try await Self.ask(Self.client(server) { $0.retries.retryCount = 0 })
        Issue.record("no error")
      } catch {
        #expect(!"\(error)".contains("very-secret"), "\(error)")
        #expect(!"\(error)".contains("secret-0123"), "\(error)")
        #expect(!"\(error)".contains("\\u002d"), "\(error)")
      }
    }
    let echo = try Server { _, _ in .answer { _ in "Bearer \(Self.key)" } }
    defer { echo.close() }
    #expect(Self.text(try await Self.ask(Self.client(echo))) == "Bearer ***")
  }

  @Test func waitsGrowAndHaveChanceInThem() {
    let schedule = RetrySchedule()
    #expect(schedule.delay(after: 0, asked: nil, random: 0) == 0.5)
    #expect(schedule.delay(after: 3, asked: nil, random: 0) == 4)
    #expect(schedule.delay(after: 3, asked: nil, random: 0.5) == 6)
    #expect(schedule.delay(after: 90, asked: nil, random: 0) == 30)
    #expect(schedule.delay(after: 0, asked: 20, random: 0) == 20)
    #expect(schedule.delay(after: 0, asked: 1e300, random: 0) == 3600)
  }

  @Test func addressesAreCompletedOrRefused() throws {
    func url(_ endpoint: String) throws -> String {
      try ChatServer(endpoint: endpoint, model: "m").url.absoluteString
    }
    #expect(try url("http://localhost:8080/v1") == "http://localhost:8080/v1/chat/completions")
    #expect(try url("http://localhost:8080/v1/") == "http://localhost:8080/v1/chat/completions")
    #expect(
      try url("https://a.example/v1/chat/completions") == "https://a.example/v1/chat/completions")
    // Azure's version of the interface stays behind the path.
    #expect(
      try url("https://a.openai.azure.com/openai/deployments/d?api-version=2024-10-21")
        == "https://a.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"
    )
    #expect(
      try url("https://a.example/v1beta/openai//")
        == "https://a.example/v1beta/openai/chat/completions")
    #expect(try url("http://a.example") == "http://a.example/chat/completions")
    #expect(
      try url("http://a.example/v1/chat/completions/") == "http://a.example/v1/chat/completions")
    for endpoint in ["", "localhost", "ftp://a", "http://me:secret@a.example/v1", "http://"] {
      #expect(throws: OptionError.self, "\(endpoint)") { try url(endpoint) }
    }
    #expect(throws: OptionError.self) {
      try ChatServer(endpoint: "http://a", model: "m", key: "a\r\nX: b")
    }
  }
}
