import Foundation

extension Tokenizer {
  /// Reads a tokenizer: a Hugging Face `tokenizer.json`, a folder that contains one, or a folder
  /// with `vocab.json` and `merges.txt`. Of a folder's `tokenizer_config.json`, `special_tokens_map.json` and
  /// `added_tokens.json`, what concerns the special tokens is read too.
  ///
  /// The tokenizer must be byte-level BPE with the split pattern of BART, RoBERTa and GPT-2. The
  /// file's `truncation` and `padding` are ignored: `encode` has its own.
  ///
  /// - Throws: ``TokenizerError`` if a file is missing, damaged, or another kind of tokenizer.
  public init(contentsOf url: URL) throws(TokenizerError) {
    let isFolder: Bool
    do throws(FileError) {
      isFolder = try Folders.isFolder(url.path)
    } catch {
      throw TokenizerError(error)
    }
    let file = isFolder ? url.appending(path: Self.fileName) : url
    let vocabulary = url.appending(path: "vocab.json")
    let merges = url.appending(path: "merges.txt")
    let definition: TokenizerDefinition
    if PathName.exists(file.path) {
      var read = try Self.definition(ofFile: file)
      if isFolder { read.rename(try TokenizerFolder(url)) }
      definition = read
    } else if PathName.exists(vocabulary.path),
      PathName.exists(merges.path)
    {
      definition = try Self.definition(ofVocabulary: vocabulary, merges: merges)
    } else {
      throw TokenizerError(.noTokenizer, file: url.path)
    }
    self = try VocabularyFault.located(at: url.path) { () throws(VocabularyFault) in
      try Tokenizer(definition)
    }
  }

  // MARK: tokenizer.json

  private static func definition(ofFile url: URL) throws(TokenizerError) -> TokenizerDefinition {
    let file = try TokenizerFields(contentsOf: url)
    let model = try file.object("model")

    let addsPrefixSpace = try addsPrefixSpace(file)
    let decoders = try file.parts("decoder", list: "decoders")
    guard decoders.count == 1 else {
      throw file.unsupported("decoder", expected: "ByteLevel", found: "\(decoders.count) decoders")
    }
    try decoders[0].expect("type", "ByteLevel")

    if model.json["type"] != nil { try model.expect("type", "BPE") }
    if let dropout = model.json["dropout"], dropout != .null, dropout.double != 0 {
      throw model.unsupported("dropout", expected: "null", found: dropout.kind)
    }
    for field in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = model.json[field], ![.null, .text("")].contains(affix) {
        throw model.unsupported(field, expected: "empty", found: affix.kind)
      }
    }
    if try model.flag("byte_fallback") {
      throw model.unsupported("byte_fallback", expected: "false", found: "true")
    }

