import Foundation

/// An object in a tokenizer file, with the file and field for error messages.
struct TokenizerFields {
  let json: JSONValue
  let path: String
  var name = ""

  private func field(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

  /// The bytes of a tokenizer file.
  static func contents(of url: URL) throws(TokenizerError) -> [UInt8] {
    do throws(FileError) {
      return try ByteReader.contents(of: url)
    } catch {
      throw TokenizerError(error)
    }
  }

  /// Reads a tokenizer's JSON file.
  init(contentsOf url: URL) throws(TokenizerError) {
    path = url.path
    let bytes = try Self.contents(of: url)
    do throws(FileError) {
      json = try JSONReader.document(bytes, name: url.path, dialect: .strict)
    } catch {
      if let offset = UTF8Text.firstInvalidByte(in: bytes) {
        throw TokenizerError(.notUTF8(byteOffset: offset), file: url.path)
      }
      throw TokenizerError(
        .malformedJSON(line: error.line ?? 1, problem: error.problem), file: url.path)
    }
  }

  init(json: JSONValue, path: String, name: String = "") {
    (self.json, self.path, self.name) = (json, path, name)
  }

  func wrong(
    _ key: String, expected: String, found: JSONValue?
  ) -> TokenizerError {
    let reason = TokenizerError.Reason.value(
      field: field(key), found: found?.kind ?? "nothing", expected: expected)
    return TokenizerError(reason, file: path)
  }

  func unsupported(_ key: String, expected: String, found: String) -> TokenizerError {
    TokenizerError(
      .unsupported(field: field(key), found: found, expected: expected), file: path)
  }

  func object(_ key: String) throws(TokenizerError) -> TokenizerFields {
    guard let value = json[key], case .object = value else {
      throw wrong(key, expected: "an object", found: json[key])
    }
    return TokenizerFields(json: value, path: path, name: field(key))
  }

  func expect(_ key: String, _ text: String) throws(TokenizerError) {
    guard json[key] == .text(text) else {
      throw unsupported(key, expected: "\"\(text)\"", found: json[key]?.kind ?? "missing")
    }
  }

  /// A missing or null flag is false.
  func flag(_ key: String) throws(TokenizerError) -> Bool {
    switch json[key] {
    case nil, .null: return false
    case .truth(let value): return value
    case let other: throw wrong(key, expected: "true or false", found: other)
    }
  }

  func optionalText(_ key: String) throws(TokenizerError) -> [UInt8]? {
    switch json[key] {
    case nil, .null: return nil
    case .text(let text): return Array(text.utf8)
    case let other: throw wrong(key, expected: "text", found: other)
    }
  }

  func text(_ key: String) throws(TokenizerError) -> [UInt8] {
    guard let text = try optionalText(key) else {
      throw wrong(key, expected: "text", found: json[key])
    }
    return text
  }

  func wholeNumber(_ key: String) throws(TokenizerError) -> Int {
    guard let value = json[key]?.integer, value >= 0 else {
      throw wrong(key, expected: "a whole number", found: json[key])
    }
    return value
  }

  /// This object as token texts with their ids.
  func identifiers() throws(TokenizerError) -> [(text: [UInt8], id: Int)] {
    guard case .object(let object) = json else {
      let expected = "an object of tokens and ids"
      throw TokenizerError(
        .value(field: name.isEmpty ? "the file" : name, found: json.kind, expected: expected),
        file: path)
    }
    var entries: [(text: [UInt8], id: Int)] = []
    entries.reserveCapacity(object.members.count)
    for member in object.members {
      guard let id = member.value.integer else {
        throw wrong(member.key, expected: "a whole number", found: member.value)
      }
      entries.append((Array(member.key.utf8), id))
    }
    return entries
  }

  func addedTokens() throws(TokenizerError) -> [AddedToken] {
    switch json["added_tokens"] {
    case nil, .null: return []
    case .list(let elements):
      var tokens: [AddedToken] = []
      for (index, element) in elements.enumerated() {
        let fields = TokenizerFields(json: element, path: path, name: "added_tokens[\(index)]")
        guard let id = element["id"]?.integer else {
          throw fields.wrong("id", expected: "a whole number", found: element["id"])
        }
        tokens.append(try fields.addedToken(id: id))
      }
      return tokens
    case let other: throw wrong("added_tokens", expected: "a list", found: other)
    }
  }

  /// This object as an added token.
  func addedToken(id: Int) throws(TokenizerError) -> AddedToken {
    guard case .text(let content)? = json["content"], !content.isEmpty else {
      throw wrong("content", expected: "text", found: json["content"])
    }
    return AddedToken(
      content: Array(content.utf8), id: id, isSingleWord: try flag("single_word"),
      stripsLeft: try flag("lstrip"), stripsRight: try flag("rstrip"),
      isNormalized: try flag("normalized"), isSpecial: try flag("special"))
  }

  /// Merges in either form: `"a b"` (before tokenizers 0.20) or `["a", "b"]`.
  func merges() throws(TokenizerError) -> [(left: [UInt8], right: [UInt8])] {
    guard case .list(let elements)? = json["merges"] else {
      throw wrong("merges", expected: "a list", found: json["merges"])
    }
    var merges: [(left: [UInt8], right: [UInt8])] = []
    merges.reserveCapacity(elements.count)
    for element in elements {
      let merge: (left: [UInt8], right: [UInt8])?
      switch element {
      case .text(let text): merge = Self.merge(Array(text.utf8)[...])
      case .list(let pair):
        if pair.count == 2, case .text(let left) = pair[0], case .text(let right) = pair[1] {
          merge = Self.merge(Array("\(left) \(right)".utf8)[...])
        } else {
          merge = nil
        }
      default: merge = nil
      }
      guard let merge else {
        throw TokenizerError(
          .malformedMerge(index: merges.count + 1, found: element.kind), file: path)
      }
      merges.append(merge)
    }
    return merges
  }

  /// `left right`; a token of a byte-level vocabulary contains no space.
  static func merge(_ text: ArraySlice<UInt8>) -> (left: [UInt8], right: [UInt8])? {
    let parts = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return (Array(parts[0]), Array(parts[1]))
  }

  /// A token with its id, `["<s>", 0]`, which must match the vocabulary.
  func specialToken(_ key: String, in tokens: [[UInt8]]) throws(TokenizerError) -> [UInt8] {
    guard case .list(let pair)? = json[key], pair.count == 2, case .text(let text) = pair[0],
      let id = pair[1].integer
    else { throw wrong(key, expected: "a token and its id", found: json[key]) }
    let bytes = Array(text.utf8)
    guard tokens.indices.contains(id), tokens[id] == bytes else {
      throw wrong(key, expected: "a token and its id in the vocabulary", found: pair[0])
    }
    return bytes
  }
}
