import Testing

@testable import MusicCaptioner

@Suite struct TokenizerErrorTests {
  @Test func errorsSayFilePlaceAndRemedy() {
    let error = TokenizerError(.unknownMergeToken(index: 7, token: "Ġx"), file: "folder/merges.txt")
    #expect(
      "\(error)"
        == "folder/merges.txt: merge 7 needs the token \"Ġx\", which the vocabulary lacks; "
        + "do vocabulary and merges belong together?")
  }

  /// The fuzzer found a token of 45 KB that was told whole.
  @Test func longTokensAreCutInMessages() {
    let long = String(repeating: "[SEP]", count: 10_000)
    let reasons: [TokenizerError.Reason] = [
      .value(field: long, found: long, expected: "text"),
      .unsupported(field: long, found: long, expected: "BPE"),
      .malformedMerge(index: 1, found: long), .unknownMergeToken(index: 1, token: long),
      .missingMerges(tokenCount: 1, example: long), .duplicateToken(long),
      .idCollision(id: 3, long, long), .idOutOfRange(id: 9, token: long, tokenCount: 4),
      .missingSpecialToken(long),
    ]
    for reason in reasons {
      let words = TokenizerError(reason, file: "tokenizer.json").description
      #expect(words.utf8.count < 400 && words.contains("[SEP]"), "\(words.prefix(200))")
    }
  }
}
