/// Encodes an `Encodable` to nodes: keys in the order in which the type encodes them (that of its
/// declaration), a dictionary's sorted, nil written out as `null` so that the result is complete.
enum ConfigurationNodeEncoder {
  static func node(
    for value: any Encodable, at path: [String] = []
  ) throws(ConfigurationError) -> ConfigurationNode {
    let slot = Slot()
    do {
      try encode(value, into: slot, path: path)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw ConfigurationError(reason: .invalid(found: "\(error)", expected: "an encodable value"))
    }
    return slot.node
  }

  fileprivate static func encode(_ value: any Encodable, into slot: Slot, path: [String]) throws {
    guard path.count <= ConfigurationLimits.depth else {
      throw ConfigurationError(
        path: dottedPath(path),
        reason: .tooLarge(limit: "\(ConfigurationLimits.depth) levels of nesting"))
    }
    switch value {
    case let value as Bool: slot.content = .scalar(value ? "true" : "false", quoted: false)
    case let value as String: try encode(text: value, into: slot, path: path)
    case let value as Float: try encode(real: value, into: slot, path: path)
    case let value as Double: try encode(real: value, into: slot, path: path)
    case let value as any FixedWidthInteger:
      slot.content = .scalar(String(describing: value), quoted: false)
    default:
      try value.encode(
        to: SlotEncoder(
          slot: slot, path: path, keepsKeys: value is any StringKeyedDictionary))
    }
  }

  private static func invalid(
    _ path: [String], found: String, expected: String
  ) -> ConfigurationError {
    ConfigurationError(OptionError(dottedPath(path), found: found, expected: expected))
  }

  private static func encode(text: String, into slot: Slot, path: [String]) throws {
    // Neither would come back from a file: Yams drops a leading byte-order mark.
    guard text.unicodeScalars.first != "\u{FEFF}",
      !text.unicodeScalars.contains(ConfigurationParser.aliasMark)
    else {
      throw invalid(
        path, found: quotedForMessage(text),
        expected: "text without a leading U+FEFF and without U+10FFFD")
    }
    slot.content = .scalar(text, quoted: true)
  }

  /// The shortest text that reads back to the same number, with the point and the exponent's sign
  /// that YAML 1.1 readers need to take it for a number: `1.0e-05`.
  private static func encode<Value: BinaryFloatingPoint & CustomStringConvertible>(
    real value: Value, into slot: Slot, path: [String]
  ) throws {
    guard value.isFinite else {
      throw invalid(path, found: "\(value)", expected: "a finite number")
    }
    var text = value.description
    if let exponent = text.firstIndex(of: "e"), !text[..<exponent].contains(".") {
      text.insert(contentsOf: ".0", at: exponent)
    }
    slot.content = .scalar(text, quoted: false)
  }
}

/// Where one value goes; filled by whichever container its encoder opens.
private final class Slot {
  enum Content {
    case scalar(String, quoted: Bool)
    case list
    case mapping(isSorted: Bool)
  }

  var content = Content.scalar("null", quoted: false)
  private var children: [(key: String, slot: Slot)] = []
  private var indices: [String: Int] = [:]

  var count: Int { children.count }

  var node: ConfigurationNode {
    switch content {
    case .scalar(let text, let quoted):
      return ConfigurationNode(content: .scalar(text, quoted: quoted))
    case .list:
      return ConfigurationNode(content: .list(children.map(\.slot.node)))
    case .mapping(let isSorted):
      let ordered = isSorted ? children.sorted { $0.key < $1.key } : children
      return ConfigurationNode(
        content: .mapping(ordered.map { .init(key: $0.key, value: $0.slot.node) }))
    }
  }

  /// The slot of a key; encoding a key again replaces it.
  func append(key: String) -> Slot {
    let slot = Slot()
    if let index = indices[key] {
      children[index].slot = slot
    } else {
      indices[key] = children.count
      children.append((key, slot))
    }
    return slot
  }

  func append() -> Slot {
    let slot = Slot()
    children.append(("", slot))
    return slot
  }
}

private struct SlotEncoder: Encoder {
  let slot: Slot
  let path: [String]
  let keepsKeys: Bool
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    slot.content = .mapping(isSorted: keepsKeys)
    return KeyedEncodingContainer(KeyedSlots(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    slot.content = .list
    return ElementSlots(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { ValueSlot(encoder: self) }
}

private struct KeyedSlots<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: SlotEncoder
  var codingPath: [any CodingKey] { [] }

  private func name(_ key: Key) -> String {
    encoder.keepsKeys ? key.stringValue : configurationKey(forProperty: key.stringValue)
  }

  func encodeNil(forKey key: Key) throws { _ = encoder.slot.append(key: name(key)) }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try ConfigurationNodeEncoder.encode(
      value, into: encoder.slot.append(key: name(key)), path: encoder.path + [name(key)])
  }

  private func put(_ value: (some Encodable)?, _ key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  // The standard library's versions of these leave a nil out.
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
    try put(value, key)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    nested(key).container(keyedBy: keyType)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    nested(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { encoder }
  func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

  private func nested(_ key: Key) -> SlotEncoder {
    SlotEncoder(
      slot: encoder.slot.append(key: name(key)), path: encoder.path + [name(key)],
      keepsKeys: false)
  }
}

private struct ElementSlots: UnkeyedEncodingContainer {
  let encoder: SlotEncoder
  var codingPath: [any CodingKey] { [] }
  var count: Int { encoder.slot.count }

  func encodeNil() throws { _ = encoder.slot.append() }

  func encode<Value: Encodable>(_ value: Value) throws {
    let path = encoder.path + [String(count)]
    try ConfigurationNodeEncoder.encode(value, into: encoder.slot.append(), path: path)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> { nested().container(keyedBy: keyType) }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
  func superEncoder() -> any Encoder { nested() }

  private func nested() -> SlotEncoder {
    let path = encoder.path + [String(count)]
    return SlotEncoder(slot: encoder.slot.append(), path: path, keepsKeys: false)
  }
}

private struct ValueSlot: SingleValueEncodingContainer {
  let encoder: SlotEncoder
  var codingPath: [any CodingKey] { [] }

  func encodeNil() throws { encoder.slot.content = .scalar("null", quoted: false) }

  func encode<Value: Encodable>(_ value: Value) throws {
    try ConfigurationNodeEncoder.encode(value, into: encoder.slot, path: encoder.path)
  }
}
