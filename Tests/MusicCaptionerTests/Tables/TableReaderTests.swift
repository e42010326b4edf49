import Foundation
import Testing

@testable import MusicCaptioner

private struct Row {
  let line: Int
  let fields: JSONObject
}

private func records(_ text: String, _ name: String) throws -> [Row] {
  try records(Array(text.utf8), name)
}

private func records(_ bytes: [UInt8], _ name: String) throws -> [Row] {
  var records: [Row] = []
  var reader = try TableReader(bytes, name: name)
  while let (row, fields) = try reader.nextObject() {
    records.append(Row(line: row.line, fields: fields))
  }
  return records
}

private func failure(_ text: String, _ name: String) -> FileError? {
  do {
    _ = try records(text, name)
    return nil
  } catch {
    return error as? FileError
  }
}

@Suite struct CSVReaderTests {
  @Test func quotesCommasLineBreaksAndBothLineEndingsAreRead() throws {
    let text = "\u{FEFF}a,b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n\n2,é\n"
    let rows = try records(text, "t.csv")
    #expect(rows.map(\.line) == [2, 5])
    #expect(rows[0].fields == ["a": .text("1"), "b": .text("x, \"y\"\r\nz")])
    #expect(rows[1].fields == ["a": .text("2"), "b": .text("é")])
  }

  @Test func lastLineNeedsNoEnd() throws {
    #expect(try records("a,b\n1,2", "t.csv").count == 1)
    #expect(try records("a\n\"1\"", "t.csv")[0].fields == ["a": .text("1")])
    #expect(try records("", "t.csv").isEmpty)
    #expect(try records("a,b\n", "t.csv").isEmpty)
  }

  /// A look at every earlier name for each would take minutes.
  @Test func manyColumnsAreRead() throws {
    let names = (0..<100_000).map { "c\($0)" }.joined(separator: ",")
    let row = try records(names + "\n" + names + "\n", "t.csv")
    #expect(row.first?.fields.members.count == 100_000)
    #expect(row.first?.fields["c99999"] == .text("c99999"))
    #expect(failure(names + ",c7\n", "t.csv")?.line == 1)
  }

  @Test(arguments: [
    ("id;tags\n1;a\n", "t.csv", "semicolons"), ("id\ttags\n1\ta\n", "t.csv", "tabs"),
    ("id|tags\n1|a\n", "t.csv", "vertical bars"), ("id,tags\n1,a\n", "t.tsv", "commas"),
  ])
  func otherSeparatorsAreNamed(text: String, name: String, separator: String) {
    #expect(
      failure(text, name)?.description
        == "\(name):1: found \(separator) between the columns; "
        + "expected commas in a .csv, tabs in a .tsv")
  }

  @Test(arguments: ["None", "nan", "NaN", "null", "<NA>", "NA", "N/A"])
  func missingTagsAreNone(text: String) throws {
    let record = DataRecord(
      file: "t", line: 1, fields: ["tag": .text(text), "aspect_list": .text("slow, sad")])
    #expect(try record.words("tag") == [])
    #expect(try record.words("tag", "aspect_list") == ["slow", "sad"])
  }

  @Test func tabsSeparateInTSV() throws {
    #expect(try records("a\tb\n1,5\t2", "t.tsv")[0].fields["a"] == .text("1,5"))
  }

  @Test func damageIsAnErrorWithItsLine() {
    #expect(failure("a,b\n1,2\n3\n", "t.csv")?.line == 3)
    let unclosed = failure("a,b\n1,2\n3,\"x\ny\nz", "t.csv")
    #expect(unclosed?.line == 3)
    #expect(unclosed?.description.contains("cut short") == true)
    #expect(failure("a\n\"x\"y\n", "t.csv")?.line == 2)
    #expect(failure("a,a\n1,2\n", "t.csv")?.line == 1)
    #expect(failure(",,a,a,b\n1,2,3,4,5\n", "t.csv")?.line == 1)
    #expect(failure(",,a,b\n1,2,3,4\n", "t.csv") == nil)
    #expect(throws: FileError.self) { try records([0x61, 0x0A, 0xFF, 0xFE, 0x0A], "t.csv") }
    #expect(failure("a\n1", "t.parquet") != nil)
  }
}

@Suite struct JSONTableTests {
  @Test func linesAndArraysGiveTheSameRecords() throws {
    let lines = "{\"a\": 1, \"b\": [\"x\", null]}\n\n  {\"a\": \"ü\\u00e9\\ud83c\\udfb5\\n\"}"
    let array = "[\n{\"a\": 1, \"b\": [\"x\", null]},{\"a\": \"ü\\u00e9\\ud83c\\udfb5\\n\"}]\n"
    let (a, b) = (try records(lines, "t.jsonl"), try records(array, "t.json"))
    #expect(a.map(\.fields) == b.map(\.fields))
    #expect(a[0].fields == ["a": .number("1"), "b": .list([.text("x"), .null])])
    #expect(a[1].fields == ["a": .text("üé🎵\n")])
    #expect(a.map(\.line) == [1, 3])
    #expect(try records("[]", "t.json").isEmpty)
    #expect(try records(" \n", "t.jsonl").isEmpty)
  }

  @Test func pythonsNotANumberIsNothing() throws {
    let row = try records("{\"a\": NaN, \"b\": -Infinity, \"c\": Infinity}", "t.jsonl")
    #expect(row.count == 1)
    #expect(row.first?.fields["a"] == .null)
  }

