import Testing

@testable import MusicCaptioner

@Suite struct PreTokenizerTests {
  private func words(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    var words: [String] = []
    PreTokenizer.forEachWord(in: bytes, bytes.indices) {
      words.append(String(decoding: bytes[$0], as: UTF8.self))
    }
    return words
  }

  @Test(arguments: [
    ("Hello world", ["Hello", " world"]),
    ("it's they'll 's 'x", ["it", "'s", " they", "'ll", " '", "s", " '", "x"]),
    ("''s", ["''", "s"]),
    ("I'M we'r", ["I", "'", "M", " we", "'", "r"]),
    ("a  b   ", ["a", " ", " b", "   "]),
    ("a\nb", ["a", "\n", "b"]),
    ("a\n\nb", ["a", "\n", "\n", "b"]),
    ("a \r\n b", ["a", " \r\n", " b"]),
    ("x\u{a0}y", ["x", "\u{a0}", "y"]),
    ("120bpm ½!", ["120", "bpm", " ½", "!"]),
    ("e\u{301}a", ["e", "\u{301}", "a"]),
    (" ", [" "]),
    ("", []),
  ])
  func splitsAsTheGPT2PatternDoes(text: String, expected: [String]) {
    let found = words(text)
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) {
      #expect(isIdenticalText(a, b), "\(text.debugDescription)")
    }
  }

  @Test func classesAreThoseOfUnicode16() {
    // Assigned in Unicode 17 and 16, in this order.
    #expect(ScalarClass("\u{88F}") == .other)
    #expect(ScalarClass("\u{1C89}") == .letter)
    #expect(ScalarClass("\u{85}") == .space)
    #expect(ScalarClass("\u{200B}") == .other)
    #expect(ScalarClass("\u{1C}") == .other)
    #expect(ScalarClass("²") == .number)
    #expect(ScalarClass("_") == .other)
    #expect(ScalarClass("\u{378}") == .other)
  }

  @Test func theByteAlphabetIsABijection() {
    #expect(Set(ByteAlphabet.scalars).count == 256)
    for byte in UInt8.min...UInt8.max {
      #expect(ByteAlphabet.bytes(of: ByteAlphabet.text(of: [byte])) == [byte])
    }
    #expect(ByteAlphabet.scalars[0x20] == "Ġ" && ByteAlphabet.scalars[0x0A] == "Ċ")
    #expect(ByteAlphabet.bytes(of: Array("a b".utf8)) == nil)
    #expect(ByteAlphabet.bytes(of: Array("音".utf8)) == nil)
  }

  @Test func addedTokensAreFoundAsHuggingFaceFindsThem() {
    let tokens = [
      AddedToken(content: Array("<m>".utf8), id: 1, stripsLeft: true, stripsRight: true),
      AddedToken(content: Array("<m>x".utf8), id: 2),
      AddedToken(content: Array("wo".utf8), id: 3, isSingleWord: true),
      AddedToken(content: Array("o<".utf8), id: 4, isNormalized: false),
    ]
    let matcher = AddedTokenMatcher(tokens, normalizer: TextNormalizer())
    func segments(_ text: String) -> [AddedTokenMatcher.Segment] {
      var segments: [AddedTokenMatcher.Segment] = []
      matcher.forEachSegment(of: Array(text.utf8)) { segment, _ in segments.append(segment) }
      return segments
    }
    #expect(segments("") == [])
    #expect(segments("ab") == [.text(0..<2)])
    #expect(segments("a  <m> \n b") == [.text(0..<1), .token(1), .text(9..<10)])
    #expect(segments("<m>x") == [.token(2)])
    #expect(segments(" <m> <m> ") == [.token(1), .token(1)])
    #expect(
      segments("wo two wo1 (wo)") == [
        .token(3), .text(2..<12), .token(3), .text(14..<15),
      ])
    // Found in the first pass, over the raw text, before what begins further left.
    #expect(segments("wo<m>") == [.text(0..<1), .token(4), .text(3..<5)])
  }
}
