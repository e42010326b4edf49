import Foundation

/// A server with OpenAI's chat-completions protocol, such as llama.cpp's, vLLM or Ollama.
public struct ChatServer: Sendable {
  /// Where conversations are sent.
  public let url: URL
  public let model: String
  /// The API key. It must not appear in any message, log or file.
  package let key: String?
  private let mask: KeyMask?
  private let answerMask: KeyMask?

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
    url = try Self.completions(at: base)
    self.model = model
    self.key = key.flatMap { $0.isEmpty ? nil : $0 }
    mask = self.key.map { KeyMask($0) }
    answerMask = self.key.map { KeyMask($0, sparesWords: true) }
  }

  private static let path = "/chat/completions"

  /// The address for conversations; a query, such as Azure's `api-version`, stays after the path.
  private static func completions(at base: URL) throws(OptionError) -> URL {
    var parts = URLComponents(url: base, resolvingAgainstBaseURL: false)
    var path = parts?.percentEncodedPath ?? ""
    while path.hasSuffix("/") { path.removeLast() }
    parts?.percentEncodedPath = path.hasSuffix(Self.path) ? path : path + Self.path
    parts?.fragment = nil
    guard let url = parts?.url else {
      throw OptionError(
        "endpoint", found: "no address of the web",
        expected: "an address such as http://127.0.0.1:8080/v1")
    }
    return url
  }

  /// The header with the key. Azure, whose addresses have a version of the interface, has its own.
  package var authorization: (String, String)? {
    guard let key else { return nil }
    let query = URLComponents(url: url, resolvingAgainstBaseURL: false)?.queryItems ?? []
    return query.contains { $0.name.lowercased() == "api-version" }
      ? ("api-key", key) : ("Authorization", "Bearer \(key)")
  }

  /// The base address to try if this one isn't that of a chat-completions server: most have a
  /// version in it.
  package var likelierBase: String? {
    let base = url.path.dropLast(Self.path.count)
    let hasVersion = base.split(separator: "/").contains { word in
      word.first == "v" && word.dropFirst().first?.isNumber ?? false
    }
    guard !hasVersion, url.query == nil else { return nil }
    // "/api" belongs to Ollama's own protocol; other servers have it before "/v1".
    return name + (url.port == 11434 ? "" : String(base)) + "/v1"
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

  /// A server's text without our key, which some servers repeat.
  package func masked(_ text: String) -> String { mask?.masked(text) ?? text }

  /// The same of an answer, in which the words of a key that is no secret stay.
  func maskedAnswer(_ text: String) -> String { answerMask?.masked(text) ?? text }

  /// A server's text for use in a message: short, without our key, and on one line.
  package func quoted(_ text: String) -> String {
    // Masked first: of a text cut in the middle of the key, half of it would stay.
    let scalars = masked(text).unicodeScalars.split {
      $0.properties.isWhitespace || $0.properties.generalCategory == .control
    }
    var words = ""
    for scalars in scalars {
      words += (words.isEmpty ? "" : " ") + String(scalars)
      if words.utf8.count > 4_096 { break }
    }
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

  /// - Parameter dialect: What the server has shown that it lacks.
  func body(model: String, dialect: ChatDialect = ChatDialect()) -> String {
    var messages: [JSONValue] = []
    func add(_ role: String, _ content: String) {
      messages.append(.object(["content": .text(content), "role": .text(role)]))
    }
    if !system.isEmpty { add("system", system) }
    add("user", user)
    var fields: JSONObject = ["model": .text(model), "messages": .list(messages)]
    // Some servers stream unless told not to.
    if dialect.sendsStream { fields["stream"] = .truth(false) }
    if let temperature, dialect.sendsTemperature { fields.set("temperature", temperature) }
    if let maximumTokens { fields.set(dialect.limitName, maximumTokens) }
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
