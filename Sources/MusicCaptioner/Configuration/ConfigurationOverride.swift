/// `key.path=value`, as `--set` takes it: the value is YAML, list elements are named by index
/// (`data.train.0.split=valid`), and the index after a list's last appends to it.
struct ConfigurationOverride {
  let text: String
  private let keys: [String]
  private let value: ConfigurationNode

  init(_ text: String, file: String?) throws(ConfigurationError) {
    self.text = text
    func bad(_ problem: String) -> ConfigurationError {
      ConfigurationError(
        file: file, place: .override(text), reason: .badOverride(problem))
    }
    guard let equals = text.unicodeScalars.firstIndex(of: "=") else {
      throw bad("expected key.path=value, such as model.layer_count=4")
    }
    keys = text[..<equals].split(separator: ".", omittingEmptySubsequences: false)
      .map { $0.trimmingSpaces() }
    guard keys.allSatisfy({ !$0.isEmpty }) else {
      throw bad("expected key.path=value with no empty key")
    }
    guard keys.count <= ConfigurationLimits.depth else {
      throw bad("expected at most \(ConfigurationLimits.depth) keys in a path")
    }
    let written = String(text[text.unicodeScalars.index(after: equals)...])
    let parser = ConfigurationParser(file: file, override: text)
    value =
      try parser.parse(written)
      ?? ConfigurationNode(content: .scalar("", quoted: false), place: .override(text))
  }

  /// The tree with the value in its place. Maps that are missing are made; a list that only the
  /// defaults have is taken from there first, so that one of its elements can be changed.
  func applied(
    to root: ConfigurationNode, defaults: ConfigurationNode?, file: String?
  ) throws(ConfigurationError) -> ConfigurationNode {
    try apply(to: root, defaults: defaults, at: 0, file: file)
  }

  private func apply(
    to node: ConfigurationNode?, defaults: ConfigurationNode?, at depth: Int, file: String?
  ) throws(ConfigurationError) -> ConfigurationNode {
    guard depth < keys.count else { return value }
    let key = keys[depth]
    func bad(_ problem: String) -> ConfigurationError {
      ConfigurationError(
        file: file, place: .override(text), path: dottedPath(Array(keys[..<depth])),
        reason: .badOverride(problem))
    }
    var result = node ?? .null
    if result.isNull {
      let isList = defaults?.elements != nil || (defaults?.entries == nil && key == "0")
      result = ConfigurationNode(
        content: isList ? .list(defaults?.elements ?? []) : .mapping([]),
        place: .override(text))
    }
    switch result.content {
    case .mapping(var entries):
      let index = entries.firstIndex { $0.key == key }
      let child = try apply(
        to: index.map { entries[$0].value }, defaults: defaults?[key], at: depth + 1, file: file)
      if let index {
        entries[index].value = child
        if depth == keys.count - 1 { entries[index].place = .override(text) }
      } else {
        entries.append(.init(key: key, value: child, place: .override(text)))
      }
      result.content = .mapping(entries)
    case .list(var elements):
      guard let index = Int(key), (0...elements.count).contains(index) else {
        throw bad(
          "\(quotedForMessage(key)) is no index of this list, which takes 0 to \(elements.count)"
            + " (the last appends)")
      }
      let isNew = index == elements.count
      let child = try apply(
        to: isNew ? nil : elements[index], defaults: nil, at: depth + 1, file: file)
      if isNew { elements.append(child) } else { elements[index] = child }
      result.content = .list(elements)
    case .scalar:
      throw bad("is \(result.found) and has no key \(quotedForMessage(key))")
    }
    return result
  }
}

extension Substring {
  fileprivate func trimmingSpaces() -> String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
