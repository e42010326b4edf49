/// Decodes one of our types from JSON. Null is the same as absent; unknown members are ignored.
///
/// Foundation's decoders crash on some input, report wrong numbers only as "not in the correct
/// format", and don't say where.
struct JSONValueDecoder: Decoder {
  /// The form of a property's key in the file.
  enum Keys { case asWritten, snakeCase }

  let value: JSONValue
  let path: [String]
  let file: String
  let keys: Keys

  var codingPath: [any CodingKey] { path.map(PathKey.init) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// - Parameters:
  ///   - path: The path to the value in its file.
  ///   - file: The file's name in messages.
  /// - Throws: `FileError` with the path to the invalid value, its kind and the expected kind.
  static func decode<Value: Decodable>(
    _ type: Value.Type, from value: JSONValue, at path: [String] = [], file: String,
    keys: Keys = .asWritten
  ) throws(FileError) -> Value {
    let decoder = Self(value: value, path: path, file: file, keys: keys)
    do {
      return try type.init(from: decoder)
    } catch let error as FileError {
      throw error
    } catch {
      throw decoder.wrong(expected: "a valid \(words(of: type))")
    }
  }

  private static func words<Value>(of type: Value.Type) -> String {
    func rawValues<Cases: CaseIterable>(_ type: Cases.Type) -> [String] {
      type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    }
    let values = (type as? any CaseIterable.Type).map { rawValues($0) } ?? []
    return values.isEmpty ? "\(type)" : "word: \(values.joined(separator: ", "))"
  }

  func wrong(expected: String, at key: String? = nil, found: String? = nil) -> FileError {
    let place = path + (key.map { [$0] } ?? [])
    return FileError(
      path: file, operation: .read,
      cause: .value(
        place: place.map(excerpt).joined(separator: "."), found: found ?? value.kind,
        expected: expected))
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let object) = value else { throw wrong(expected: "an object") }
    return KeyedDecodingContainer(JSONMembers(decoder: self, members: object.lastByKey))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list(let elements) = value else { throw wrong(expected: "a list") }
    return JSONElements(decoder: self, elements: elements)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    JSONScalar(decoder: self)
  }

  func name(of key: any CodingKey) -> String {
    keys == .asWritten ? key.stringValue : configurationKey(forProperty: key.stringValue)
  }

  func child<Value: Decodable>(
    _ type: Value.Type, _ value: JSONValue, _ name: String
  ) throws(FileError) -> Value {
    try Self.decode(type, from: value, at: path + [name], file: file, keys: keys)
  }
}

/// One component of the path to a value.
struct PathKey: CodingKey {
  let stringValue: String
  var intValue: Int? { Int(stringValue) }
  init(_ key: String) { stringValue = key }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { stringValue = String(intValue) }
}

private struct JSONMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: JSONValueDecoder
  let members: [String: JSONValue]
  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Key] { members.keys.sorted().compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { members[decoder.name(of: key)] ?? .null != .null }
  func decodeNil(forKey key: Key) -> Bool { !contains(key) }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    let name = decoder.name(of: key)
    guard let value = members[name], value != .null else {
      throw decoder.wrong(expected: "a value", at: name, found: "nothing")
    }
    return try decoder.child(type, value, name)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> { throw unsupported(decoder) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw unsupported(decoder)
  }

  func superDecoder() throws -> any Decoder { throw unsupported(decoder) }
  func superDecoder(forKey key: Key) throws -> any Decoder { throw unsupported(decoder) }
}

private struct JSONElements: UnkeyedDecodingContainer {
  let decoder: JSONValueDecoder
  let elements: [JSONValue]
  private(set) var currentIndex = 0

  init(decoder: JSONValueDecoder, elements: [JSONValue]) {
    (self.decoder, self.elements) = (decoder, elements)
  }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  mutating func decodeNil() -> Bool {
    guard !isAtEnd, elements[currentIndex] == .null else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    guard !isAtEnd else {
      throw decoder.wrong(
        expected: "a list of more than \(currentIndex)", found: "a list of \(currentIndex)")
    }
    let value = try decoder.child(type, elements[currentIndex], String(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> { throw unsupported(decoder) }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw unsupported(decoder)
  }

  mutating func superDecoder() throws -> any Decoder { throw unsupported(decoder) }
}

private struct JSONScalar: ScalarDecoding {
  let decoder: JSONValueDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { decoder.value == .null }

  func truthValue() throws -> Bool {
    guard case .truth(let truth) = decoder.value else {
      throw decoder.wrong(expected: "true or false")
    }
    return truth
  }

  func string() throws -> String {
    guard case .text(let text) = decoder.value else { throw decoder.wrong(expected: "a text") }
    return text
  }

  func delegated<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try type.init(from: decoder)
  }

  /// `12`, or as other programs write it, `12.0` and `1.2e1`.
  func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    guard case .number(let text) = decoder.value, let number = Double(text) else {
      throw decoder.wrong(expected: "a whole number")
    }
    if let value = Value(text) ?? Value(exactly: number) { return value }
    let isWhole = number == number.rounded()
    throw decoder.wrong(
      expected: "a whole number" + (isWhole ? " from \(Value.min) to \(Value.max)" : ""))
  }

  func real<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ type: Value.Type
  ) throws -> Value {
    guard case .number(let text) = decoder.value, let value = Value(text), value.isFinite else {
      throw decoder.wrong(expected: "a number up to \(Value.greatestFiniteMagnitude)")
    }
    return value
  }
}

/// Options are plain structs; anything else that a hand-written `init(from:)` could request is
/// rejected.
private func unsupported(_ decoder: JSONValueDecoder) -> FileError {
  decoder.wrong(expected: "a type that decodes by plain keys")
}
