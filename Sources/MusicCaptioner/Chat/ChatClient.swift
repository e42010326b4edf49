import Foundation
import Synchronization

/// How requests are sent.
public struct ChatOptions: Options {
  /// The number of requests in flight at a time.
  public var concurrency = 8
  public var requestsPerMinute: Int?
  /// Prompts and answers together.
  public var tokensPerMinute: Int?
  /// A request fails after this many seconds without any data.
  public var timeoutSeconds = 120.0
  package var retries = RetrySchedule()
  /// The server's default if nil.
  public var temperature: Double?
  /// The longest answer in tokens; the server's own limit if nil.
  public var maximumTokens: Int?

  public init() {}

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    checks.check((1...1024).contains(concurrency), .concurrency, concurrency, "1 to 1024")
    for (key, limit) in [
      (CodingKeys.requestsPerMinute, requestsPerMinute), (.tokensPerMinute, tokensPerMinute),
      (.maximumTokens, maximumTokens),
    ] {
      if let limit { checks.check((1...1 << 40).contains(limit), key, limit, "1 or more") }
    }
    checks.check(
      (0.1...86_400).contains(timeoutSeconds), .timeoutSeconds, timeoutSeconds,
      "seconds, 0.1 to 86400")
    checks.include(retries, .retries)
    if let temperature {
      checks.check((0...10).contains(temperature), .temperature, temperature, "0 to 10")
    }
    return checks.problems
  }
}

/// Sends requests to a server within its limits, and retries when that may help.
final class ChatClient: Sendable {
  let server: ChatServer
  let options: ChatOptions
  private let transport: ChatTransport
  private let pacer: RequestPacer
  private let hasAnswered = Atomic(false)
  private let onRetry: @Sendable (String) -> Void

  /// - Parameter onRetry: Called with the reason before each retry.
  init(
    _ server: ChatServer, _ options: ChatOptions, onRetry: @escaping @Sendable (String) -> Void
  ) throws(OptionError) {
    try options.validate()
    self.server = server
    self.options = options
    self.onRetry = onRetry
    transport = ChatTransport(
      connectionCount: options.concurrency, timeout: options.timeoutSeconds)
    pacer = RequestPacer(
      requestsPerMinute: options.requestsPerMinute, tokensPerMinute: options.tokensPerMinute)
  }

  /// The outcome of a question.
  enum Outcome: Sendable {
    case answer(ChatAnswer)
    /// The server accepts other questions, but not this one; why.
    case refused(ChatError)
  }

  /// The result of one attempt.
  private enum Attempt {
    case outcome(Outcome)
    /// - Parameters:
    ///   - asked: The wait that the server asks for, in seconds.
    ///   - holdsAll: Whether the wait applies to all requests.
    case again(String, asked: Double?, holdsAll: Bool)
  }

  /// - Throws: `ChatError` if further requests are pointless; `CancellationError` if canceled while
  ///   no request is in flight.
  func ask(_ question: ChatQuestion, estimate: TokenCount) async throws -> Outcome {
    let request = makeRequest(question)
    var problem = ""
    for attempt in 0...options.retries.retryCount {
      try await pacer.admit(tokens: estimate.prompt + estimate.completion)
      try Task.checkCancellation()
      switch try await send(request, estimate) {
      case .outcome(let outcome): return outcome
      case .again(let text, let asked, let holdsAll):
        problem = text
        guard attempt < options.retries.retryCount else { break }
        let seconds = options.retries.delay(
          after: attempt, asked: asked, random: Double.random(in: 0..<1))
        onRetry("\(text); again in \(String(format: "%.1f", seconds)) s")
        if holdsAll { await pacer.hold(.seconds(seconds)) }
        try await Task.sleep(for: .seconds(seconds))
      }
    }
    throw ChatError(
      .gaveUp(attempts: options.retries.retryCount + 1, last: problem), server: server.name)
  }

  private func makeRequest(_ question: ChatQuestion) -> ChatRequest {
    var headers = [("Content-Type", "application/json")]
    if let key = server.key { headers.append(("Authorization", "Bearer \(key)")) }
    return ChatRequest(
      url: server.url.absoluteString, headers: headers,
      body: Array(question.body(model: server.model).utf8))
  }

  private func send(_ request: ChatRequest, _ estimate: TokenCount) async throws -> Attempt {
    let response: ChatResponse
    do throws(TransportFailure) {
      response = try await transport.send(request)
    } catch .hopeless(let why) {
      throw ChatError(.unreachable(server.quoted(why)), server: server.name)
    } catch {
      return .again(server.quoted(error.text), asked: nil, holdsAll: false)
    }
    guard response.status == 200 else { return try refusal(response) }
    guard let answer = ChatAnswer(body: response.body) else {
      let text = server.quoted(String(decoding: response.body.prefix(400), as: UTF8.self))
      return .again("found no chat completion but \"\(text)\"", asked: nil, holdsAll: false)
    }
    hasAnswered.store(true, ordering: .relaxed)
    if let prompt = answer.promptTokens, let completion = answer.completionTokens {
      await pacer.correct(
        estimate: estimate.prompt + estimate.completion, actual: prompt + completion)
    }
    return .outcome(.answer(answer))
  }

  private func refusal(_ response: ChatResponse) throws -> Attempt {
    let refusal = ChatRefusal(body: response.body)
    let message = server.quoted(refusal.message)
    let asked = RetrySchedule.asked(response.headers)
    let error = ChatError(
      .refused(status: response.status, message: message), server: server.name)
    switch response.status {
    // An account without credit gets the same status as too many requests.
    case 429 where refusal.code == "insufficient_quota": throw error
    case 408, 409, 425, 429, 500...599:
      return .again(
        "the server says \(response.status): \(message)", asked: asked,
        holdsAll: asked != nil && (response.status == 429 || response.status == 503))
    // If other questions were answered, the problem is with this track.
    case 400, 413, 422:
      guard hasAnswered.load(ordering: .relaxed) else { throw error }
      return .outcome(.refused(error))
    default: throw error
    }
  }
}
