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
}
