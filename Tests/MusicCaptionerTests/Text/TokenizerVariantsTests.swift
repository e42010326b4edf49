import Foundation
import Testing

@testable import MusicCaptioner

/// Tokenizers whose files are put together of other parts than BART's, against Hugging Face's.
@Suite struct TokenizerVariantsTests {
  /// The fixture's `tokenizer.json` with other members.
  private func reading(_ members: [(String, JSONValue)]) throws -> Tokenizer {
    let original = TokenizerFixture.folder.appending(path: "tokenizer.json")
    guard case .object(var json) = try JSONReader.document(of: original) else {
      throw CocoaError(.fileReadCorruptFile)
    }
    for (key, value) in members { json[key] = value }
    return try withTemporaryFolder { folder in
      let file = folder.appending(path: "tokenizer.json")
      try Data(JSONWriter.text(.object(json)).utf8).write(to: file)
      return try Tokenizer(contentsOf: file)
    }
  }

  private func reading(_ key: String, _ json: String) throws -> Tokenizer {
    try reading([(key, JSONReader.document(Array(json.utf8), name: "test"))])
  }

  @Test func tokensEqualTheGoldens() throws {
    let url = TokenizerFixture.folder.appending(path: "variants.json")
    guard case .list(let variants)? = try JSONReader.document(of: url)["variants"] else {
      Issue.record("no variants")
      return
    }
    #expect(variants.count > 20)
    for variant in variants {
      guard case .object(let fields)? = variant["fields"],
        case .list(let cases)? = variant["encode"]
      else {
        Issue.record("a variant without fields")
        continue
      }
      let tokenizer = try reading(fields.members.map { ($0.key, $0.value) })
      let again = try withTemporaryFolder { folder in
        try tokenizer.write(to: folder)
        return try Tokenizer(contentsOf: folder)
      }
      for item in cases {
        guard case .list(let pair) = item, case .text(let text) = pair[0] else { continue }
        let name = JSONWriter.text(.object(fields)).prefix(120)
        #expect(tokenizer.encode(text) == pair[1].integers, "\(name): \(text.debugDescription)")
        #expect(again.encode(text) == pair[1].integers, "written, \(name)")
      }
    }
  }

  @Test(arguments: [
    ("normalizer", #"{"type":"Precompiled","precompiled_charsmap":""}"#, "normalizer.type"),
    (
      "normalizer", #"{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Nmt"}]}"#,
      "normalizer.normalizers[1].type"
    ),
    (
      "normalizer", #"{"type":"Replace","pattern":{"Regex":" +"},"content":" "}"#,
      "normalizer.pattern"
    ),
    ("normalizer", #"{"type":"Strip","strip_left":1}"#, "normalizer.strip_left"),
    ("pre_tokenizer", #"{"type":"Whitespace"}"#, "pre_tokenizer.type"),
    (
      "pre_tokenizer", #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}"#,
      "pre_tokenizer.use_regex"
    ),
    (
      "pre_tokenizer",
      #"{"type":"Sequence","pretokenizers":[{"type":"Digits"},{"type":"ByteLevel"}]}"#,
      "pre_tokenizer.pretokenizers[0].type"
    ),
    ("pre_tokenizer", "null", "pre_tokenizer"),
    (
      "post_processor", #"{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}},3]}"#,
      "post_processor.single"
    ),
    ("post_processor", #"{"type":"Other"}"#, "post_processor.type"),
    ("decoder", #"{"type":"WordPiece"}"#, "decoder.type"),
  ])
  func whatWouldChangeTokensIsRefusedByItsField(key: String, json: String, field: String) {
    let error = #expect(throws: TokenizerError.self) { try reading(key, json) }
    #expect("\(error?.description ?? "")".contains("\(field) "), "\(String(describing: error))")
  }

  /// Each step is harmless alone.
  @Test func replacementsThatMultiplyAreRefused() {
    let step = #"{"type":"Replace","pattern":{"String":"a"},"content":"aa"}"#
    let steps = Array(repeating: step, count: 40).joined(separator: ",")
    let error = #expect(throws: TokenizerError.self) {
      try reading("normalizer", #"{"type":"Sequence","normalizers":[\#(steps)]}"#)
    }
    #expect(error?.description.contains("64 times") == true)
  }

  // MARK: Folders without a tokenizer.json

  /// The fixture's vocabulary and merges with other files beside them.
  private func folder(_ files: [String: String]) throws -> Tokenizer {
    try withTemporaryFolder { folder in
      for name in ["vocab.json", "merges.txt"] {
        try FileManager.default.copyItem(
          at: TokenizerFixture.folder.appending(path: name), to: folder.appending(path: name))
      }
      for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
      return try Tokenizer(contentsOf: folder)
    }
  }

  /// The ids are those of `BartTokenizer` in transformers 4.26.1.
  @Test func specialTokensAreThoseThatTheFolderNames() throws {
    let prefix = try folder(["tokenizer_config.json": #"{"add_prefix_space": true}"#])
    #expect(prefix.encode("a slow") == [0, 260, 367, 2])
    let added = try folder(["added_tokens.json": #"{"<new>": 470}"#])
    #expect(added.encode("a <new> slow") == [0, 68, 470, 86, 340, 90, 2])
    #expect(added.encode("a <mask> slow") == [0, 68, 469, 367, 2])
    #expect(added.vocabularySize == 471)
    let mapped = try folder([
      "special_tokens_map.json":
        #"{"mask_token": {"content": "<mask>", "lstrip": false}, "pad_token": "<unk>"}"#
    ])
    #expect(mapped.encode("a <mask> slow") == [0, 68, 224, 469, 367, 2])
    #expect(mapped.encode(" <pad> x") == [0, 224, 31, 83, 373, 33, 224, 91, 2])
    #expect(mapped.paddingToken == 3)
  }

  @Test func tokensAddedInTheConfigurationAreRead() throws {
    let json = #"{"added_tokens_decoder": {"470": {"content": "<new>", "special": false}}}"#
    let tokenizer = try folder(["tokenizer_config.json": json])
    #expect(tokenizer.encode("a <new> slow") == [0, 68, 224, 470, 367, 2])
    let gap = #expect(throws: TokenizerError.self) {
      try folder(["added_tokens.json": #"{"<new>": 480}"#])
    }
    #expect(gap?.description.contains("without a gap") == true)
  }

  @Test(arguments: [
    ("tokenizer_config.json", #"{"tokenizer_class": "CLIPTokenizer"}"#, "tokenizer_class is"),
    ("tokenizer_config.json", #"{"add_prefix_space": 1}"#, "add_prefix_space"),
    ("tokenizer_config.json", "[]", "an object"), ("special_tokens_map.json", "{", "JSON"),
    ("special_tokens_map.json", #"{"pad_token": 3}"#, "pad_token"),
    ("special_tokens_map.json", #"{"sep_token": "<end>"}"#, "<end>"),
    ("added_tokens.json", #"{"<new>": "x"}"#, "<new>"),
  ])
  func filesBesideTheVocabularyThatMeanAnotherAreRefused(name: String, json: String, words: String)
  {
    let error = #expect(throws: TokenizerError.self) { try folder([name: json]) }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }
}
