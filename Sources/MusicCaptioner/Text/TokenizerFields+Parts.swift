/// The parts of which a `tokenizer.json` puts its normalizer, splitter, framing and decoder together.
extension TokenizerFields {
  /// The steps of a part in order, whether it is one, a `Sequence` of them, or null.
  ///
  /// - Parameter list: What a `Sequence` calls its steps.
  func parts(_ key: String, list: String) throws(TokenizerError) -> [TokenizerFields] {
    if [nil, .null].contains(json[key]) { return [] }
    return try object(key).flattened(list)
  }

  private func flattened(_ list: String) throws(TokenizerError) -> [TokenizerFields] {
    guard json["type"] == .text("Sequence") else { return [self] }
    guard case .list(let elements)? = json[list] else {
      throw wrong(list, expected: "a list", found: json[list])
    }
    var parts: [TokenizerFields] = []
    for (index, element) in elements.enumerated() {
      let part = TokenizerFields(json: element, path: path, name: "\(name).\(list)[\(index)]")
      parts += try part.flattened(list)
    }
    return parts
  }

  /// The tokens that the `post_processor` puts around a single text; nil if it adds none.
  ///
  /// - Parameter tokens: The vocabulary.
  func frame(
    in tokens: [[UInt8]]
  ) throws(TokenizerError) -> (start: [UInt8], end: [UInt8])? {
    var frame: (start: [UInt8], end: [UInt8])?
    for part in try parts("post_processor", list: "processors") {
      // It only moves offsets.
      if part.json["type"] == .text("ByteLevel") { continue }
      guard let next = try part.frameOfOne(in: tokens) else { continue }
      guard frame == nil else {
        throw part.unsupported("type", expected: "one frame around a text", found: "a second one")
      }
      frame = next
    }
    return frame
  }

  private func frameOfOne(
    in tokens: [[UInt8]]
  ) throws(TokenizerError) -> (start: [UInt8], end: [UInt8])? {
    switch json["type"] {
    case .text("RobertaProcessing"), .text("BertProcessing"):
      return (try specialToken("cls", in: tokens), try specialToken("sep", in: tokens))
    case .text("TemplateProcessing"):
      guard case .list(let parts)? = json["single"] else {
        throw wrong("single", expected: "a list", found: json["single"])
      }
      if parts.count == 1, parts[0]["Sequence"]?["id"] == .text("A") { return nil }
      guard parts.count == 3, parts[1]["Sequence"]?["id"] == .text("A"),
        case .text(let start)? = parts[0]["SpecialToken"]?["id"],
        case .text(let end)? = parts[2]["SpecialToken"]?["id"]
      else {
        throw unsupported(
          "single", expected: "a special token, the text A and a special token",
          found: "another template")
      }
      let names = try object("special_tokens")
      return (try names.templateToken(start, in: tokens), try names.templateToken(end, in: tokens))
    default:
      throw unsupported(
        "type", expected: "RobertaProcessing, BertProcessing, TemplateProcessing or ByteLevel",
        found: json["type"]?.kind ?? "missing")
    }
  }

  /// The single token that a template's name stands for, `"[CLS]": {"ids": [101], …}`.
  private func templateToken(
    _ key: String, in tokens: [[UInt8]]
  ) throws(TokenizerError) -> [UInt8] {
    guard case .list(let ids)? = try object(key).json["ids"], ids.count == 1,
      let id = ids[0].integer, tokens.indices.contains(id)
    else {
      throw wrong(key, expected: "one id in the vocabulary", found: json[key]?["ids"])
    }
    return tokens[id]
  }
}
