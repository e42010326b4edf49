import Foundation

/// What the files beside a vocabulary say of its special tokens: `tokenizer_config.json`,
/// `special_tokens_map.json` and `added_tokens.json` of a Hugging Face folder. All may be missing.
struct TokenizerFolder {
  /// A token for each role that is named, as `<pad>` for `pad_token`; without an id.
  private(set) var specialTokens: [Role: AddedToken] = [:]
  /// Tokens beside those of the vocabulary.
  private(set) var addedTokens: [AddedToken] = []
  private(set) var addsPrefixSpace = false
  private var configuration: TokenizerFields?

  enum Role: String, CaseIterable {
    case start = "cls_token"
    case end = "sep_token"
    case padding = "pad_token"
    case unknown = "unk_token"
    case mask = "mask_token"

    /// BART's; `<mask>` includes the space before it.
    var usual: AddedToken {
      let name =
        switch self {
        case .start: "<s>"
        case .end: "</s>"
        case .padding: "<pad>"
        case .unknown: "<unk>"
        case .mask: "<mask>"
        }
      return AddedToken(content: Array(name.utf8), id: 0, stripsLeft: self == .mask)
    }
  }

  func token(_ role: Role) -> AddedToken { specialTokens[role] ?? role.usual }

  /// - Throws: ``TokenizerError`` if one of the files is damaged, or of another kind of tokenizer.
  init(_ folder: URL) throws(TokenizerError) {
    if let file = try Self.fields("tokenizer_config.json", in: folder) {
      configuration = file
      try readSpecialTokens(file)
      addsPrefixSpace = try file.flag("add_prefix_space")
      try readAddedTokens(file)
    }
    if let file = try Self.fields("special_tokens_map.json", in: folder) {
      try readSpecialTokens(file)
    }
    if let file = try Self.fields("added_tokens.json", in: folder) {
      let known = Set(addedTokens.map(\.content))
      for (text, id) in try file.identifiers() where !known.contains(text) {
        let isSpecial = specialTokens.values.contains { $0.content == text }
        // As transformers 4.26.1 matches them.
        addedTokens.append(
          AddedToken(
            content: text, id: id, stripsLeft: true, stripsRight: true, isNormalized: false,
            isSpecial: isSpecial))
      }
    }
  }

  private static func fields(
    _ name: String, in folder: URL
  ) throws(TokenizerError) -> TokenizerFields? {
    let url = folder.appending(path: name)
    guard PathName.exists(url.path) else { return nil }
    let fields = try TokenizerFields(contentsOf: url)
    guard case .object = fields.json else {
      throw TokenizerError(
        .value(field: "the file", found: fields.json.kind, expected: "an object"), file: url.path)
    }
    return fields
  }

  /// Tokenizers of other models keep their vocabularies in the same files, and mean something else by them.
  ///
  /// - Throws: ``TokenizerError`` where the files name a class that doesn't tokenize as BART's.
  func checkClass() throws(TokenizerError) {
    guard let file = configuration, case .text(let name)? = file.json["tokenizer_class"] else {
      return
    }
    let family = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
    let families = [
      "BartTokenizer", "GPT2Tokenizer", "LEDTokenizer", "LongformerTokenizer", "MvpTokenizer",
      "PreTrainedTokenizer", "RobertaTokenizer", "TokenizersBackend",
    ]
    guard families.contains(family) else {
      throw file.unsupported(
        "tokenizer_class", expected: "\"BartTokenizer\"", found: "\"\(excerpt(name))\"")
    }
  }

  private mutating func readSpecialTokens(_ file: TokenizerFields) throws(TokenizerError) {
    for role in Role.allCases {
      switch file.json[role.rawValue] {
      case nil, .null: continue
      case .text(let text):
        var token = role.usual
        token.content = Array(text.utf8)
        specialTokens[role] = token
      case .object: specialTokens[role] = try file.object(role.rawValue).addedToken(id: 0)
      case let other: throw file.wrong(role.rawValue, expected: "a token", found: other)
      }
    }
  }

  private mutating func readAddedTokens(_ file: TokenizerFields) throws(TokenizerError) {
    if [nil, .null].contains(file.json["added_tokens_decoder"]) { return }
    let decoder = try file.object("added_tokens_decoder")
    guard case .object(let object) = decoder.json else { return }
    for member in object.members {
      guard let id = Int(member.key) else {
        throw decoder.wrong(member.key, expected: "an id in its place", found: member.value)
      }
      addedTokens.append(try decoder.object(member.key).addedToken(id: id))
    }
  }
}
