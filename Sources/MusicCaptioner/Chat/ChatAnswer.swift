/// A model's answer as received, and its token count.
package struct ChatAnswer: Sendable, Equatable {
  package var text: String
  /// Why there is no text, if the server says: a refusal, a tool call, only reasoning.
  package var absence: String?
  /// Why the model stopped, as the server puts it: "stop", "length".
  package var finishReason: String?
  package var promptTokens: Int?
  package var completionTokens: Int?
}

extension ChatAnswer {
  /// Whether the model was stopped at the limit of tokens, in the words of OpenAI, Mistral and
  /// others.
  package var isCut: Bool {
    ["length", "max_tokens", "max_output_tokens", "model_length"].contains(
      finishReason?.lowercased() ?? "")
  }

  /// Whether the server held back the answer or its end.
  package var isWithheld: Bool {
    ["content_filter", "safety", "recitation", "prohibited_content"].contains(
      finishReason?.lowercased() ?? "")
  }

  /// Reads the body of a `chat.completion`, or the chunks of one that is streamed although that was
  /// declined; nil for anything else.
  package init?(body: [UInt8]) {
    if let fields = Self.object(body) {
      self.init(fields)
    } else {
      self.init(stream: body)
    }
  }

  private init?(_ fields: JSONObject) {
    guard case .list(let choices)? = fields["choices"], let choice = choices.first,
      let message = choice["message"], case .object = message,
      let text = Self.text(of: message["content"] ?? .null)
    else { return nil }
    // A message without content, reasoning or anything else that explains its absence is damaged.
    let absence = text.isEmpty ? Self.absence(in: message) : nil
    guard message["content"] != nil || absence != nil else { return nil }
    self.init(text: text, absence: absence)
    if case .text(let reason)? = choice["finish_reason"] { finishReason = reason }
    readTokens(fields["usage"])
  }

  private mutating func readTokens(_ usage: JSONValue?) {
    func count(_ value: JSONValue?) -> Int? {
      value?.integer.flatMap { (0...1 << 32).contains($0) ? $0 : nil }
    }
    promptTokens = count(usage?["prompt_tokens"]) ?? promptTokens
    completionTokens = count(usage?["completion_tokens"]) ?? completionTokens
  }

  /// The text of a message's content: a text, or a list of parts, of which those with reasoning
  /// don't count. Nil for anything else.
  private static func text(of content: JSONValue) -> String? {
    switch content {
    case .text(let text): text
    case .null: ""
    case .list(let parts): parts.map { Self.text(ofPart: $0) }.joined()
    default: nil
    }
  }

  private static func text(ofPart part: JSONValue) -> String {
    if case .text(let text) = part { return text }
    if isReasoning(part) { return "" }
    if case .text(let text)? = part["text"] { return text }
    return ""
  }

  /// Whether a part of an answer is none of its text.
  private static func isReasoning(_ part: JSONValue) -> Bool {
    guard case .text(let type)? = part["type"] else { return false }
    return type != "text" && type != "output_text"
  }

  private static func absence(in message: JSONValue) -> String? {
    if case .text(let text)? = message["refusal"], !text.isEmpty {
      return "the model refuses: \(text)"
    }
    if case .list(let calls)? = message["tool_calls"], !calls.isEmpty { return "a tool call" }
    if case .object? = message["function_call"] { return "a tool call" }
    if case .list(let parts)? = message["content"] {
      for part in parts {
        if case .text(let text)? = part["refusal"], !text.isEmpty {
          return "the model refuses: \(text)"
        }
      }
      if parts.contains(where: { isReasoning($0) }) { return "nothing but reasoning" }
    }
    let fields = ["reasoning_content", "reasoning", "thinking", "reasoning_details"]
    for field in fields {
      switch message[field] {
      case .text(let text)? where !text.isEmpty: return "nothing but reasoning"
      case .list(let parts)? where !parts.isEmpty: return "nothing but reasoning"
      default: continue
      }
    }
    return nil
  }

  /// The first object in a body; nil if it is cut off or not JSON.
  static func object(_ body: [UInt8]) -> JSONObject? {
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

extension ChatAnswer {
  /// What the lines of a stream have after "data:".
  private static func data(_ body: [UInt8]) -> some Sequence<[UInt8]> {
    body.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).lazy
      .filter { $0.starts(with: "data:".utf8) }
      .map { Array($0.dropFirst(5).drop { $0 == 0x20 }) }
  }

  /// The events of a stream; none if it isn't one.
  static func events(_ body: [UInt8]) -> [JSONObject] { data(body).compactMap { object($0) } }

  /// Joins the events of a stream, lines that begin with "data:"; nil if it isn't one, or if its end
  /// is missing.
  private init?(stream body: [UInt8]) {
    self.init(text: "")
    var isComplete = false
    var parts: [String] = []
    for data in Self.data(body) {
      if data.elementsEqual("[DONE]".utf8) {
        isComplete = true
        break
      }
      guard let event = Self.object(data), (event["error"] ?? .null) == .null else { return nil }
      readTokens(event["usage"])
      guard case .list(let choices)? = event["choices"], let choice = choices.first else {
        continue
      }
      if case .text(let reason)? = choice["finish_reason"] {
        finishReason = reason
        isComplete = true
      }
      guard let message = choice["delta"] ?? choice["message"],
        let text = Self.text(of: message["content"] ?? .null)
      else { continue }
      if text.isEmpty { absence = absence ?? Self.absence(in: message) }
      parts.append(text)
    }
    guard isComplete, !parts.isEmpty else { return nil }
    text = parts.joined()
    if !text.isEmpty { absence = nil }
  }
}
