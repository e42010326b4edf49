import Foundation

extension Tokenizer {
  /// Reads a tokenizer: a Hugging Face `tokenizer.json`, a folder that contains one, or a folder
  /// with `vocab.json` and `merges.txt`.
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
    let file = isFolder ? url.appending(path: "tokenizer.json") : url
    let vocabulary = url.appending(path: "vocab.json")
    let merges = url.appending(path: "merges.txt")
    let definition: TokenizerDefinition
    if PathName.exists(file.path) {
      definition = try Self.definition(ofFile: file)
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

    try file.expectNull("normalizer")
    let splitter = try file.object("pre_tokenizer")
    try splitter.expect("type", "ByteLevel")
    if splitter.json["use_regex"] == .truth(false) {
      throw splitter.unsupported("use_regex", expected: "true", found: "false")
    }
    try file.object("decoder").expect("type", "ByteLevel")

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
      addsPrefixSpace: try splitter.flag("add_prefix_space"),
      unknownToken: try model.optionalText("unk_token"),
      fusesUnknown: try model.flag("fuse_unk"), ignoresMerges: try model.flag("ignore_merges"))
    if let processor = file.json["post_processor"], processor != .null {
      let processor = TokenizerFields(json: processor, path: url.path, name: "post_processor")
      // ByteLevel adds nothing, but a captioning model still needs a start and an end token.
      if processor.json["type"] != .text("ByteLevel") {
        try processor.expect("type", "RobertaProcessing")
        definition.startToken = try processor.specialToken("cls", in: tokens)
        definition.endToken = try processor.specialToken("sep", in: tokens)
      }
    }
    return definition
  }

  // MARK: vocab.json and merges.txt

  private static func definition(
    ofVocabulary vocabulary: URL, merges: URL
  ) throws(TokenizerError) -> TokenizerDefinition {
    let entries = try TokenizerFields(contentsOf: vocabulary).identifiers()
    let (tokens, addedTokens) = try VocabularyFault.located(at: vocabulary.path) {
      () throws(VocabularyFault) in try TokenizerDefinition.arrange(entries, addedTokens: [])
    }
    let unknown = Array("<unk>".utf8)
    return TokenizerDefinition(
      tokens: tokens, merges: try mergeLines(of: merges), addedTokens: addedTokens,
      unknownToken: tokens.contains(unknown) ? unknown : nil)
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
