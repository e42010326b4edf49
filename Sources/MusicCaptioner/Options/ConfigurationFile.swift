import Foundation

/// A YAML file read into options.
///
/// - A property `layerCount` is the key `layer_count`; an enumeration's words are its raw values.
/// - What the file leaves out keeps the default. Mappings merge with their defaults key by key;
///   lists replace theirs as a whole; `null` is nil for an optional property.
/// - Overrides, `key.path=value`, are laid over the file in their order, so the last one wins.
/// - A key that nothing reads, a wrong type or an unknown word is an error that names its place.
package struct ConfigurationFile<Value: Options>: Sendable {
  /// The options, complete.
  package let value: Value

  private let name: String?
  private let tree: ConfigurationNode

  /// Reads a configuration file.
  ///
  /// - Parameters:
  ///   - url: a UTF-8 YAML file with a mapping of keys.
  ///   - name: the file as the user names it, for errors.
  ///   - defaults: what holds where the file says nothing.
  ///   - overrides: `key.path=value` each; list elements by index, values in YAML.
  /// - Throws: `ConfigurationError`, which names the file, the line and the key path.
  package init(
    contentsOf url: URL, name: String? = nil, default defaults: Value = Value(),
    overrides: [String] = []
  ) throws(ConfigurationError) {
    let name = name ?? (url.isFileURL ? url.relativePath : url.absoluteString)
    let data = try Self.contents(of: url, name: name)
    let tree = try ConfigurationParser(file: name).parse(data)
    try self.init(tree: tree, name: name, defaults: defaults, overrides: overrides)
  }

  /// Reads a configuration from text, as `init(contentsOf:default:overrides:)` does from a file.
  package init(
    yaml: String, default defaults: Value = Value(), overrides: [String] = []
  ) throws(ConfigurationError) {
    let tree = try ConfigurationParser().parse(yaml)
    try self.init(tree: tree, name: nil, defaults: defaults, overrides: overrides)
  }

  private init(
    tree: ConfigurationNode?, name: String?, defaults: Value, overrides: [String]
  ) throws(ConfigurationError) {
    guard var tree else {
      throw ConfigurationError(
        file: name,
        reason: .syntax("is empty; write the keys to set, or {} for all the defaults"))
    }
    guard tree.entries != nil else {
      throw ConfigurationError(
        file: name, place: tree.place,
        reason: .wrongType(found: tree.found, expected: "a mapping of keys"))
    }
    let fallback = try ConfigurationNodeEncoder.node(for: defaults)
    for text in overrides {
      tree = try OptionOverride(text, file: name)
        .applied(to: tree, defaults: fallback, file: name)
    }
    value = try ConfigurationNodeDecoder.decode(
      Value.self, tree, over: fallback, from: .yaml(name))
    self.name = name
    self.tree = tree
  }

  /// The problem with the file, and the line of its key or of the nearest section around it.
  package func located(_ problem: OptionError) -> ConfigurationError {
    var error = ConfigurationError(problem)
    error.file = name
    error.place = place(of: problem.key)
    return error
  }

  /// - Throws: The first value that the options refuse, with its place.
  package func validate() throws(ConfigurationError) {
    if let problem = value.problems.first { throw located(problem) }
  }

  /// The whole configuration as YAML: every key, in the order of declaration, defaults included.
  ///
  /// - Throws: `ConfigurationError` for a number that is not finite.
  package static func yaml(_ value: Value) throws(ConfigurationError) -> String {
    let node = try ConfigurationNodeEncoder.node(for: value)
    return ConfigurationWriter.yaml(node)
  }

  /// Writes the whole configuration; reading the file gives an equal value.
  package static func write(_ value: Value, to url: URL) throws(ConfigurationError) {
    let text = try yaml(value)
    do throws(FileError) {
      try AtomicFile.write(Array(text.utf8), to: url)
    } catch {
      throw ConfigurationError(file: url.relativePath, reason: .file(error))
    }
  }

  private func place(of path: String) -> ConfigurationPlace? {
    var node = tree
    var place: ConfigurationPlace?
    for key in path.split(separator: ".").map(String.init) {
      if let entry = node.entries?.first(where: { $0.key == key }) {
        node = entry.value
        place = entry.place ?? place
      } else if let elements = node.elements, let index = Int(key), elements.indices.contains(index)
      {
        node = elements[index]
        place = node.place ?? place
      } else {
        break
      }
    }
    return place
  }

  private static func contents(of url: URL, name: String) throws(ConfigurationError) -> Data {
    do throws(FileError) {
      // One byte more than is allowed tells a file that is too large without reading all of it.
      return Data(try ByteReader.beginning(of: url, ConfigurationLimits.bytes + 1))
    } catch {
      throw ConfigurationError(file: name, reason: .file(error.expecting("a configuration")))
    }
  }
}