  @Test func halfCharactersAreReplaced() throws {
    let row = try records(#"{"a": "\ud83cx", "b": "\ud83c\n", "c": "\udfb5"}"#, "t.jsonl")
    #expect(row[0].fields["a"] == .text("\u{FFFD}x"))
    #expect(row[0].fields["b"] == .text("\u{FFFD}\n"))
    #expect(row[0].fields["c"] == .text("\u{FFFD}"))
  }

  @Test func everyTruncationIsAnErrorOrEarlierRecords() throws {
    let text = #"[{"a": "x\u00e9", "b": [1.5e3, true, null]}, {"c": {"d": -2}}]"#
    let bytes = Array(text.utf8)
    for length in 1..<bytes.count {
      #expect(throws: FileError.self, "the first \(length) bytes") {
        try records(Array(bytes[..<length]), "t.json")
      }
    }
  }

  @Test func theNumberOfColumnsIsBounded() throws {
    let error = #expect(throws: FileError.self) {
      try TableReader(Array(String(repeating: ",", count: 1 << 20).utf8), name: "t.csv")
    }
    #expect(error?.description == "t.csv:1: too large; expected 262144 columns at most")
  }

  @Test func hostileInputIsAnError() {
    for text in [
      String(repeating: "[", count: 100_000), "{\"a\":" + String(repeating: "[", count: 100_000),
      "{\"a\" 1}", "{a: 1}", "{\"a\": 1,}", "[{\"a\": 1} {\"a\": 2}]", "[1]", "{\"a\": 1e}",
      "{\"a\": \"\\q\"}", "{\"a\": \"\\u12\"}", "{\"a\": \"x\ny\"}", "[{}] x", "\u{0}",
      "{\"a\": tru}", "{\"a\": --1}", "{\"a\": [1], \"b\": [",
      "{\"a\": [\u{1}]}", "{\"a\": {\u{1}: 1}}", "{\"a\": {\"0\": 1}",
    ] {
      #expect(failure(text, "t.json") != nil, "\(text.prefix(30))")
    }
    #expect(failure("{\"a\": 1}\n{\"a\": 2\n", "t.jsonl")?.line == 3)
  }

  @Test func randomDamageNeverTraps() throws {
    let text = #"{"a": "x\u00e9\"", "b": [1.5e3, true, "['q', \"r\"]"], "c": {"d": -2}}"#
    for trial in 0..<2000 {
      var random = RandomSource(seed: 7, stream: "damage", index: UInt64(trial))
      var bytes = Array(text.utf8)
      for _ in 0...random.integer(below: 3) {
        bytes[random.integer(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      for name in ["t.json", "t.csv"] { _ = try? records(bytes, name) }
      _ = try? parsePythonList(String(decoding: bytes.dropFirst(40), as: UTF8.self))
    }
  }
}

@Suite struct PythonListTests {
  @Test(arguments: [
    ("['a', \"b's\"]", ["a", "b's"]), ("[]", []), (" [ 'a' ] ", ["a"]),
    ("['a' 'b c'\n 'd']", ["a", "b c", "d"]), ("[\"a\\\"\", 'it\\'s']", ["a\"", "it's"]),
    ("['\\xe9\\u00e9', 1, None]", ["éé", "1"]), ("[\"\\ud83c\\udfb5\"]", ["🎵"]),
    ("['a',]", ["a"]), ("[low quality, rock 'n roll]", ["low quality", "rock 'n roll"]),
    ("['a' None 'b']", ["a", "b"]), ("[None 'a' nan\n \"b\" None]", ["a", "b"]),
    ("[98 117 1.5]", ["98", "117", "1.5"]), ("[80 s, 1 song]", ["80 s", "1 song"]),
    ("('a', 'b')", ["a", "b"]), ("array(['a', 'b'], dtype=object)", ["a", "b"]),
    ("array(['a'])", ["a"]), ("[None]", []),
    ("[np.str_('rock'), np.str_(\"it's\")]", ["rock", "it's"]),
    ("[b'a', u'b', r'c']", ["a", "b", "c"]),
    ("{'a', 'b c'}", ["a", "b c"]), ("[np, beat, rock]", ["np", "beat", "rock"]),
  ])
  func listsAreRead(text: String, expected: [String]) throws {
    #expect(beginsPythonList(text))
    #expect(try parsePythonList(text) == expected)
  }

  @Test(arguments: [
    "", "a", "[", "['a", "['a'", "['a'] x", "[np.str_(3)]", "[np.str_('a']", "{'a': 1}", "['\\x4']",
    "[['a']]", "['a\\", "('a']",
  ])
  func damageIsAnError(text: String) {
    #expect(throws: PythonListFault.self) { try parsePythonList(text) }
  }

  @Test(arguments: [
    ("['a', 'b']", ["a", "b"]), (" ['a']", ["a"]), ("array(['a', 'b'], dtype=object)", ["a", "b"]),
    ("A slow song, and sad.", ["A slow song, and sad."]), (" A song.", [" A song."]),
    ("('Oh', she sings)", ["('Oh', she sings)"]), ("(\"Oh\") A song.", ["(\"Oh\") A song."]),
    ("{'Oh'}", ["{'Oh'}"]),
  ])
  func sentencesAreListsWhereNoSentenceBeginsSo(text: String, expected: [String]) throws {
    let record = DataRecord(file: "t", line: 1, fields: ["captions": .text(text)])
    #expect(try record.sentences("captions") == expected)
  }

  @Test(arguments: [
    "['a' ... 'b [x]']", "['a' 'b' ... 'y' 'z']", "[1 2 ... 8 9]", "['a', ..., 'z']", "[... 'z']",
  ])
  func whatNumpyLeavesOutIsMissed(text: String) {
    let fault = #expect(throws: PythonListFault.self) { try parsePythonList(text) }
    #expect(fault?.isIncomplete == true)
  }

  @Test(arguments: ["low quality, pop", "(lo-fi), pop", "(low) 'x'", ""])
  func otherTextsAreNoLists(text: String) { #expect(!beginsPythonList(text)) }
}
