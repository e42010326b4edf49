import Foundation
import Yams

/// Bounds on what a configuration may hold. Ours have a few hundred values five levels deep; these
/// only keep a hostile file from costing more than it is worth.
enum ConfigurationLimits {
  static let bytes = 256 << 10
  static let values = 50_000
  static let depth = 64
}

/// Reads YAML text into nodes. Yams finds the structure; what the scalars mean, and what an alias
/// stands for, is decided here: Yams would hash and copy aliased trees without bound.
struct ConfigurationParser {
  let file: String?
  /// Given to every node where the text is not a file's, which has lines.
  let override: String?

  init(file: String? = nil, override: String? = nil) {
    self.file = file
    self.override = override
  }

  /// Stands for `*` while Yams parses, so that it sees no aliases: a private character that is
  /// plain text to YAML. Texts that have it already are refused.
  static let aliasMark: Unicode.Scalar = "\u{10FFFD}"

  private struct Anchored {
    var node: ConfigurationNode
    var size: Int
    var height: Int
  }

  func parse(_ data: Data) throws(ConfigurationError) -> ConfigurationNode? {
    guard data.count <= ConfigurationLimits.bytes else {
      throw error(.tooLarge(limit: "\(ConfigurationLimits.bytes >> 10) KiB"))
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw error(.syntax("is not UTF-8 text"), line: firstInvalidLine(data))
    }
    return try parse(text)
  }

