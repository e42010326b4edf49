import Testing

@testable import MusicCaptioner

@Suite struct TokenizerJSONTests {
  private func parse(_ text: String) throws -> TokenizerJSON {
    try TokenizerJSON(parsing: Array(text.utf8), path: "test.json")
  }

  @Test func readsEveryKindOfValue() throws {
    let json = try parse(#" {"a": [1, -2.5, 1e2, true, false, null], "b": {}, "c": [], "": "x"} "#)
    #expect(
      json["a"]
        == .array([
          .integer(1), .number(-2.5), .number(100), .bool(true), .bool(false), .null,
        ]))
    #expect(json["b"] == .object([]))
    #expect(json["c"] == .array([]))
    #expect(json[""] == .string(Array("x".utf8)))
    #expect(json["d"] == nil)
  }

  @Test func readsEscapes() throws {
    #expect(
      try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83c\udfb5""#)
        == .string(Array("\"\\/\u{8}\u{c}\n\r\tAé🎵".utf8)))
  }

  @Test func keysThatLookAlikeStayApart() throws {
    let json = try parse(#"{"é": 1, "e\u0301": 2}"#)
    #expect(json["é"] == .integer(1))
    #expect(json["e\u{301}"] == .integer(2))
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
    "{\"a\":1,}", "{a:1}",
    "\"", "\"\\", "\"\\u", "\"\\u12", "\"\\u12G4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
    "\"\\udc00\"", "\"\\x\"",
    "\"a\nb\"", "nul", "tru", "+1", "-", "1 2", "{} {}", "[1 2]", "\u{feff}{}", "'a'", "NaN", "--1",
    "\"\\ud800\\u\"",
  ])
  func refusesWhatIsNoJSON(text: String) {
    #expect(throws: TokenizerError.self) { try parse(text) }
  }

  @Test func refusesDeepNestingInsteadOfExhaustingTheStack() {
    #expect(throws: TokenizerError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
  }

  @Test func namesTheLine() {
    #expect(
      throws: TokenizerError(
        .malformedJSON(line: 3, problem: "the file ends too early"), path: "test.json")
    ) { try parse("{\n\n\"a\":") }
  }

  @Test func errorsSayFilePlaceAndRemedy() {
    let error = TokenizerError(.unknownMergeToken(index: 7, token: "Ġx"), path: "folder/merges.txt")
    #expect(
      "\(error)"
        == "folder/merges.txt: merge 7 needs the token \"Ġx\", which the vocabulary lacks; "
        + "do vocabulary and merges belong together?")
  }
}
