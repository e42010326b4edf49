import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct ChatDialectTests {
  typealias Server = MisbehavingServer

  /// The parameters of a request.
  private static func parameters(_ request: Server.Request) -> Set<String> {
    let body = try? JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any]
    return Set((body ?? [:]).keys).subtracting(["model", "messages", "stream"])
  }

  private static func error(_ message: String) -> Server.Cue {
    if message.hasPrefix("{") { return .status(422, body: message) }
    let body = try? JSONSerialization.data(withJSONObject: ["error": ["message": message]])
    return .status(400, body: String(decoding: body ?? Data(), as: UTF8.self))
  }

  @Test(arguments: [
    "Unsupported parameter: 'max_tokens' is not supported with this model. "
      + "Use 'max_completion_tokens' instead.",
    "max_tokens is not supported, use max_completion_tokens",
    "max_tokens: Extra inputs are not permitted", "`max_tokens` is deprecated",
    #"{"detail":[{"loc":["body","max_tokens"],"msg":"Extra inputs are not permitted"}]}"#,
  ])
  func theLimitIsSentUnderTheNameThatTheServerWants(words: String) async throws {
    let server = try Server { _, request in
      let parameters = Self.parameters(request)
      if parameters.contains("max_tokens") { return Self.error(words) }
      if parameters.contains("temperature") {
        return Self.error(
          "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default "
            + "(1) value is supported.")
      }
      return .answer { $0 }
    }
    defer { server.close() }
    var options = ChatOptions()
    options.retries.retryCount = 0
    let events = Lines()
    let client = try ChatClient(
      ChatServer(endpoint: server.endpoint, model: "m"), options,
      onEvent: { events.add("\($0)") })
    let question = ChatQuestion(system: "", user: "waltz", temperature: 0.5, maximumTokens: 9)
    for _ in 0..<3 { _ = try await client.ask(question, estimate: TokenCount()) }
    #expect(
      server.requests.map(Self.parameters) == [
        ["max_tokens", "temperature"], ["max_completion_tokens", "temperature"],
        ["max_completion_tokens"], ["max_completion_tokens"], ["max_completion_tokens"],
      ])
    // Each change is reported once.
    #expect(events.texts.count == 2)
    #expect(events.texts.allSatisfy { $0.hasPrefix("change") })
  }

  @Test func aServerThatKnowsNoStreamsIsNotToldSo() async throws {
    let server = try Server { _, request in
      request.body.contains("\"stream\"") ? Self.error("Unknown parameter: stream") : .answer { $0 }
    }
    defer { server.close() }
    let client = try ChatClient(
      ChatServer(endpoint: server.endpoint, model: "m"), ChatOptions(), onEvent: { _ in })
    for _ in 0..<2 {
      _ = try await client.ask(ChatQuestion(system: "", user: "waltz"), estimate: TokenCount())
    }
    #expect(server.requestCount == 3)
  }

  private func expectRefusal(by server: Server, afterRequests count: Int) async throws {
    let client = try ChatClient(
      ChatServer(endpoint: server.endpoint, model: "m"), ChatOptions(), onEvent: { _ in })
    await #expect(throws: ChatError.self) {
      _ = try await client.ask(
        ChatQuestion(system: "", user: "waltz", temperature: 0.5, maximumTokens: 9),
        estimate: TokenCount())
    }
    #expect(server.requestCount == count)
  }

  @Test func aWrongValueIsNotAMissingParameter() async throws {
    for words in [
      "max_tokens is too large: 9. This model supports at most 4",
      "max_tokens or max_completion_tokens is too large: 9", "temperature: 0.5",
    ] {
      let server = try Server { _, _ in Self.error(words) }
      defer { server.close() }
      try await expectRefusal(by: server, afterRequests: 1)
    }
  }

  /// A server that refuses whatever is sent is not asked for ever.
  @Test func everyChangeIsMadeOnce() async throws {
    let server = try Server { _, _ in
      Self.error("unsupported: max_tokens, max_completion_tokens, temperature")
    }
    defer { server.close() }
    try await expectRefusal(by: server, afterRequests: 3)
  }
}
