/// Where a piece of configuration was written.
package enum ConfigurationPlace: Equatable, Sendable {
  /// A line of the configuration file, counted from 1.
  case line(Int)
  /// An override of the command line, as it was given: `model.layer_count=4`.
  case override(String)
}

/// A piece of configuration as it was written, before its type is known: plain scalars stay text,
/// so that `1e-4` becomes a number where a number is asked for and nowhere else.
struct ConfigurationNode: Equatable, Sendable {
  enum Content: Equatable, Sendable {
    /// `quoted` text is never taken for a number, a truth value or nothing.
    case scalar(String, quoted: Bool)
    case list([ConfigurationNode])
    case mapping([Entry])
  }

  struct Entry: Equatable, Sendable {
    var key: String
    var value: ConfigurationNode
    /// Where the key stands, which may be lines above its value.
    var place: ConfigurationPlace?
  }

  var content: Content
  var place: ConfigurationPlace?

  init(content: Content, place: ConfigurationPlace? = nil) {
    self.content = content
    self.place = place
  }

  /// What JSON says. A member that is null is as good as absent.
  init(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .truth(let value): self.init(content: .scalar("\(value)", quoted: false))
    case .number(let text): self.init(content: .scalar(text, quoted: false))
    case .text(let text): self.init(content: .scalar(text, quoted: true))
    case .list(let elements): self.init(content: .list(elements.map(Self.init)))
    case .object(let object):
      let members = object.lastByKey.filter { $0.value != .null }
      let entries = members.map { Entry(key: $0.key, value: ConfigurationNode($0.value)) }
      self.init(content: .mapping(entries.sorted { $0.key < $1.key }))
    }
  }

  static let null = ConfigurationNode(content: .scalar("null", quoted: false))

  /// Nothing at all, `~` or `null`.
  var isNull: Bool {
    guard case .scalar(let text, quoted: false) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  var entries: [Entry]? {
    if case .mapping(let entries) = content { return entries }
    return nil
  }

  var elements: [ConfigurationNode]? {
    if case .list(let elements) = content { return elements }
    return nil
  }

  subscript(key: String) -> ConfigurationNode? {
    entries?.first { $0.key == key }?.value
  }

  var valuesByKey: [String: ConfigurationNode]? {
    entries.map { entries in
      Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// What stands here, in the words of an error message.
  var found: String {
    switch content {
    case .list(let elements): return elements.isEmpty ? "an empty list" : "a list"
    case .mapping(let entries):
      guard let first = entries.first else { return "an empty mapping" }
      return "a mapping (\(quotedForMessage(first.key)): …)"
    case .scalar(let text, let quoted):
      if isNull { return "nothing (null)" }
      let isWord = ScalarText.truthValue(text) != nil || ScalarText.isNumber(text)
      if isWord && !quoted { return clippedForMessage(text) }
      return (isWord ? "the text " : "") + quotedForMessage(text)
    }
  }
}

/// One line of at most 60 characters, whatever a hostile file holds.
func clippedForMessage(_ text: String) -> String {
  var result = ""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    if index == 60 { return result + "…" }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      result += scalar.escaped(asASCII: true)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

func quotedForMessage(_ text: String) -> String { "\"" + clippedForMessage(text) + "\"" }
