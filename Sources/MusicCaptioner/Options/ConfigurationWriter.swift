/// Writes nodes as YAML that people read: two spaces a level, short lists of scalars on one line,
/// text quoted only where it would be taken for something else.
struct ConfigurationWriter {
  private static let lineWidth = 100
  private var lines: [String] = []

  static func yaml(_ node: ConfigurationNode) -> String {
    var writer = Self()
    writer.write(node, indent: 0, lead: "")
    return writer.lines.joined(separator: "\n") + "\n"
  }

  /// - Parameter lead: what stands on the line already: `key:` or `-`, with its indentation.
  private mutating func write(_ node: ConfigurationNode, indent: Int, lead: String) {
    let separator = lead.isEmpty ? "" : " "
    switch node.content {
    case .scalar:
      lines.append(lead + separator + scalar(node))
    case .list(let elements):
      if let line = flow(elements), (lead + separator + line).count <= Self.lineWidth {
        lines.append(lead + separator + line)
        return
      }
      if !lead.isEmpty { lines.append(lead) }
      for element in elements { writeElement(element, indent: indent) }
    case .mapping(let entries):
      if entries.isEmpty {
        lines.append(lead + separator + "{}")
        return
      }
      if !lead.isEmpty { lines.append(lead) }
      for entry in entries {
        write(
          entry.value, indent: indent + 2,
          lead: spaces(indent) + ConfigurationWriter.text(entry.key) + ":")
      }
    }
  }

  /// A mapping's first key stands on the dash's line.
  private mutating func writeElement(_ element: ConfigurationNode, indent: Int) {
    let dash = spaces(indent) + "-"
    guard case .mapping(let entries) = element.content, !entries.isEmpty else {
      write(element, indent: indent + 2, lead: dash)
      return
    }
    let first = lines.count
    write(element, indent: indent + 2, lead: "")
    lines[first] = dash + lines[first].dropFirst(indent + 1)
  }

  /// The list on one line, where it holds scalars only.
  private func flow(_ elements: [ConfigurationNode]) -> String? {
    var words: [String] = []
    for element in elements {
      guard case .scalar = element.content else { return nil }
      words.append(scalar(element))
    }
    return "[" + words.joined(separator: ", ") + "]"
  }

  private func scalar(_ node: ConfigurationNode) -> String {
    guard case .scalar(let text, let quoted) = node.content else { return "null" }
    if quoted { return Self.text(text) }
    return node.isNull ? "null" : text
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

  /// Text as a plain scalar where every YAML reader, 1.1 or 1.2, takes it for the same text.
  static func text(_ text: String) -> String {
    isPlainSafe(text) ? text : QuotedText.quoted(text, .yaml)
  }

  private static func isPlainSafe(_ text: String) -> Bool {
    let scalars = text.unicodeScalars
    guard let first = scalars.first, let last = scalars.last, last != " " else { return false }
    func isLetter(_ scalar: Unicode.Scalar) -> Bool {
      ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }
    guard
      isLetter(first) || first == "/" || first == "_" || text.hasPrefix("./")
        || text.hasPrefix("../")
    else { return false }
    let others: [Unicode.Scalar] = [" ", "_", ".", "/", "-", "+", "(", ")"]
    guard scalars.allSatisfy({ isLetter($0) || ("0"..."9").contains($0) || others.contains($0) })
    else { return false }
    return !["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
      .contains(text.lowercased())
  }
}
