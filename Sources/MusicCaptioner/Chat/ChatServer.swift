import Foundation

/// A server with OpenAI's chat-completions protocol, such as llama.cpp's, vLLM or Ollama.
public struct ChatServer: Sendable {
  /// Where conversations are sent.
  public let url: URL
  public let model: String
  /// The API key. It must not appear in any message, log or file.
  package let key: String?

  /// - Parameters:
  ///   - endpoint: The server's base URL, such as `https://api.openai.com/v1`, or the full URL
  ///     including `/chat/completions`.
  ///   - model: The model's name on the server.
  ///   - key: The API key, if the server needs one.
  /// - Throws: `OptionError` for an endpoint that is not a valid address or contains a secret, and
  ///   for a model or key that can't be sent.
  public init(endpoint: String, model: String, key: String? = nil) throws(OptionError) {
    let expected = "an address such as http://127.0.0.1:8080/v1"
    guard let base = URL(string: endpoint), let scheme = base.scheme?.lowercased(),
      scheme == "http" || scheme == "https", let host = base.host, !host.isEmpty
    else {
      throw OptionError("endpoint", found: "no address of the web", expected: expected)
    }
    guard base.user == nil, base.password == nil else {
      throw OptionError(
        "endpoint", found: "a name or password in it",
        expected: "\(expected), and the key apart from it")
    }
    guard !model.isEmpty else {
      throw OptionError(
        "model", found: "nothing", expected: "the name of one of the server's models")
    }
    // A line break would end the header and start another.
    guard key?.unicodeScalars.allSatisfy({ (0x21...0x7E).contains($0.value) }) ?? true else {
      throw OptionError(
        "key", found: "a space or a special character", expected: "a key of one word")
    }
    url = base.path.hasSuffix("/chat/completions") ? base : base.appending(path: "chat/completions")
    self.model = model
    self.key = key.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The address, for messages.
  package var name: String {
    var name = "\(url.scheme ?? "")://\(url.host ?? "")"
    if let port = url.port { name += ":\(port)" }
    return name
  }

  /// Whether the key is sent unencrypted.
  package var sendsKeyInTheClear: Bool {
    let host = url.host ?? ""
    let isOurs = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    return key != nil && url.scheme?.lowercased() == "http" && !isOurs
  }

  /// A server's text for use in a message: short, and without our key, which some servers repeat.
  package func quoted(_ text: String) -> String {
    var text = text
    if let key { text = text.replacing(key, with: "***") }
    let words = text.split { $0.isNewline || $0 == " " || $0 == "\t" }.joined(separator: " ")
    return words.count > 300 ? words.prefix(300) + "…" : words
  }
}

/// One question to a model.
package struct ChatQuestion: Sendable {
  package var system: String
  package var user: String
  /// The server's default if nil.
  package var temperature: Double?
  /// The server's own limit if nil.
  package var maximumTokens: Int?

  package func body(model: String) -> String {
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

  /// An estimate of the conversation's tokens before it takes place.
  ///
  /// - Parameter usual: The usual number of tokens in an answer.
  package func estimate(usualAnswer usual: Int) -> TokenCount {
    // Each message has a few tokens of overhead.
    TokenCount(
      prompt: TokenCount.estimate(system) + TokenCount.estimate(user) + (system.isEmpty ? 4 : 8),
      completion: min(usual, maximumTokens ?? .max))
  }
}
