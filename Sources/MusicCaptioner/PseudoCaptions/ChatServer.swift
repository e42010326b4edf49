import Foundation

/// A server that speaks OpenAI's chat-completions protocol, as llama.cpp's, vLLM and Ollama do.
public struct ChatServer: Sendable {
  /// Where conversations are sent.
  let url: URL
  public let model: String
  /// Kept out of every message, log and file.
  let key: String?

  /// - Parameters:
  ///   - endpoint: The server's base, as `https://api.openai.com/v1`, or the whole address up to
  ///     `/chat/completions`.
  ///   - model: The model's name, as the server knows it.
  ///   - key: The secret that the server knows us by, if it wants one.
  /// - Throws: `PseudoCaptionError` for an address that is none, or that has a secret in it.
  public init(endpoint: String, model: String, key: String? = nil) throws(PseudoCaptionError) {
    let expected = "an address such as http://127.0.0.1:8080/v1"
    guard let base = URL(string: endpoint), let scheme = base.scheme?.lowercased(),
      scheme == "http" || scheme == "https", let host = base.host, !host.isEmpty
    else {
      throw .option("--endpoint", found: "no address of the web", expected: expected)
    }
    guard base.user == nil, base.password == nil else {
      throw .option(
        "--endpoint", found: "a name or password in it",
        expected: "\(expected), and the key in OPENAI_API_KEY")
    }
    guard !model.isEmpty else {
      throw .option("--model", found: "nothing", expected: "the name of one of the server's models")
    }
    // A line break would end the header and begin another.
    guard key?.unicodeScalars.allSatisfy({ (0x21...0x7E).contains($0.value) }) ?? true else {
      throw .option(
        "OPENAI_API_KEY", found: "a space or a special character", expected: "a key of one word")
    }
    url = base.path.hasSuffix("/chat/completions") ? base : base.appending(path: "chat/completions")
    self.model = model
    self.key = key.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The address for messages.
  var name: String {
    var name = "\(url.scheme ?? "")://\(url.host ?? "")"
    if let port = url.port { name += ":\(port)" }
    return name
  }

  /// Whether others on the way can read the key.
  var sendsKeyInTheClear: Bool {
    let host = url.host ?? ""
    let isOurs = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    return key != nil && url.scheme?.lowercased() == "http" && !isOurs
  }

  /// A text of the server's for a message: short, and without our key, which some servers repeat.
  func quoted(_ text: String) -> String {
    var text = text
    if let key { text = text.replacing(key, with: "***") }
    let words = text.split { $0.isNewline || $0 == " " || $0 == "\t" }.joined(separator: " ")
    return words.count > 300 ? words.prefix(300) + "…" : words
  }
}

/// One question to a model.
struct ChatQuestion: Sendable {
  var system: String
  var user: String
  /// The server's own if nil.
  var temperature: Double?
  /// The server's own limit if nil.
  var maximumTokens: Int?

  func body(model: String) -> String {
    var messages: [JSONValue] = []
    func add(_ role: String, _ content: String) {
      messages.append(.object(["content": .text(content), "role": .text(role)]))
    }
    if !system.isEmpty { add("system", system) }
    add("user", user)
    var fields: JSONObject = ["model": .text(model), "messages": .list(messages)]
    if let temperature { fields.set("temperature", temperature) }
    if let maximumTokens { fields.set("max_tokens", maximumTokens) }
    return fields.line
  }

  /// How many tokens the conversation may come to, before it is known.
  func estimate(instruction: Instruction) -> TokenCount {
    // A few tokens mark each message; sentences of this kind take 30 to 60, dictionaries 60 to 120.
    let usual = instruction == .attributePrediction ? 90 : 45
    return TokenCount(
      prompt: TokenCount.estimate(system) + TokenCount.estimate(user) + (system.isEmpty ? 4 : 8),
      completion: min(usual, maximumTokens ?? .max))
  }
}

extension ChatAnswer {
  /// Reads the body of a `chat.completion`; nil for anything else.
  init?(body: [UInt8]) {
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

  /// The first object of a body; nil where it is cut off, or no JSON at all.
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

/// What a server says about a question that it doesn't answer.
struct ChatRefusal: Sendable, Equatable {
  var message: String
  /// A short word for the reason, such as "insufficient_quota".
  var code: String?

  init(body: [UInt8]) {
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
