/// Decodes a `Decodable` from what was written, laid over the defaults.
///
/// Both trees are walked together: a key that was not written is taken from the defaults, mappings
/// merge, lists and scalars replace. What is asked for on the way is what is allowed, so a written
/// key that nothing asked for is an error in a file of ours.
struct ConfigurationNodeDecoder: Decoder {
  enum Source {
    /// A configuration, or no file at all.
    case yaml(String?)
    /// A file that may hold members of other uses, such as Hugging Face's; they are left alone.
    /// - Parameter keepsKeys: Properties go by their Swift names.
    case json(String, keepsKeys: Bool = false)
  }

  /// What was written here, if anything.
  let written: ConfigurationNode?
  /// What holds where nothing was written.
  let fallback: ConfigurationNode?
  let path: [String]
  let source: Source
  /// A dictionary's keys are data and kept as they are; a struct's follow the naming rule.
  private let isDictionary: Bool
  let asked = AskedKeys()
  private let writtenByKey: [String: ConfigurationNode]
  private let fallbackByKey: [String: ConfigurationNode]

  private init(
    _ written: ConfigurationNode?, over fallback: ConfigurationNode?, at path: [String],
    from source: Source, isDictionary: Bool
  ) {
    self.written = written
    self.fallback = fallback
    self.path = path
    self.source = source
    self.isDictionary = isDictionary
    writtenByKey = written?.valuesByKey ?? [:]
    fallbackByKey = fallback?.valuesByKey ?? [:]
  }

  var codingPath: [any CodingKey] { path.map(PathKey.init) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The value that the tree describes.
  ///
  /// - Parameters:
  ///   - fallback: What holds where it says nothing; for `Options`, by default theirs.
  ///   - path: The way to the tree, in its file.
  static func decode<Value: Decodable>(
    _ type: Value.Type, _ written: ConfigurationNode, over fallback: ConfigurationNode? = nil,
    at path: [String] = [], from source: Source
  ) throws(ConfigurationError) -> Value {
    do {
      return try value(type, written, over: fallback, at: path, from: source)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw ConfigurationError(
        file: source.file, path: dottedPath(path),
        reason: .invalid(found: "\(error)", expected: "a valid configuration"))
    }
  }

  /// The value here, whatever its type. The one way down: every container comes through it.
  static func value<Value: Decodable>(
    _ type: Value.Type, _ written: ConfigurationNode?, over fallback: ConfigurationNode?,
    at path: [String], from source: Source
  ) throws -> Value {
    var written = written
    var fallback = fallback
    let isOptional = type is any OptionalValue.Type
    if fallback == nil || fallback?.isNull == true, let options = type as? any Options.Type {
      fallback = try ConfigurationNodeEncoder.node(for: options.init())
    }
    // A section whose every line is commented out keeps its defaults.
    if written?.isNull == true, !isOptional, fallback?.entries != nil { written = nil }
    let decoder = Self(
      written, over: fallback, at: path, from: source,
      isDictionary: type is any StringKeyedDictionary.Type)
    do {
      let value = try type.init(from: decoder)
      try decoder.refuseUnknownKeys()
      return value
    } catch let error as DecodingError {
      throw decoder.translated(error, for: type)
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard effective?.entries != nil else { throw wrongType(expected: source.mapping) }
    return KeyedDecodingContainer(KeyedNodes(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    if let elements = written?.elements { return ElementNodes(decoder: self, written: elements) }
    guard written == nil, let elements = fallback?.elements else {
      throw wrongType(expected: "a list")
    }
    return ElementNodes(decoder: self, fallback: elements)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    ScalarNode(decoder: self)
  }

  /// What holds here: what was written, else the default.
  var effective: ConfigurationNode? { written ?? fallback }

  func effective(_ key: String) -> ConfigurationNode? {
    writtenByKey[key] ?? fallbackByKey[key]
  }

  /// A new decoder takes over the same place, and with it the look-out for unknown keys.
  func delegated<Value: Decodable>(_ type: Value.Type) throws -> Value {
    asked.isDelegated = true
    return try Self.value(type, written, over: fallback, at: path, from: source)
  }

  func key(_ key: any CodingKey) -> String {
    isDictionary || source.keepsKeys
      ? key.stringValue : configurationKey(forProperty: key.stringValue)
  }

  func contains(_ key: String) -> Bool {
    asked.insert(key)
    return effective(key) != nil
  }

  func child<Value: Decodable>(_ type: Value.Type, key: String) throws -> Value {
    guard contains(key) || type is any Options.Type else { throw missing(key) }
    return try Self.value(
      type, writtenByKey[key], over: fallbackByKey[key], at: path + [key], from: source)
  }
}

extension ConfigurationNodeDecoder.Source {
  var file: String? {
    switch self {
    case .yaml(let file): file
    case .json(let file, _): file
    }
  }

  /// What people call a mapping there.
  fileprivate var mapping: String {
    if case .yaml = self { "a mapping of keys" } else { "an object" }
  }

  fileprivate var keepsKeys: Bool {
    if case .json(_, let keepsKeys) = self { keepsKeys } else { false }
  }

  var refusesUnknownKeys: Bool {
    if case .yaml = self { true } else { false }
  }
}

/// The keys that decoding asked for; shared by the copies of one decoder.
final class AskedKeys {
  private(set) var keys: [String] = []
  var isDelegated = false
  private var set: Set<String> = []

  func contains(_ key: String) -> Bool { set.contains(key) }

  func insert(_ key: String) {
    if set.insert(key).inserted { keys.append(key) }
  }
}

/// Marks `Optional`, for which nothing is a value.
private protocol OptionalValue {}
extension Optional: OptionalValue {}

/// Marks dictionaries, whose keys are not properties.
protocol StringKeyedDictionary {}
extension Dictionary: StringKeyedDictionary where Key == String {}

/// A step of the way to a value.
private struct PathKey: CodingKey {
  let stringValue: String
  var intValue: Int? { Int(stringValue) }
  init(_ key: String) { stringValue = key }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { stringValue = String(intValue) }
}
