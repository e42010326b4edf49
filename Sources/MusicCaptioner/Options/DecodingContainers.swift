// The three containers of `ConfigurationNodeDecoder`, which decides what a key or an element means.

struct KeyedNodes<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ConfigurationNodeDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  var allKeys: [Key] {
    var seen: Set<String> = []
    let entries = (decoder.fallback?.entries ?? []) + (decoder.written?.entries ?? [])
    return entries.compactMap { seen.insert($0.key).inserted ? Key(stringValue: $0.key) : nil }
  }

  func contains(_ key: Key) -> Bool { decoder.contains(decoder.key(key)) }

  func decodeNil(forKey key: Key) throws -> Bool {
    let name = decoder.key(key)
    guard decoder.contains(name) else { throw decoder.missing(name) }
    return decoder.effective(name)?.isNull ?? true
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try decoder.child(type, key: decoder.key(key))
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    throw unsupported("a nested container", in: decoder)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw unsupported("a nested container", in: decoder)
  }

  func superDecoder() throws -> any Decoder { throw unsupported("inheritance", in: decoder) }

  func superDecoder(forKey key: Key) throws -> any Decoder {
    throw unsupported("inheritance", in: decoder)
  }
}

struct ElementNodes: UnkeyedDecodingContainer {
  let decoder: ConfigurationNodeDecoder
  var written: [ConfigurationNode]?
  var fallback: [ConfigurationNode]?
  private(set) var currentIndex = 0

  init(
    decoder: ConfigurationNodeDecoder, written: [ConfigurationNode]? = nil,
    fallback: [ConfigurationNode]? = nil
  ) {
    self.decoder = decoder
    self.written = written
    self.fallback = fallback
  }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { (written ?? fallback ?? []).count }
  var isAtEnd: Bool { currentIndex >= (count ?? 0) }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, (written ?? fallback ?? [])[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    guard !isAtEnd else {
      throw decoder.error(
        .wrongType(
          found: "a list of \(currentIndex)", expected: "a list of more than \(currentIndex)"))
    }
    let value = try ConfigurationNodeDecoder.value(
      type, written?[currentIndex], over: fallback?[currentIndex],
      at: decoder.path + [String(currentIndex)], from: decoder.source)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> {
    throw unsupported("a nested container", in: decoder)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw unsupported("a nested container", in: decoder)
  }

  mutating func superDecoder() throws -> any Decoder {
    throw unsupported("inheritance", in: decoder)
  }
}

/// A single value, as the type that is asked for.
struct ScalarNode: SingleValueDecodingContainer {
  let decoder: ConfigurationNodeDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { decoder.effective?.isNull ?? true }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value: Any
    if type == Bool.self {
      value = try truthValue()
    } else if type == String.self {
      value = try string()
    } else if type == Float.self {
      value = try real(Float.self)
    } else if type == Double.self {
      value = try real(Double.self)
    } else if let integers = type as? any FixedWidthInteger.Type {
      value = try integer(integers)
    } else {
      // A type with a decoder of its own, such as an enumeration.
      return try decoder.delegated(type)
    }
    guard let result = value as? Value else { return try decoder.delegated(type) }
    return result
  }

  private func truthValue() throws -> Bool {
    guard case .scalar(let text, quoted: false) = decoder.effective?.content,
      let value = ScalarText.truthValue(text)
    else { throw decoder.wrongType(expected: "true or false") }
    return value
  }

  /// Any scalar that was written is text where text is wanted (`split: 1`), except nothing.
  private func string() throws -> String {
    guard let node = decoder.effective, !node.isNull, case .scalar(let text, _) = node.content
    else { throw decoder.wrongType(expected: "text") }
    return text
  }

  private func plainText(expected: String) throws -> String {
    guard case .scalar(let text, quoted: false) = decoder.effective?.content else {
      throw decoder.wrongType(expected: expected)
    }
    return text
  }

  private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    let text = try plainText(expected: "a whole number")
    do throws(ScalarText.NumberFailure) {
      return try ScalarText.integer(text, as: type)
    } catch .outOfRange {
      throw decoder.wrongType(expected: "a whole number from \(Value.min) to \(Value.max)")
    } catch {
      throw decoder.wrongType(expected: "a whole number")
    }
  }

  private func real<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ type: Value.Type
  ) throws -> Value {
    let text = try plainText(expected: "a number")
    do throws(ScalarText.NumberFailure) {
      return try ScalarText.real(text, as: type)
    } catch .outOfRange {
      throw decoder.wrongType(
        expected: "a number whose size is within "
          + "\(Value.leastNonzeroMagnitude) to \(Value.greatestFiniteMagnitude), or 0")
    } catch {
      let isSpecial = text.lowercased().contains("nan") || text.lowercased().contains("inf")
      throw decoder.wrongType(expected: isSpecial ? "a finite number" : "a number")
    }
  }
}

/// Options are plain structs; what hand-written decoders could ask for beyond that is refused.
private func unsupported(
  _ what: String, in decoder: ConfigurationNodeDecoder
) -> ConfigurationError {
  decoder.error(.invalid(found: what, expected: "a type that decodes by plain keys"))
}
