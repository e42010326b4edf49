import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct MergeLearningTests {
  @Test func learnsTheSameMergesAsHuggingFace() throws {
    let fixture = try TokenizerFixture.load()
    #expect(fixture.learned.count == 5)
    for expected in fixture.learned {
      let tokenizer = try Tokenizer.learn(
        from: fixture.captions, vocabularySize: expected.size,
        minimumFrequency: expected.minimumFrequency)
      let tokens = (260..<tokenizer.vocabularySize).compactMap { tokenizer.token($0) }
      #expect(tokens.elementsEqual(expected.tokens), "\(expected.size) tokens")
      let merges = tokenizer.definition.merges.map { merge in
        [merge.left, merge.right].map { String(decoding: $0, as: UTF8.self) }
      }
      #expect(merges.elementsEqual(expected.merges), "\(expected.size) tokens")
    }
  }

  @Test func orderOfTheCaptionsDoesNotMatter() throws {
    let captions = try TokenizerFixture.load().captions
    let forward = try Tokenizer.learn(from: captions, vocabularySize: 450)
    let backward = try Tokenizer.learn(from: captions.reversed(), vocabularySize: 450)
    #expect(forward.jsonBytes() == backward.jsonBytes())
  }

  @Test func specialTokensHaveBartsPlaces() throws {
    let tokenizer = try Tokenizer.learn(from: ["la la la la"], vocabularySize: 270)
    #expect(tokenizer.startToken == 0 && tokenizer.paddingToken == 1 && tokenizer.endToken == 2)
    #expect(tokenizer.unknownToken == 3)
    #expect(tokenizer.maskToken == tokenizer.vocabularySize - 1)
    #expect(tokenizer.id(ofToken: "Ġla") == 261)
    #expect(tokenizer.decode(tokenizer.encode("la la")) == "la la")
  }

  @Test func captionsThatSpellOutSpecialTokensTeachNoSecondOnes() throws {
    let captions = Array(repeating: "<s> <mask> </s> <mask>", count: 20)
    let tokenizer = try Tokenizer.learn(from: captions, vocabularySize: 400, minimumFrequency: 1)
    #expect(tokenizer.encode("<s><mask></s>") == [0, 0, tokenizer.maskToken ?? -1, 2, 2])
    let again = try withTemporaryFolder { folder in
      try tokenizer.write(to: folder)
      return try Tokenizer(contentsOf: folder)
    }
    #expect(again.jsonBytes() == tokenizer.jsonBytes())
  }

  @Test func noCaptionsGiveTheBytes() throws {
    let tokenizer = try Tokenizer.learn(from: [], vocabularySize: 1000)
    #expect(tokenizer.vocabularySize == 261)
    #expect(tokenizer.encode("ab").count == 4)
  }

  @Test func refusesAVocabularyWithoutRoomForTheBytes() {
    #expect(
      throws: TokenizerError(.vocabularyTooSmall(requested: 260, minimum: 261), file: nil)
    ) {
      try Tokenizer.learn(from: ["a"], vocabularySize: 260)
    }
    #expect(throws: TokenizerError.self) {
      try Tokenizer.learn(from: ["a"], vocabularySize: .max)
    }
  }
}
