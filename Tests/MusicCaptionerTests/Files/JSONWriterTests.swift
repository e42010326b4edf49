import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct JSONWriterTests {
  private let value: JSONValue = .object([
    "b": .list([JSONValue(1), .text("x\n\"")]), "a": .object(["m_é": JSONValue(0.5), "n": .null]),
    "rows": .list([.object(["t": .truth(true)]), .object([:])]), "none": .list([]),
  ])

  @Test func layoutsAreThoseOfTheirModels() {
    #expect(
      JSONWriter.text(value, .line)
        == #"{"b": [1, "x\n\""], "a": {"m_é": 0.5, "n": null}, "rows": [{"t": true}, {}], "none": []}"#
    )
    #expect(
      JSONWriter.text(value, .compact)
        == #"{"b":[1,"x\n\""],"a":{"m_é":0.5,"n":null},"rows":[{"t":true},{}],"none":[]}"#)
    #expect(
      JSONWriter.text(value, .report) == #"""
        {
            "b": [1, "x\n\""],
            "a": {
                "m_é": 0.5,
                "n": null
            },
            "rows": [
                {
                    "t": true
                },
                {}
            ],
            "none": []
        }
        """#)
  }

  /// `config.json` and `checksums.json` have been written so from the start.
  @Test func theSortedLayoutIsFoundations() throws {
    let text = JSONWriter.text(value, .sorted)
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let written = try JSONSerialization.data(
      withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    #expect(text == String(decoding: written, as: UTF8.self))
  }

  @Test(arguments: ["", "plain", "a/b", "\"\\\n\r\t\u{8}\u{1f}\u{7f}", "é🎵e\u{301}\u{2028}<b>"])
  func whatIsWrittenIsReadBack(text: String) throws {
    for style in [QuotedText.Style.json, .jsonLine, .script] {
      let quoted = QuotedText.quoted(text, style)
      let found = try JSONReader.document(Array(quoted.utf8), name: "t", dialect: .strict)
      guard case .text(let read) = found else {
        Issue.record("\(found)")
        continue
      }
      #expect(Array(read.utf8) == Array(text.utf8), "\(quoted)")
      #expect(!quoted.unicodeScalars.contains { $0.value < 0x20 })
    }
  }

  @Test func eachStyleEscapesWhatWouldBreakItsPlace() {
    let text = "<\u{7F}\u{2028}\u{AD}\u{1F3B5}\u{E0001}"
    #expect(QuotedText.quoted(text) == "\"\(text)\"")
    #expect(
      QuotedText.quoted(text, .jsonLine) == "\"<\\u007f\\u2028\u{AD}\u{1F3B5}\u{E0001}\"")
    #expect(QuotedText.quoted(text, .script) == "\"\\u003c\(text.dropFirst())\"")
    #expect(
      QuotedText.quoted(text, .yaml) == "\"<\\u007F\\u2028\\u00AD\u{1F3B5}\\U000E0001\"")
  }

  @Test func numbersThatJSONDoesNotKnowBecomeTexts() {
    for (number, expected) in [
      ("12", "12"), ("-0.5e-3", "-0.5e-3"), ("00123", "\"00123\""), ("1.", "\"1.\""),
      (".5", "\".5\""), ("1e", "\"1e\""), ("nan", "\"nan\""), ("", "\"\""), ("-", "\"-\""),
    ] {
      #expect(JSONWriter.text(.number(number)) == expected)
    }
    #expect(JSONValue(Double.infinity) == .null && JSONValue(Double.nan) == .null)
  }

  @Test func fieldsWithSignsOfCSVAreQuotedByScalars() throws {
    let fields = ["a", "x,y", "say \"hi\"", "two\nlines", "\"\u{301}", ""]
    let line = CSVWriter.line(fields)
    #expect(line == "a,\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\",\"\"\"\u{301}\",\n")
    var reader = try CSVReader(try ByteReader(Array(("a,b,c,d,e,f\n" + line).utf8), name: "t.csv"))
    let row = try reader.next(keepsEmpty: true)
    #expect(row?.fields.members.map(\.value) == fields.map(JSONValue.text))
  }
}
