import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct TokenizerTests {
  @Test(arguments: TokenizerFiles.allCases)
  func encodesAndDecodesAsHuggingFaceDoes(files: TokenizerFiles) throws {
    let fixture = try TokenizerFixture.load()
    let tokenizer = try files.load(from: TokenizerFixture.folder)
    #expect(fixture.encode.count > 300 && fixture.decode.count > 100)
    for item in fixture.encode {
      #expect(tokenizer.encode(item.text) == item.ids, "\(item.text.debugDescription)")
    }
    for item in fixture.decode {
      let raw = tokenizer.decode(item.ids)
      #expect(isIdenticalText(raw, item.text), "\(item.ids)")
      let all = tokenizer.decode(item.ids, skipSpecialTokens: false)
      #expect(isIdenticalText(all, item.textWithSpecialTokens), "\(item.ids)")
    }
  }

  @Test(.enabled(if: SharedData.has("parity/tiny-a")), arguments: TokenizerFiles.allCases)
  func equalsTheOfficialCodeOnEveryGolden(files: TokenizerFiles) throws {
    struct Golden: Decodable {
      struct Text: Decodable {
        let text: String
        let ids: [Int]
        let idsMaxLength128: [Int]
        let decodedRaw: String
        let decodedOfficial: String
      }
      struct Ids: Decodable {
        let ids: [Int]
        let decodedRaw: String
        let decodedOfficial: String
      }
      let tokenizer: [Text]
      let decodeOnly: [Ids]
    }
    let data = try Data(contentsOf: SharedData.url("parity/tiny-a/golden.json"))
    let golden = try TokenizerFixture.goldenDecoder().decode(Golden.self, from: data)
    let tokenizer = try files.load(from: SharedData.url("parity/tiny-a/tokenizer"))
    #expect(tokenizer.vocabularySize == 1500 && tokenizer.maskToken == 1499)
    for item in golden.tokenizer {
      #expect(tokenizer.encode(item.text) == item.ids)
      #expect(tokenizer.encode(item.text, maximumLength: 128) == item.idsMaxLength128)
      let raw = tokenizer.decode(item.ids)
      #expect(isIdenticalText(raw, item.decodedRaw))
      #expect(isIdenticalText(Tokenizer.cleanUp(raw), item.decodedOfficial))
    }
    for item in golden.decodeOnly {
      let raw = tokenizer.decode(item.ids)
      #expect(isIdenticalText(raw, item.decodedRaw), "\(item.ids)")
      #expect(isIdenticalText(Tokenizer.cleanUp(raw), item.decodedOfficial))
    }
  }

  @Test(.enabled(if: SharedData.has("metrics/dev/bertscore_tiny/model")))
  func readsTheTokenizerOfARobertaModel() throws {
    let folder = SharedData.url("metrics/dev/bertscore_tiny/model")
    let tokenizer = try Tokenizer(contentsOf: folder)
    let plain = try TokenizerFiles.vocabularyAndMerges.load(from: folder)
    let text = "A calm piano melody, isn't it <mask>?"
    #expect(tokenizer.maskToken == 4)
    #expect(tokenizer.encode(text) == plain.encode(text))
    #expect(tokenizer.decode(tokenizer.encode("A calm piano melody")) == "A calm piano melody")
  }

  @Test func truncationKeepsTheStartAndTheEnd() throws {
    let tokenizer = try Tokenizer(contentsOf: TokenizerFixture.folder)
    let text = "This is a slow piece in which two violins play"
    let whole = tokenizer.encode(text)
    #expect(whole.count > 6)
    #expect(tokenizer.encode(text, maximumLength: whole.count) == whole)
    for length in 2..<whole.count {
      #expect(tokenizer.encode(text, maximumLength: length) == whole.prefix(length - 1) + [2])
    }
    for length in [1, 0, -1, Int.min] {
      #expect(tokenizer.encode(text, maximumLength: length) == [0, 2])
    }
    #expect(tokenizer.bareTokens(text) == Array(whole.dropFirst().dropLast()))
  }

  @Test func anyTextSurvivesTheRoundTrip() throws {
    let tokenizer = try Tokenizer(contentsOf: TokenizerFixture.folder)
    let seed = UInt64.random(in: 0...UInt64.max)
    var draw = TextRandom(state: seed)
    for _ in 0..<300 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...20, using: &draw) {
        let limit: UInt32 = [0x80, 0x400, 0x3100, 0x10FFFF].randomElement(using: &draw) ?? 0x80
        if let scalar = Unicode.Scalar(UInt32.random(in: 0...limit, using: &draw)) {
          text.append(scalar)
        }
      }
      let decoded = tokenizer.decode(tokenizer.encode(String(text)))
      #expect(isIdenticalText(decoded, String(text)), "seed \(seed)")
    }
  }

  @Test func canonicallyEquivalentSpellingsStayApart() throws {
    let tokenizer = try Tokenizer.learn(
      from: Array(repeating: "é", count: 9) + ["e\u{301}"], vocabularySize: 300)
    let composed = tokenizer.bareTokens("\u{e9}")
    let decomposed = tokenizer.bareTokens("e\u{301}")
    #expect(composed.count == 1)
    #expect(decomposed.count == 3)
    #expect(Array(tokenizer.decode(decomposed).unicodeScalars) == ["e", "\u{301}"])
    // Either as a word that the cache holds already.
    #expect(tokenizer.bareTokens("\u{e9}") == composed)
    #expect(tokenizer.bareTokens("e\u{301}") == decomposed)
  }

  @Test func cleanUpRemovesSpacesAsTheOfficialCodeDoes() {
    let cases = [
      ("a . b ? c ! d , e", "a. b? c! d, e"),
      ("it 's we 've they 're I 'm", "it's we've they're I'm"),
      ("do n't ' x", "don't'x"), ("  .", " ."), ("..  ,,", ".. ,,"),
      ("x 'll 'd", "x 'll 'd"), ("a .\u{301}", "a.\u{301}"), ("", ""), (" ", " "),
      ("a ' 's", "a''s"),
    ]
    for (text, cleaned) in cases {
      #expect(isIdenticalText(Tokenizer.cleanUp(text), cleaned), "\(text)")
    }
  }

  @Test func timeGrowsLinearlyWithALongWord() throws {
    let tokenizer = try Tokenizer(contentsOf: TokenizerFixture.folder)
    // Quadratic merging of the longer one would take hours in a debug build.
    for unit in ["a", "ab", "xyz音", " ", "'", "<", "<mask>"] {
      let text = String(repeating: unit, count: 40_000 / unit.utf8.count)
      #expect(
        isIdenticalText(
          tokenizer.decode(tokenizer.encode(text), skipSpecialTokens: false), "<s>\(text)</s>"))
    }
  }

  @Test func theWordCacheIsBounded() {
    let cache = WordCache()
    for index in 0..<(WordCache.capacity + 10) { cache.store([index], for: Array("\(index)".utf8)) }
    #expect(cache.count == 10)
    cache.store([1], for: [UInt8](repeating: 1, count: WordCache.longestWord + 1))
    #expect(cache.count == 10)
    #expect(cache.ids(of: Array("16385".utf8)) == [16385])
  }

  @Test func severalThreadsMayShareOne() async throws {
    let tokenizer = try Tokenizer(contentsOf: TokenizerFixture.folder)
    let captions = try TokenizerFixture.load().captions
    let expected = captions.map { tokenizer.encode($0) }
    await withTaskGroup(of: [[Int]].self) { group in
      for _ in 0..<4 { group.addTask { captions.map { tokenizer.encode($0) } } }
      for await found in group { #expect(found == expected) }
    }
  }
}

/// A small generator, so that random texts can be repeated from a printed seed.
struct TextRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}
