/// A server's error message in place of an answer.
package struct ChatRefusal: Sendable, Equatable {
  package var message: String
  /// A short code for the reason, such as "insufficient_quota".
  package var code: String?
  /// The status in the body of a response that calls itself successful.
  package var status: Int?
  /// The wait that the body asks for, as Google's servers do, in seconds.
  package var wait: Double?
  /// Whether the body is a web page.
  package let isPage: Bool
  /// Whether the body has nothing in it.
  let isEmpty: Bool
  /// Whether the body has an error in one of the usual shapes.
  package private(set) var isError = false

  package init(body: [UInt8]) {
    let text = String(decoding: body, as: UTF8.self)
    let blank: Set<UInt8> = [0x09, 0x0A, 0x0D, 0x20]
    isPage = body.first { !blank.contains($0) } == UInt8(ascii: "<")
    isEmpty = text.trimmingASCIIWhitespace().isEmpty
    message = isEmpty ? "without a word" : text
    if let fields = ChatAnswer.object(body) {
      read(fields)
    } else {
      // A stream may end in an error.
      for event in ChatAnswer.events(body) where !isError { read(event) }
    }
  }

  private mutating func read(_ fields: JSONObject) {
    for name in ["message", "detail"] {
      readProblems(fields[name])
      readProblems(fields[name]?["detail"])
    }
    // Older versions of vLLM have no object around their error.
    if case .text("error")? = fields["object"] { read(.object(fields)) }
    read(fields["error"])
    if case .list(let choices)? = fields["choices"] { read(choices.first?["error"]) }
  }

  /// FastAPI lists what is wrong with the fields of a request, and where.
  private mutating func readProblems(_ value: JSONValue?) {
    switch value {
    case .text(let text): message = text
    case .list(let problems):
      let texts = problems.compactMap { problem -> String? in
        guard case .text(let text)? = problem["msg"] else { return nil }
        guard case .list(let steps)? = problem["loc"] else { return text }
        let place = steps.compactMap { step -> String? in
          if case .text(let name) = step { return name == "body" ? nil : name }
          return step.integer.map { "\($0)" }
        }
        return place.isEmpty ? text : "\(place.joined(separator: ".")): \(text)"
      }
      if !texts.isEmpty { message = texts.joined(separator: "; ") }
    default: break
    }
  }

  /// The statuses that belong to the names of errors, for a body without a number.
  private static let statuses = [
    "insufficient_quota": 429, "rate_limit_exceeded": 429, "rate_limit_error": 429,
    "invalid_api_key": 401, "authentication_error": 401, "billing_error": 402,
    "permission_error": 403, "model_not_found": 404, "not_found_error": 404,
    "context_length_exceeded": 400, "overloaded_error": 503,
  ]

  private static func words(_ message: String) -> [Substring] {
    message.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
  }

  /// Whether a message names a parameter: as a word, since "n" is in most of them, or with its brackets.
  private static func names(_ parameter: String, in message: String) -> Bool {
    words(parameter) == [parameter[...]]
      ? words(message).contains(parameter[...]) : message.contains(parameter)
  }

  private mutating func read(_ error: JSONValue?) {
    switch error {
    case .text(let text) where !text.isEmpty:
      message = text
      isError = true
      // LM Studio calls everything a success.
      if text.hasPrefix("Unexpected endpoint") { status = 404 }
    case .object(let error):
      isError = true
      if case .text(let text)? = error["message"] { message = text }
      if case .text(let text)? = error["code"] { code = text }
      if case .text(let parameter)? = error["param"], !parameter.isEmpty,
        !Self.names(parameter, in: message)
      {
        message = "\(parameter): \(message)"
      }
      let type: String? = if case .text(let type)? = error["type"] { type } else { nil }
      if type == "insufficient_quota" { code = type }
      status =
        error["code"]?.integer ?? code.flatMap { Int($0) } ?? error["status"]?.integer
        ?? Self.statuses[code ?? ""] ?? Self.statuses[type ?? ""]
      guard case .list(let details)? = error["details"] else { return }
      for detail in details {
        if case .text(let text)? = detail["retryDelay"] {
          wait = RetryAfter.seconds(ofDuration: text)
        }
      }
    default: break
    }
  }
}
