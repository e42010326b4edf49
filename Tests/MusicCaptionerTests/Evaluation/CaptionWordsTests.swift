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

  /// Against NLTK 3.8.1 with its model of English.
  @Test func sentencesAndTheirWordsEqualNLTKs() throws {
    let golden = try WordGoldens.load()
    for (text, sentences) in golden.sentences {
      #expect(
        MetricGoldens.strings(SentenceSplitter.sentences(in: Scalars(text))) == sentences, "\(text)"
      )
    }
    for (text, words) in golden.treebank {
      #expect(MetricGoldens.strings(CaptionWords.treebank(Scalars(text))) == words, "\(text)")
    }
  }

  /// Against the Java tokenizer that coco-caption runs.
  @Test func stanfordsWordsEqualTheTokenizers() throws {
    for (text, words) in try WordGoldens.load().stanford {
      #expect(MetricGoldens.strings(PTBWords.words(of: Scalars(text))) == words, "\(text)")
    }
  }

  /// Random texts from what the patterns look for never trap, and one without spaces takes linear
  /// time.
  @Test func anyTextHasWords() {
    var random = RandomSource(seed: 21, stream: "words")
    let pieces = [
      "a", "R", "&", "&amp;", "'", "’", "n't", "s", "7", ".", ",", ":", "/", "-", "_", "<", ">",
      "@",
      "#", "$", "(", ")", "!", "?", " ", "\t", "é", "😀", "http://", "www.", ".com", "Mr.", "“", "½",
    ]
    for _ in 0..<3_000 {
      let text = (0..<random.integer(below: 12)).map { _ in
        pieces[random.integer(below: pieces.count)]
      }
      let words = PTBWords.words(of: Scalars(text.joined()))
      #expect(words.allSatisfy { !$0.isEmpty && !$0.contains(" ") }, "\(text)")
    }
    for piece in ["a,", "1a.", "a@", "a+", "<a ", "x'", "&#1", "a. ", "1 1/", "-", "“", "a.b-"] {
      _ = PTBWords.words(of: Scalars(String(repeating: piece, count: 3_000)))
      _ = SentenceSplitter.sentences(in: Scalars(String(repeating: piece, count: 3_000)))
    }
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

/// The words of our own sentences, as other tokenizers split them.
private struct WordGoldens {
  typealias Texts = [(text: String, parts: [String])]
  let stanford: Texts
  let sentences: Texts
  let treebank: Texts

  static func load() throws -> WordGoldens {
    let url = Fixtures.url("metric-words").appending(path: "golden.json")
    let golden = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: [[Any]]])
    func texts(_ name: String) throws -> Texts {
      try (try #require(golden[name])).map { pair in
        (try #require(pair[0] as? String), try #require(pair[1] as? [String]))
      }
    }
    return WordGoldens(
      stanford: try texts("stanford"), sentences: try texts("sentences"),
      treebank: try texts("treebank"))
  }
}
