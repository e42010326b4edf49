import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct CaptionDocumentTests {
  private func caption(
    _ text: String = "A \"soft\" tune,\nslow", audio: String = "a.wav", start: Double = 0,
    end: Double = 10, alternatives: [Caption.Alternative] = []
  ) -> Caption {
    Caption(
      audio: audio, start: start, end: end, text: text, score: -0.5, tokens: [2, 0, 7, 2],
      alternatives: alternatives)
  }

  private let other = Caption.Alternative(text: "Loud", score: -0.75, tokens: [2, 0, 9, 2])

  private func whole(_ document: CaptionDocument, _ files: [[Caption]]) -> String {
    var document = document
    var text = document.header
    for captions in files {
      for caption in captions { text += document.add(caption) }
      text += document.endAudio()
    }
    return text + document.footer
  }

  @Test func jsonLinesHaveTheDocumentedShape() {
    let text = whole(CaptionDocument(.jsonl), [[caption()]])
    #expect(
      text == #"{"audio": "a.wav", "start": 0.0, "end": 10.0, "caption": "A \"soft\" tune,\nslow","#
        + #" "score": -0.5, "tokens": [2, 0, 7, 2]}"# + "\n")
  }

  @Test func alternativesComeWithSeveralBest() {
    let text = whole(CaptionDocument(.jsonl, best: 2), [[caption("x", alternatives: [other])]])
    #expect(
      text.hasSuffix(
        #""alternatives": [{"caption": "Loud", "score": -0.75, "tokens": [2, 0, 9, 2]}]}"# + "\n"))
  }

  @Test(arguments: [0, 1, 3]) func jsonIsOneArray(count: Int) throws {
    let captions = (0..<count).map { caption("c\($0) \u{1}\t\\ é🎻") }
    let text = whole(CaptionDocument(.json), [captions])
    let objects = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
    #expect(objects?.map { $0["caption"] as? String } == captions.map(\.text))
    #expect(text.hasSuffix("]\n"))
  }

  @Test func csvQuotesWhatNeedsIt() {
    let text = whole(
      CaptionDocument(.csv, best: 2), [[caption(alternatives: [other])], [caption("plain")]])
    #expect(
      text == "audio,start,end,caption,score,caption_2,score_2\n"
        + "a.wav,0.0,10.0,\"A \"\"soft\"\" tune,\nslow\",-0.5,Loud,-0.75\n"
        + "a.wav,0.0,10.0,plain,-0.5,,\n")
    #expect(CaptionDocument(.csv).header == "audio,start,end,caption,score\n")
  }

  /// A mark that combines makes another Character of a quotation mark, a bracket or a comma.
  @Test func marksThatCombineHideNothing() {
    let mark = "\u{301}"
    let slash = "\u{338}"
    let text = "a \"" + mark + "b <" + slash + "i>" + mark + " &" + mark
    let odd = caption(text, audio: "x," + mark + "\r\n\"" + mark + ".wav")
    let table = whole(CaptionDocument(.csv), [[odd]])
    let row = "\"x," + mark + "\r\n\"\"" + mark + ".wav\",0.0,10.0,\"a \"\"" + mark + "b <" + slash
    #expect(table.hasSuffix(row + "i>" + mark + " &" + mark + "\",-0.5\n"))
    let cue = "a \"" + mark + "b &lt;" + slash + "i&gt;" + mark + " &amp;" + mark + "\n\n"
    #expect(whole(CaptionDocument(.vtt), [[odd]]).hasSuffix(cue))
    let line = "x," + mark + " \"" + mark + ".wav: a"
    #expect(whole(CaptionDocument(.text, namesAudio: true), [[odd]]).hasPrefix(line))
    let json = whole(CaptionDocument(.jsonl), [[odd]])
    #expect(json.unicodeScalars.elementsEqual(json.unicodeScalars.filter { $0 != "\r" }))
    #expect(json.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
  }

  @Test func subtitlesHaveProperTimes() {
    let late = caption("a < b & c", start: 3719.5, end: 3723.0625)
    #expect(
      whole(CaptionDocument(.srt), [[caption("one\n\ntwo"), late]])
        == "1\n00:00:00,000 --> 00:00:10,000\none two\n\n"
        + "2\n01:01:59,500 --> 01:02:03,063\na < b & c\n\n")
    #expect(
      whole(CaptionDocument(.vtt), [[late]])
        == "WEBVTT\n\n01:01:59.500 --> 01:02:03.063\na &lt; b &amp; c\n\n")
  }

  @Test func textTellsTimesWhereAFileHasSeveralChunks() {
    let long = [caption("x"), caption("y", start: 10, end: 12.5)]
    #expect(whole(CaptionDocument(.text), [[caption("x")]]) == "x\n")
    #expect(
      whole(CaptionDocument(.text), [long])
        == "[00:00.000 --> 00:10.000] x\n[00:10.000 --> 00:12.500] y\n")
    #expect(
      whole(CaptionDocument(.text, namesAudio: true), [[caption("z", audio: "b.wav")], long])
        == "b.wav: z\na.wav: [00:00.000 --> 00:10.000] x\na.wav: [00:10.000 --> 00:12.500] y\n")
  }

  @Test func textListsAlternatives() {
    let text = whole(CaptionDocument(.text, best: 2), [[caption("x", alternatives: [other])]])
    #expect(text == "x\n  2. Loud\n")
  }
}
