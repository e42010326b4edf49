/// Decodes a `Decodable` from what a person wrote, laid over what the defaults say.
///
/// Both trees are walked together: a key that was not written is taken from the defaults, mappings
/// merge, lists and scalars replace. What is asked for on the way is what is allowed, so a written
/// key that nothing asked for is an error.
struct ConfigurationNodeDecoder: Decoder {
  /// What was written here, if anything.
  let written: ConfigurationNode?
  /// What holds where nothing was written.
  let fallback: ConfigurationNode?
  let path: [String]
  let file: String?
  /// A dictionary's keys are data and kept as they are; a struct's follow the naming rule.
  let keepsKeys: Bool
  private let asked = AskedKeys()
  private let writtenByKey: [String: ConfigurationNode]
  private let fallbackByKey: [String: ConfigurationNode]

  private init(
    written: ConfigurationNode?, fallback: ConfigurationNode?, path: [String], file: String?,
    keepsKeys: Bool
  ) {
    self.written = written
    self.fallback = fallback
    self.path = path
    self.file = file
    self.keepsKeys = keepsKeys
    writtenByKey = written?.valuesByKey ?? [:]
    fallbackByKey = fallback?.valuesByKey ?? [:]
  }

  var codingPath: [any CodingKey] { path.map(PathKey.init) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The value here, whatever its type. The one way down: every container comes through it.
  static func decode<Value: Decodable>(
    _ type: Value.Type, written: ConfigurationNode?, fallback: ConfigurationNode?,
    path: [String], file: String?
  ) throws -> Value {
    var written = written
    var fallback = fallback
    let isOptional = type is any OptionalValue.Type
    if fallback == nil || fallback?.isNull == true, !isOptional,
      let prototype = type as? any ConfigurationDefaults.Type
    {
      fallback = try ConfigurationNodeEncoder.node(for: prototype.init())
    }
    // A section whose every line is commented out keeps its defaults.
    if written?.isNull == true, !isOptional, fallback?.entries != nil { written = nil }
    let decoder = Self(
      written: written, fallback: fallback, path: path, file: file,
      keepsKeys: type is any StringKeyedDictionary.Type)
    do {
      let value = try type.init(from: decoder)
      try decoder.refuseUnknownKeys()
      return value
    } catch let error as DecodingError {
      throw decoder.translated(error, for: type)
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard effective?.entries != nil else { throw wrongType(expected: "a mapping of keys") }
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
    return try Self.decode(type, written: written, fallback: fallback, path: path, file: file)
  }

  func key(_ key: any CodingKey) -> String {
    keepsKeys ? key.stringValue : configurationKey(forProperty: key.stringValue)
  }

  func contains(_ key: String) -> Bool {
    asked.insert(key)
    return effective(key) != nil
  }

  func child<Value: Decodable>(_ type: Value.Type, key: String) throws -> Value {
    let isPresent = contains(key)
    if !isPresent, !(type is any ConfigurationDefaults.Type) {
      throw missing(key)
    }
    return try Self.decode(
      type, written: writtenByKey[key], fallback: fallbackByKey[key], path: path + [key],
      file: file)
  }
}

/// The keys that decoding asked for; shared by the copies of one decoder.
private final class AskedKeys {
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

// MARK: - Errors

extension ConfigurationNodeDecoder {
  func error(
    _ reason: ConfigurationError.Reason, place: ConfigurationPlace? = nil, key: String? = nil
  ) -> ConfigurationError {
    ConfigurationError(
      file: file, place: place ?? written?.place,
      path: dottedPath(path + (key.map { [$0] } ?? [])), reason: reason)
  }

  func wrongType(expected: String) -> ConfigurationError {
    error(.wrongType(found: effective?.found ?? "nothing", expected: expected))
  }

  func refuseUnknownKeys() throws {
    if asked.isDelegated { return }
    for entry in written?.entries ?? [] where !asked.contains(entry.key) {
      throw unknown(entry, candidates: asked.keys)
    }
  }

  private func unknown(
    _ entry: ConfigurationNode.Entry, candidates: [String]
  ) -> ConfigurationError {
    error(
      .unknownKey(
        entry.key, nearest: nearestName(to: entry.key, among: candidates), allowed: candidates),
      place: entry.place, key: entry.key)
  }

  /// A key that is needed; the fault may be a slip in one that was written.
  func missing(_ key: String) -> ConfigurationError {
    for entry in written?.entries ?? []
    where !asked.contains(entry.key) && nearestName(to: entry.key, among: [key]) != nil {
      return unknown(entry, candidates: [key])
    }
    return error(.missingKey(key))
  }

  private func translated<Value>(
    _ failure: DecodingError, for type: Value.Type
  ) -> ConfigurationError {
    if let allowed = enumerationValues(of: type), let node = effective,
      case .scalar(let text, _) = node.content, !node.isNull
    {
      return error(
        .unknownValue(
          found: quotedForMessage(text), nearest: nearestName(to: text, among: allowed),
          allowed: allowed))
    }
    switch failure {
    case .keyNotFound(let missingKey, _): return missing(key(missingKey))
    case .dataCorrupted(let context), .typeMismatch(_, let context),
      .valueNotFound(_, let context):
      return error(
        .invalid(
          found: effective?.found ?? "nothing",
          expected: "a valid \(type) (\(context.debugDescription))"))
    @unknown default:
      return error(.invalid(found: effective?.found ?? "nothing", expected: "a valid \(type)"))
    }
  }

  private func enumerationValues<Value>(of type: Value.Type) -> [String]? {
    guard let cases = type as? any CaseIterable.Type else { return nil }
    func rawValues<Cases: CaseIterable>(_ type: Cases.Type) -> [String]? {
      let values = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
      return values.isEmpty ? nil : values
    }
    return rawValues(cases)
  }
}
