/// A value that is laid over a file, or over options, at a path of keys. List elements are named by
/// index (`data.train.0.split`), and the index after a list's last appends to it.
package struct OptionOverride: Sendable, Equatable {
  /// The keys down to the option.
  package var path: String { dottedPath(keys) }

  private let keys: [String]
  private let value: Result<ConfigurationNode, ConfigurationError>
  private let place: ConfigurationPlace?

  /// - Parameters:
  ///   - path: The keys down to the option: `decoding.beam_width`.
  ///   - value: Of the option's type, or of one that is written alike.
  package init(_ path: String, _ value: any Encodable) {
    let keys = path.split(separator: ".").map(String.init)
    self.keys = keys
    place = nil
    self.value = Result { () throws(ConfigurationError) in
      try ConfigurationNodeEncoder.node(for: value, at: keys)
    }
  }

  /// An override for each value that is there.
  package static func given(_ values: [(path: String, value: (any Encodable)?)]) -> [Self] {
    values.compactMap { path, value in value.map { OptionOverride(path, $0) } }
  }

  /// - Parameter text: `key.path=value`, the value in YAML.
  init(_ text: String, file: String?) throws(ConfigurationError) {
    place = .override(text)
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
    value = .success(
      try parser.parse(written)
        ?? ConfigurationNode(content: .scalar("", quoted: false), place: .override(text)))
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
    guard depth < keys.count else { return try value.get() }
    let key = keys[depth]
    func bad(_ problem: String) -> ConfigurationError {
      ConfigurationError(
        file: file, place: place, path: dottedPath(Array(keys[..<depth])),
        reason: .badOverride(problem))
    }
    var result = node ?? .null
    if result.isNull {
      let isList = defaults?.elements != nil || (defaults?.entries == nil && key == "0")
      result = ConfigurationNode(
        content: isList ? .list(defaults?.elements ?? []) : .mapping([]),
        place: place)
    }
    switch result.content {
    case .mapping(var entries):
      let index = entries.firstIndex { $0.key == key }
      let child = try apply(
        to: index.map { entries[$0].value }, defaults: defaults?[key], at: depth + 1, file: file)
      if let index {
        entries[index].value = child
        if depth == keys.count - 1 { entries[index].place = place }
      } else {
        entries.append(.init(key: key, value: child, place: place))
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

extension Options {
  /// These options with others laid over them.
  ///
  /// - Throws: The first override whose value is not of its option's type.
  package func overlaid(with overrides: [OptionOverride]) throws(OptionError) -> Self {
    do throws(ConfigurationError) {
      let fallback = try ConfigurationNodeEncoder.node(for: self)
      var tree = ConfigurationNode(content: .mapping([]))
      for override in overrides {
        tree = try override.applied(to: tree, defaults: fallback, file: nil)
      }
      return try ConfigurationNodeDecoder.decode(Self.self, tree, over: fallback, from: .yaml(nil))
    } catch {
      throw OptionError(error)
    }
  }
}

extension Substring {
  fileprivate func trimmingSpaces() -> String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
