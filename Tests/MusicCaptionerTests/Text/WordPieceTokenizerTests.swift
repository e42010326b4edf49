import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// Against Hugging Face's `tokenizers` 0.23.3.
@Suite struct WordPieceTokenizerTests {
  private func reading(_ change: (String) -> String) throws -> WordPieceTokenizer {
    try BERTFixture.withChanged("tokenizer.json", change) { try WordPieceTokenizer(contentsOf: $0) }
  }

  @Test func tokensEqualTheGoldensWithEachNormalizer() throws {
    let fixture = try BERTFixture.load()
    let usual = fixture.variants[0].normalizer
    #expect(fixture.variants.count == 4)
    for variant in fixture.variants {
      let tokenizer = try reading { $0.replacing(usual, with: variant.normalizer) }
      #expect(variant.ids.count == fixture.texts.count)
      for (text, ids) in zip(fixture.texts, variant.ids) {
        let found = tokenizer.framedTokens(of: text, maximumLength: nil)
        #expect(found == ids, "\(variant.normalizer): \(text.debugDescription)")
      }
    }
  }

  @Test func longTextsKeepTheirEnd() throws {
    let fixture = try BERTFixture.load()
    let tokenizer = try WordPieceTokenizer(contentsOf: BERTFixture.folder)
    let (text, ids) = (fixture.truncated.text, fixture.truncated.ids)
    #expect(tokenizer.framedTokens(of: text, maximumLength: ids.count) == ids)
    #expect(tokenizer.framedTokens(of: text, maximumLength: 0).count == 2)
  }

  @Test func longWordsTakeNoLongerThanTheirPiecesDo() throws {
    let tokenizer = try reading {
      $0.replacing("\"max_input_chars_per_word\":16", with: "\"max_input_chars_per_word\":100000")
    }
    // With a look at each stretch of the word, 10¹⁰ bytes long together, this would take minutes.
    let ids = tokenizer.framedTokens(
      of: String(repeating: "x", count: 100_000), maximumLength: nil)
    #expect(ids.count == 100_002)
  }

  @Test func longTokensAreRefused() throws {
    let token = String(repeating: "a", count: 1_001)
    let error = #expect(throws: TokenizerError.self) {
      try reading { $0.replacing("\"##ly.\":", with: "\"\(token)\":") }
    }
    #expect(try #require(error).description.contains("a token has 1001 bytes"))
  }

  @Test func theLongestPieceIsTheOneThatLookingUpAllLengthsFinds() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = RandomSource(seed: seed, stream: "pieces")
    func word(_ longest: Int) -> [UInt8] {
      (0..<random.integer(below: longest + 1)).map { _ in UInt8(97 + random.integer(below: 2)) }
    }
    for _ in 0..<200 {
      let pieces = Array(Set((0..<random.integer(below: 12)).map { _ in word(5) }))
      let index = PieceIndex(pieces.enumerated().map { ($1[...], $0) })
      let word = word(9)
      let start = random.integer(below: word.count + 1)
      let right = (1...10).reversed().lazy.compactMap { length in
        start + length <= word.count
          ? pieces.firstIndex(of: Array(word[start..<start + length])).map { ($0, length) } : nil
      }.first
      let found = index.longest(in: word[start...])
      #expect(found?.id == right?.0 && found?.length == right?.1, "seed \(seed)")
    }
  }

  @Test func startAndEndComeFromThePostProcessorOrTheVocabulary() throws {
    let usual = try WordPieceTokenizer(contentsOf: BERTFixture.folder)
    let file = try String(
      contentsOf: BERTFixture.folder.appending(path: "tokenizer.json"), encoding: .utf8)
    let start = try #require(file.firstRange(of: "\"post_processor\":")).upperBound
    let end = try #require(file.firstRange(of: ",\"decoder\":")).lowerBound
    for (processor, frame) in [
      ("null", [usual.startToken, usual.endToken]),
      (#"{"type":"BertProcessing","sep":["a",5],"cls":["b",6]}"#, [6, 5]),
    ] {
      let tokenizer = try reading { $0.replacing($0[start..<end], with: processor) }
      #expect(tokenizer.framedTokens(of: "", maximumLength: nil) == frame)
    }
  }

  @Test(arguments: [
    ("\"type\":\"WordPiece\"", "\"type\":\"BPE\"", "model.type"),
    ("\"type\":\"BertNormalizer\"", "\"type\":\"Nmt\"", "normalizer.type"),
    ("\"type\":\"BertPreTokenizer\"", "\"type\":\"Whitespace\"", "pre_tokenizer.type"),
    ("\"type\":\"TemplateProcessing\"", "\"type\":\"Other\"", "post_processor.type"),
    ("\"lowercase\":true", "\"lowercase\":1", "normalizer.lowercase"),
    ("\"strip_accents\":null", "\"strip_accents\":\"no\"", "normalizer.strip_accents"),
    ("\"unk_token\":\"[UNK]\"", "\"unk_token\":null", "model.unk_token"),
    ("\"unk_token\":\"[UNK]\"", "\"unk_token\":\"none\"", "\"none\""),
    ("\"continuing_subword_prefix\":\"##\"", "\"continuing_subword_prefix\":[]", "subword_prefix"),
    ("\"max_input_chars_per_word\":16", "\"max_input_chars_per_word\":-1", "max_input_chars"),
    ("\"ids\":[2]", "\"ids\":[2,3]", "[CLS]"), ("\"ids\":[2]", "\"ids\":[99999]", "[CLS]"),
    ("\"single\":[", "\"single\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},", "single"),
    ("\"[MASK]\":4", "\"[MASK]\":4000", "[MASK]"), ("\"a\":5", "\"a\":6", "id 6"),
    ("\"vocab\":{", "\"vocab\":[{", "valid JSON"),
  ])
  func otherTokenizersAreRefused(_ found: String, _ other: String, _ words: String) throws {
    do {
      _ = try reading { text in
        #expect(text.contains(found), "\(found)")
        return text.replacing(found, with: other)
      }
      Issue.record("\(other) was read")
    } catch let error as TokenizerError {
      #expect(ExitStatus(error) == .badData)
      #expect(error.description.contains(words), "\(error)")
    }
  }

  @Test func damageNeverTraps() throws {
    let bytes = [UInt8](
      try Data(contentsOf: BERTFixture.folder.appending(path: "tokenizer.json")))
    var draw = RandomSource(seed: 9, stream: "damage")
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "tokenizer.json")
      for length in stride(from: 0, to: bytes.count - 1, by: 97) {
        try Data(bytes.prefix(length)).write(to: file)
        #expect(throws: TokenizerError.self) { try WordPieceTokenizer(contentsOf: folder) }
      }
      for _ in 0..<200 {
        var damaged = bytes
        damaged[Int.random(in: 0..<bytes.count, using: &draw)] =
          UInt8.random(in: 32..<127, using: &draw)
        try Data(damaged).write(to: file)
        do {
          let tokenizer = try WordPieceTokenizer(contentsOf: folder)
          let ids = tokenizer.framedTokens(of: "Café music [SEP] 音楽!", maximumLength: nil)
          #expect(ids.allSatisfy { (0..<tokenizer.vocabularySize).contains($0) })
        } catch {
          #expect(error is TokenizerError)
        }
      }
    }
  }
}