    let addedTokens = try file.addedTokens()
    let entries = try model.object("vocab").identifiers()
    let (tokens, allAdded) = try VocabularyFault.located(at: url.path) {
      () throws(VocabularyFault) in
      try TokenizerDefinition.arrange(entries, addedTokens: addedTokens)
    }
    var definition = TokenizerDefinition(
      tokens: tokens, merges: try model.merges(), addedTokens: allAdded,
      addsPrefixSpace: addsPrefixSpace, normalizer: try TextNormalizer(file),
      unknownToken: try model.optionalText("unk_token"),
      fusesUnknown: try model.flag("fuse_unk"), ignoresMerges: try model.flag("ignore_merges"))
    // Without a frame in the file, a captioning model still needs a start and an end token.
    if let (start, end) = try file.frame(in: tokens) {
      (definition.startToken, definition.endToken) = (start, end)
    }
    return definition
  }

  /// GPT-2's split pattern, which is that of a `ByteLevel` pre-tokenizer.
  private static let splitPattern =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  /// Checks that the pre-tokenizer splits as GPT-2's does: `ByteLevel`, or a `Split` by its pattern followed by
  /// a `ByteLevel` that doesn't split.
  ///
  /// - Returns: Whether it puts a space in front of a text.
  private static func addsPrefixSpace(_ file: TokenizerFields) throws(TokenizerError) -> Bool {
    let parts = try file.parts("pre_tokenizer", list: "pretokenizers")
    guard let last = parts.last, parts.count <= 2 else {
      throw file.unsupported(
        "pre_tokenizer", expected: "ByteLevel", found: "\(parts.count) pre-tokenizers")
    }
    if parts.count == 2 {
      let split = parts[0]
      try split.expect("type", "Split")
      guard split.json["pattern"]?["Regex"] == .text(splitPattern) else {
        throw split.unsupported("pattern", expected: "GPT-2's", found: "another")
      }
      let isolates = split.json["behavior"] == .text("Isolated")
      guard isolates, try !split.flag("invert") else {
        throw split.unsupported("behavior", expected: "Isolated", found: "another")
      }
    }
    try last.expect("type", "ByteLevel")
    let addsSpace = try last.flag("add_prefix_space")
    let splits = last.json["use_regex"] != .truth(false)
    // The other way round, text is split twice, or a space comes before every word.
    guard splits == (parts.count == 1) else {
      throw last.unsupported("use_regex", expected: "\(!splits)", found: "\(splits)")
    }
    if parts.count == 2, addsSpace {
      throw last.unsupported("add_prefix_space", expected: "false", found: "true")
    }
    return addsSpace
  }

  // MARK: vocab.json and merges.txt

  private static func definition(
    ofVocabulary vocabulary: URL, merges: URL
  ) throws(TokenizerError) -> TokenizerDefinition {
    let entries = try TokenizerFields(contentsOf: vocabulary).identifiers()
    let folder = try TokenizerFolder(vocabulary.deletingLastPathComponent())
    try folder.checkClass()
    let ids = Dictionary(entries.map { ($0.text, $0.id) }, uniquingKeysWith: { $1 })
    var added = folder.addedTokens
    for role in TokenizerFolder.Role.allCases {
      var token = folder.token(role)
      guard let id = ids[token.content], !added.contains(where: { $0.content == token.content })
      else { continue }
      token.id = id
      token.isSpecial = true
      added.append(token)
    }
    let (tokens, addedTokens) = try VocabularyFault.located(at: vocabulary.path) {
      () throws(VocabularyFault) in
      try TokenizerDefinition.arrange(entries, addedTokens: added, specialTokenNames: [])
    }
    let unknown = folder.token(.unknown).content
    var definition = TokenizerDefinition(
      tokens: tokens, merges: try mergeLines(of: merges), addedTokens: addedTokens,
      addsPrefixSpace: folder.addsPrefixSpace,
      unknownToken: tokens.contains(unknown) ? unknown : nil)
    definition.startToken = folder.token(.start).content
    definition.endToken = folder.token(.end).content
    definition.rename(folder)
    return definition
  }

  /// One merge a line, two tokens separated by a space, except for lines that begin with
  /// `#version`.
  private static func mergeLines(
    of url: URL
  ) throws(TokenizerError) -> [(left: [UInt8], right: [UInt8])] {
    let bytes = try TokenizerFields.contents(of: url)
    if let offset = UTF8Text.firstInvalidByte(in: bytes) {
      throw TokenizerError(.notUTF8(byteOffset: offset), file: url.path)
    }
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    while lines.last?.isEmpty == true { lines.removeLast() }
    var merges: [(left: [UInt8], right: [UInt8])] = []
    merges.reserveCapacity(lines.count)
    for line in lines where !line.starts(with: Array("#version".utf8)) {
      guard let merge = TokenizerFields.merge(line) else {
        let text = String(decoding: line.prefix(80), as: UTF8.self)
        throw TokenizerError(
          .malformedMerge(index: merges.count + 1, found: text), file: url.path)
      }
      merges.append(merge)
    }
    return merges
  }
}

extension TokenizerDefinition {
  /// Takes over the names of the tokens that a `tokenizer.json` has no place for.
  fileprivate mutating func rename(_ folder: TokenizerFolder) {
    paddingToken = folder.token(.padding).content
    maskToken = folder.token(.mask).content
  }
}
