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
  /// Whether the body has an error in one of the usual shapes.
  package private(set) var isError = false

  package init(body: [UInt8]) {
    let text = String(decoding: body, as: UTF8.self)
    let blank: Set<UInt8> = [0x09, 0x0A, 0x0D, 0x20]
    isPage = body.first { !blank.contains($0) } == UInt8(ascii: "<")
    message = text.trimmingASCIIWhitespace().isEmpty ? "without a word" : text
    guard let fields = ChatAnswer.object(body) else { return }
    for name in ["message", "detail"] {
      switch fields[name] {
      case .text(let text): message = text
      // FastAPI lists what is wrong with the fields of a request.
      case .list(let problems):
        let texts = problems.compactMap { problem in
          if case .text(let text)? = problem["msg"] { text } else { nil as String? }
        }
        if !texts.isEmpty { message = texts.joined(separator: "; ") }
      default: continue
      }
    }
    read(fields["error"])
    if case .list(let choices)? = fields["choices"] { read(choices.first?["error"]) }
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
      status = error["code"]?.integer ?? code.flatMap { Int($0) }
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
