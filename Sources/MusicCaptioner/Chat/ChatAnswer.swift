/// A model's answer as received, and its token count.
package struct ChatAnswer: Sendable, Equatable {
  package var text: String
  /// Why the model stopped, as the server puts it: "stop", "length".
  package var finishReason: String?
  package var promptTokens: Int?
  package var completionTokens: Int?
}

extension ChatAnswer {
  /// Reads the body of a `chat.completion`; nil for anything else.
  package init?(body: [UInt8]) {
    guard let fields = Self.object(body), case .list(let choices)? = fields["choices"],
      let choice = choices.first, let message = choice["message"], case .object = message
    else { return nil }
    switch message["content"] {
    case .text(let content): text = content
    case .list(let parts):
      text = parts.map { part in
        if case .text(let text)? = part["text"] { text } else { "" }
      }.joined()
    case .null?: text = ""
    default: return nil
    }
    if case .text(let reason)? = choice["finish_reason"] { finishReason = reason }
    promptTokens = Self.count(fields["usage"]?["prompt_tokens"])
    completionTokens = Self.count(fields["usage"]?["completion_tokens"])
  }

  private static func count(_ value: JSONValue?) -> Int? {
    value?.integer.flatMap { (0...1 << 32).contains($0) ? $0 : nil }
  }

  /// The first object in a body; nil if it is cut off or not JSON.
  fileprivate static func object(_ body: [UInt8]) -> JSONObject? {
    var found: JSONObject?
    do throws(FileError) {
      var reader = JSONReader(try ByteReader(body, name: "answer"))
      while let element = try reader.nextElement() {
        guard case .object(let object) = element.value else { return nil }
        found = found ?? object
      }
    } catch {
      return nil
    }
    return found
  }
}

/// A server's error message in place of an answer.
package struct ChatRefusal: Sendable, Equatable {
  package var message: String
  /// A short code for the reason, such as "insufficient_quota".
  package var code: String?

  package init(body: [UInt8]) {
    let text = String(decoding: body.prefix(4_096), as: UTF8.self)
    message = text.trimmingASCIIWhitespace().isEmpty ? "without a word" : text
    guard let fields = ChatAnswer.object(body) else { return }
    for name in ["message", "detail"] {
      if case .text(let text)? = fields[name] { message = text }
    }
    switch fields["error"] {
    case .text(let text): message = text
    case .object(let error):
      if case .text(let text)? = error["message"] { message = text }
      if case .text(let text)? = error["code"] { code = text }
    default: break
    }
  }
}
