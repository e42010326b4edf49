import Foundation
import Synchronization

/// How requests are sent.
public struct ChatOptions: Options {
  /// The number of requests in flight at a time.
  public var concurrency = 8
  public var requestsPerMinute: Int?
  /// Prompts and answers together.
  public var tokensPerMinute: Int?
  /// A request fails after this many seconds without any data, and after five times as many in any
  /// case.
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
  private let dialect = Mutex(ChatDialect())
  private let onEvent: @Sendable (Event) -> Void

  enum Event: Sendable {
    /// A request will be sent again; why.
    case retry(String)
    /// All further requests are sent in another form; what changes, and why.
    case change(String)
  }

  init(
    _ server: ChatServer, _ options: ChatOptions, onEvent: @escaping @Sendable (Event) -> Void
  ) throws(OptionError) {
    try options.validate()
    self.server = server
    self.options = options
    self.onEvent = onEvent
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
    /// To be sent again at once, in another form.
    case otherForm
  }

  /// - Throws: `ChatError` if further requests are pointless; `CancellationError` if canceled while
  ///   no request is in flight.
  func ask(_ question: ChatQuestion, estimate: TokenCount) async throws -> Outcome {
    var problem = ""
    var attempt = 0
    while attempt <= options.retries.retryCount {
      try await pacer.admit(tokens: estimate.prompt + estimate.completion)
      try Task.checkCancellation()
      switch try await send(question, estimate) {
      case .outcome(let outcome): return outcome
      case .otherForm: continue
      case .again(let text, let asked, let holdsAll):
        problem = text
        attempt += 1
        guard attempt <= options.retries.retryCount else { break }
        let seconds = options.retries.delay(
          after: attempt - 1, asked: asked, random: Double.random(in: 0..<1))
        onEvent(.retry("\(text); again in \(String(format: "%.1f", seconds)) s"))
        if holdsAll { await pacer.hold(.seconds(seconds)) }
        try await Task.sleep(for: .seconds(seconds))
      }
    }
    throw ChatError(
      .gaveUp(attempts: options.retries.retryCount + 1, last: problem), server: server.name)
  }

  private func send(_ question: ChatQuestion, _ estimate: TokenCount) async throws -> Attempt {
    let dialect = dialect.withLock { $0 }
    var headers = [("Content-Type", "application/json")]
    if let authorization = server.authorization { headers.append(authorization) }
    let request = ChatRequest(
      url: server.url.absoluteString, headers: headers,
      body: Array(question.body(model: server.model, dialect: dialect).utf8))
    let response: ChatResponse
    do throws(TransportFailure) {
      response = try await transport.send(request)
    } catch .hopeless(let why) {
      throw ChatError(.unreachable(server.quoted(why)), server: server.name)
    } catch {
      return .again(server.quoted(error.text), asked: nil, holdsAll: false)
    }
    let refusal = ChatRefusal(body: response.body)
    var status = response.status
    if status == 200 {
      guard refusal.isError else { return await outcome(of: response, refusal, estimate) }
      // Some servers call everything a success.
      status = refusal.status.flatMap { (400...599).contains($0) ? $0 : nil } ?? 500
    }
    if [400, 422].contains(status), let change = dialect.adapted(to: refusal.message, question) {
      return adapt(from: dialect, to: change)
    }
    return try outcome(of: refusal, status: status, response.headers)
  }

  /// Other requests may have been refused for the same reason: the change is reported once.
  private func adapt(
    from former: ChatDialect, to change: (dialect: ChatDialect, change: String)
  ) -> Attempt {
    let isNew = dialect.withLock { dialect in
      guard dialect == former else { return false }
      dialect = change.dialect
      return true
    }
    if isNew { onEvent(.change(change.change)) }
    return .otherForm
  }

  /// The outcome of a response with status 200 and no error in it.
  ///
  /// - Parameter refusal: What the body says if it isn't an answer.
  private func outcome(
    of response: ChatResponse, _ refusal: ChatRefusal, _ estimate: TokenCount
  ) async -> Attempt {
    guard var answer = ChatAnswer(body: response.body) else {
      let text =
        refusal.isPage
        ? "found a web page, not a chat completion\(hint)"
        : refusal.isEmpty
          ? "found an empty body, not a chat completion"
          : "found no chat completion but \"\(server.quoted(refusal.message))\""
      return .again(text, asked: nil, holdsAll: false)
    }
    // A server that repeats the request's header in its answer must not bring the key into a file.
    answer.text = server.maskedAnswer(answer.text)
    answer.absence = answer.absence.map(server.quoted)
    answer.finishReason = answer.finishReason.map(server.quoted)
    hasAnswered.store(true, ordering: .relaxed)
    if let prompt = answer.promptTokens, let completion = answer.completionTokens {
      await pacer.correct(
        estimate: estimate.prompt + estimate.completion, actual: prompt + completion)
    }
    return .outcome(.answer(answer))
  }

  /// Another address to try, for a message.
  private var hint: String {
    server.likelierBase.map { "; perhaps the address is \($0)" } ?? ""
  }

  private func outcome(
    of refusal: ChatRefusal, status: Int, _ headers: [String: String]
  ) throws -> Attempt {
    // A page that blocks says why; others say nothing.
    var message = server.quoted(refusal.isPage && status != 403 ? "a web page" : refusal.message)
    switch status {
    case 300..<400:
      if let place = headers["location"] {
        message = "it redirects to \(server.quoted(place)); if that is right, use that address"
      }
    // Servers also say 404 for a model that they don't have.
    case 404, 405:
      if !message.lowercased().contains("model") { message += hint }
    default: break
    }
    let error = ChatError(.refused(status: status, message: message), server: server.name)
    switch status {
    // An account without credit gets the same status as too many requests.
    case 429 where refusal.code == "insufficient_quota": throw error
    case 408, 409, 425, 429, 500...599:
      let asked = RetryAfter.seconds(headers) ?? refusal.wait
      return .again(
        "the server says \(status): \(message)", asked: asked,
        holdsAll: asked != nil && (status == 429 || status == 503))
    // If other questions were answered, the problem is with this track.
    case 400, 413, 422:
      guard hasAnswered.load(ordering: .relaxed) else { throw error }
      return .outcome(.refused(error))
    default: throw error
    }
  }
}
