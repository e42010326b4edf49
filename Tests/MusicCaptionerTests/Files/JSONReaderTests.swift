import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct JSONReaderTests {
  private func parse(_ text: String, _ dialect: JSONReader.Dialect = .strict) throws -> JSONValue {
    try JSONReader.document(Array(text.utf8), name: "test.json", dialect: dialect)
  }

  @Test func readsEveryKindOfValue() throws {
    let json = try parse(#" {"a": [1, -2.5, 1e2, true, false, null], "b": {}, "c": [], "": "x"} "#)
    #expect(
      json["a"]
        == .list([
          .number("1"), .number("-2.5"), .number("1e2"), .truth(true), .truth(false), .null,
        ]))
    #expect(json["b"] == .object([:]))
    #expect(json["c"] == .list([]))
    #expect(json[""] == .text("x"))
    #expect(json["d"] == nil)
  }

  @Test func readsEscapes() throws {
    #expect(
      try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83c\udfb5""#)
        == .text("\"\\/\u{8}\u{c}\n\r\tAé🎵"))
  }

  @Test func keysThatLookAlikeStayApart() throws {
    let json = try parse(#"{"é": 1, "e\u0301": 2}"#)
    #expect(json["é"] == .number("1"))
    #expect(json["e\u{301}"] == .number("2"))
  }

  @Test func theLastOfEqualKeysCounts() throws {
    #expect(try parse(#"{"a": 1, "a": 2}"#)["a"]?.integer == 2)
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
    "{\"a\":1,}", "{a:1}",
    "\"", "\"\\", "\"\\u", "\"\\u12", "\"\\u12G4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
    "\"\\udc00\"", "\"\\x\"",
    "\"a\nb\"", "nul", "tru", "+1", "-", "1 2", "{} {}", "[1 2]", "\u{feff}\u{feff}{}", "'a'",
    "NaN",
    "--1", "2.", "-.5", "01", "1e", "1.e5", "\"\\ud800\\u\"", "Infinity", "-Infinity",
  ])
  func refusesWhatIsNoJSON(text: String) {
    #expect(throws: FileError.self) { try parse(text) }
  }

  @Test(arguments: [
    ("NaN", JSONValue.null), ("-Infinity", .null), (#""\ud83d""#, .text("\u{FFFD}")),
    (#""\ud83dx""#, .text("\u{FFFD}x")), (#""\udc00""#, .text("\u{FFFD}")),
    (#""\ud83d\ud83c\udfb5""#, .text("\u{FFFD}🎵")), (#""\ud83d\n""#, .text("\u{FFFD}\n")),
    (#""\ud83d\u0041""#, .text("\u{FFFD}A")),
  ])
  func whatPythonWritesIsTaken(text: String, value: JSONValue) throws {
    #expect(try parse(text, .python) == value)
  }

  @Test func refusesDeepNestingInsteadOfExhaustingTheStack() {
    for sign in ["[", "{\"a\":"] {
      #expect(throws: FileError.self) { try parse(String(repeating: sign, count: 1_000_000)) }
    }
  }

  @Test func randomDamageNeverTraps() throws {
    let whole = Array(#"{"a": ["x\u00e9\ud83c\udfb5\"", -1.5e3, true, null], "": {"é": {}}}"#.utf8)
    for length in 0..<whole.count {
      for dialect in [JSONReader.Dialect.python, .strict] {
        #expect(throws: FileError.self, "the first \(length) bytes") {
          try JSONReader.document(Array(whole[..<length]), name: "t", dialect: dialect)
        }
      }
    }
    for trial in 0..<2000 {
      var random = RandomSource(seed: 11, stream: "damage", index: UInt64(trial))
      var bytes = whole
      for _ in 0...random.integer(below: 3) {
        bytes[random.integer(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      for dialect in [JSONReader.Dialect.python, .strict] {
        guard let value = try? JSONReader.document(bytes, name: "t", dialect: dialect) else {
          continue
        }
        // What is read can be written, and read again.
        let text = JSONWriter.text(value)
        _ = try JSONReader.document(Array(text.utf8), name: "t", dialect: .strict)
      }
    }
  }

  @Test func namesTheLine() {
    #expect(
      throws: FileError(
        .syntax(
          line: 3, found: "the end of the file",
          expected: "a JSON value (the object began on line 1)"), .read, "test.json")
    ) { try parse("{\n\n\"a\":") }
  }

  @Test func aDocumentMayBeLargerThanARow() throws {
    let element = "\"" + String(repeating: "x", count: 1 << 20) + "\","
    let text = "[" + String(repeating: element, count: 20) + "1]"
    #expect(try parse(text) != .null)
    var reader = JSONReader(try ByteReader(Array("[\(text)]".utf8), name: "t"))
    let error = #expect(throws: FileError.self) { try reader.nextElement() }
    #expect(error?.description.contains("16 MiB") == true)
  }

  /// A block of the file ends wherever it happens to.
  /// Two bytes of file would take 24 of memory each.
  @Test func millionsOfSmallValuesAreRefused() throws {
    func list(_ count: Int) -> String { "[" + String(repeating: "1,", count: count - 1) + "1]" }
    #expect(try parse(list(FileLimits.smallValues / 4)).kind == "a list")
    let error = #expect(throws: FileError.self) { try parse(list(2 * FileLimits.smallValues)) }
    #expect(error?.description.contains("a value for every ten bytes") == true)
  }

  @Test func piecesOfAFileAreReadAsOne() throws {
    let unit = #"{"a": "é\ud83c\udfb5\u00e9 静", "b": [1.5, null]}"#
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "t.jsonl")
      for shift in 0...unit.utf8.count {
        let filler = "\"" + String(repeating: "x", count: 1 << 18 - 2 - shift) + "\""
        try Data((filler + unit + "\n").utf8).write(to: url)
        var reader = JSONReader(try ByteReader(url))
        _ = try reader.nextElement()
        let element = try reader.nextElement()
        try #require(element?.value["a"] == .text("é🎵é 静"), "\(shift) bytes before the end")
        try #require(element?.value["b"] == .list([.number("1.5"), .null]))
        #expect(try reader.nextElement() == nil)
      }
    }
  }
}