  /// The node that the text describes; nil where it holds nothing but comments.
  func parse(_ text: String) throws(ConfigurationError) -> ConfigurationNode? {
    guard text.utf8.count <= ConfigurationLimits.bytes else {
      throw error(.tooLarge(limit: "\(ConfigurationLimits.bytes >> 10) KiB"))
    }
    var scalars = String.UnicodeScalarView()
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if index == 0 && scalar == "\u{FEFF}" { continue }
      scalars.append(scalar == "*" ? Self.aliasMark : scalar)
    }
    if text.unicodeScalars.contains(Self.aliasMark) || text.lowercased().contains("u0010fffd") {
      throw error(.syntax("holds the private character U+10FFFD"))
    }
    guard looksShallow(text) else {
      throw error(.tooLarge(limit: "\(ConfigurationLimits.depth) levels of nesting"))
    }
    do {
      // The basic resolver leaves scalars alone; the default one tries ten patterns on each.
      let parser = try Yams.Parser(
        yaml: String(scalars), resolver: .basic, encoding: .utf8)
      guard let root = try parser.singleRoot() else { return nil }
      // Nodes hold their anchors weakly; the parser keeps them alive.
      return try withExtendedLifetime(parser) {
        var anchors: [String: Anchored] = [:]
        var count = 0
        return try convert(root, depth: 0, anchors: &anchors, count: &count)
      }
    } catch let error as ConfigurationError {
      throw error
    } catch let error as YamlError {
      throw translated(error, text: text)
    } catch {
      throw self.error(.syntax("is not YAML: \(clippedForMessage("\(error)"))"))
    }
  }

  /// Yams hashes every key with all that is in it, so keys within keys cost their size once a
  /// level. Counting brackets and `? ` wherever they stand, in text too, is enough to keep that
  /// small: a file of ours opens five at a time.
  private func looksShallow(_ text: String) -> Bool {
    var open = 0
    var explicitKeys = 0
    var previous: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): open = max(0, open - 1)
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
        if previous == UInt8(ascii: "?") { explicitKeys += 1 }
      default: break
      }
      if open + explicitKeys > 2 * ConfigurationLimits.depth { return false }
      previous = byte
    }
    return true
  }

  private func convert(
    _ node: Yams.Node, depth: Int, anchors: inout [String: Anchored], count: inout Int
  ) throws(ConfigurationError) -> ConfigurationNode {
    let line = node.mark?.line
    guard depth < ConfigurationLimits.depth else {
      throw error(.tooLarge(limit: "\(ConfigurationLimits.depth) levels of nesting"), line: line)
    }
    let countBefore = count
    try add(1, to: &count, line: line)
    let content: ConfigurationNode.Content
    var anchor: String?
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain
      try refuse(scalar.tag, besides: [.str, .nonSpecific], line: line)
      if isPlain, scalar.string.unicodeScalars.first == Self.aliasMark {
        count = countBefore
        return try aliased(scalar, depth: depth, anchors: anchors, count: &count)
      }
      anchor = scalar.anchor?.rawValue
      let isText = !isPlain || [Tag.Name.str.rawValue, "!"].contains(scalar.tag.rawValue)
      content = .scalar(restored(scalar.string), quoted: isText)
    case .sequence(let sequence):
      try refuse(sequence.tag, besides: [.seq, .nonSpecific], line: line)
      anchor = sequence.anchor?.rawValue
      var elements: [ConfigurationNode] = []
      for element in sequence {
        elements.append(try convert(element, depth: depth + 1, anchors: &anchors, count: &count))
      }
      content = .list(elements)
    case .mapping(let mapping):
      try refuse(mapping.tag, besides: [.map, .nonSpecific], line: line)
      anchor = mapping.anchor?.rawValue
      content = .mapping(
        try entries(of: mapping, depth: depth, anchors: &anchors, count: &count))
    case .alias:
      throw error(.syntax("an alias cannot stand here"), line: line)
    }
    let result = ConfigurationNode(content: content, place: place(line: line))
    if let anchor {
      anchors[anchor] = Anchored(node: result, size: count - countBefore, height: height(result))
    }
    return result
  }

  private func entries(
    of mapping: Yams.Node.Mapping, depth: Int, anchors: inout [String: Anchored],
    count: inout Int
  ) throws(ConfigurationError) -> [ConfigurationNode.Entry] {
    var entries: [ConfigurationNode.Entry] = []
    var merged: [ConfigurationNode.Entry] = []
    var seen: Set<String> = []
    for (key, value) in mapping {
      let line = key.mark?.line
      guard case .scalar(let scalar) = key,
        scalar.style != .plain || scalar.string.unicodeScalars.first != Self.aliasMark
      else {
        throw error(.syntax("a key must be a plain word"), line: line)
      }
      let name = restored(scalar.string)
      guard seen.insert(name).inserted else { throw error(.duplicateKey(name), line: line) }
      let node = try convert(value, depth: depth + 1, anchors: &anchors, count: &count)
      guard scalar.style == .plain && name == "<<" else {
        entries.append(.init(key: name, value: node, place: place(line: line)))
        continue
      }
      for source in node.elements ?? [node] {
        guard let inherited = source.entries else {
          throw error(
            .wrongType(found: source.found, expected: "a mapping to merge after \"<<\""),
            line: line)
        }
        merged += inherited
      }
    }
    // What is written here wins over what is merged in, and an earlier source over a later one.
    for entry in merged where seen.insert(entry.key).inserted { entries.append(entry) }
    return entries
  }

  private func aliased(
    _ scalar: Yams.Node.Scalar, depth: Int, anchors: [String: Anchored], count: inout Int
  ) throws(ConfigurationError) -> ConfigurationNode {
    let line = scalar.mark?.line
    let name = restored(String(scalar.string.unicodeScalars.dropFirst()))
    guard let target = anchors[name] else {
      throw error(
        .syntax(
          "\(quotedForMessage("*" + name)) names no anchor above it; quote it if it is text"),
        line: line)
    }
    try add(target.size, to: &count, line: line)
    guard depth + target.height <= ConfigurationLimits.depth else {
      throw error(.tooLarge(limit: "\(ConfigurationLimits.depth) levels of nesting"), line: line)
    }
    return target.node
  }

  private func add(_ size: Int, to count: inout Int, line: Int?) throws(ConfigurationError) {
    count += size  // each term is at most the limit
    guard count <= ConfigurationLimits.values else {
      throw error(
        .tooLarge(limit: "\(ConfigurationLimits.values) values, aliases written out"), line: line)
    }
  }

  private func height(_ node: ConfigurationNode) -> Int {
    let children = node.elements ?? node.entries?.map(\.value) ?? []
    return 1 + (children.map(height).max() ?? 0)
  }

  func restored(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(scalar == Self.aliasMark ? "*" : scalar) }
    return String(result)
  }

  private func refuse(
    _ tag: Tag, besides allowed: [Tag.Name], line: Int?
  ) throws(ConfigurationError) {
    guard tag.rawValue != "", !allowed.contains(.init(rawValue: tag.rawValue)) else { return }
    throw error(
      .syntax("the tag \(quotedForMessage(tag.rawValue)) has no use here; leave it out"),
      line: line)
  }
}
