import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct CaptionWordsTests {
  @Test(.enabled(if: MetricGoldens.areThere))
  func wordsOfEachKindEqualTheGoldens() throws {
    let units = try MetricGoldens.object("units.json")
    for unit in try #require(units["tokenizers"] as? [[String: Any]]) {
      let text = Scalars(try #require(unit["text"] as? String))
      let found: [String: [Scalars]] = [
        "13a": CaptionWords.bleu(text), "sentences": SentenceSplitter.sentences(in: text),
        "meteor_tokens": CaptionWords.treebank(text), "rouge_tokens": CaptionWords.rouge(text),
        "vocab_tokens": CaptionWords.vocabulary(text), "ptb_lite": CaptionWords.cider(text),
      ]
      for (kind, words) in found {
        #expect(MetricGoldens.strings(words) == unit[kind] as? [String], "\(kind)")
      }
    }
  }

  @Test(.enabled(if: MetricGoldens.areThere))
  func stemsEqualTheGoldens() throws {
    let stems = try #require(
      try MetricGoldens.object("units.json")["porter_stem"] as? [String: String])
    for (word, stem) in stems {
      let found = PorterStemmer.stem(of: Scalars(word))
      #expect(MetricGoldens.strings([found]) == [stem], "\(word)")
    }
  }

  @Test(.enabled(if: MetricGoldens.haveWordNet))
  func synonymsEqualTheGoldens() throws {
    let goldens = try #require(
      try MetricGoldens.object("units.json")["wordnet_synonyms"] as? [String: [String]])
    let wordNet = try WordNet(folder: WordNet.standardFolder)
    for (word, synonyms) in goldens {
      let found = MetricGoldens.strings(Array(wordNet.synonyms(of: Scalars(word))))
      #expect(found.sorted() == synonyms.sorted(), "\(word)")
    }
  }

  @Test func sentencesEndWhereMarksAreFollowedByAnotherWord() {
    func sentences(_ text: String) -> [String] {
      MetricGoldens.strings(SentenceSplitter.sentences(in: Scalars(text)))
    }
    #expect(sentences("A slow song. It is sad.") == ["A slow song.", "It is sad."])
    #expect(sentences("J. Smith plays at 3. tempo.") == ["J. Smith plays at 3. tempo."])
    #expect(sentences("He said \"no.\" She left.") == ["He said \"no.\"", "She left."])
    #expect(sentences("wow!!! yes...no") == ["wow!!!", "yes...no"])
    #expect(sentences("(Sent one.) Two") == ["(Sent one.)", "Two"])
    #expect(sentences(" \n ") == [])
  }

  @Test func treebankWordsSplitClitics() {
    func words(_ text: String) -> [String] {
      MetricGoldens.strings(CaptionWords.treebank(Scalars(text)))
    }
    #expect(
      words("They can't: cannot, won't.") == [
        "They", "ca", "n't", ":", "can", "not", ",", "wo", "n't", ".",
      ])
    #expect(
      words("'Tis the singer's \"best\"") == [
        "'T", "is", "the", "singer", "'s", "``", "best", "''",
      ])
  }

  @Test func scalarsAreNotJoinedAsCharactersAre() {
    let text = Scalars("a\r\ne\u{301} é ΑΣ ΣΑ")
    #expect(text.words.count == 5)
    #expect(Set(Scalars("e\u{301} é").words).count == 2)
    #expect(MetricGoldens.strings(text.lowercased.words)[3...] == ["ας", "σα"])
    #expect(
      MetricGoldens.strings(CaptionWords.rouge(Scalars("Café №5 4/4"))) == ["caf", "5", "4", "4"])
  }
}
