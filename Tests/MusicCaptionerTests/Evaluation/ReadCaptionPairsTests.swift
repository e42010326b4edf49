import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct ReadCaptionPairsTests {
  /// Writes files and gives their paths.
  private func withFiles(
    _ contents: [String], _ body: ([String]) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try body(
        contents.enumerated().map { index, text in
          let url = folder.appending(path: "file\(index)")
          try Data(text.utf8).write(to: url)
          return url.path
        })
    }
  }

  private func problem(of contents: [String]) throws -> EvaluationError? {
    var found: EvaluationError?
    try withFiles(contents) { paths in
      do throws(EvaluationError) {
        _ = try CaptionPair.read(paths[0], references: paths.count > 1 ? paths[1] : nil)
      } catch {
        found = error
      }
    }
    return found
  }

  private let pairs = [
    CaptionPair(prediction: "a\nsong é", references: ["one"]),
    CaptionPair(prediction: "", references: ["two"]),
  ]

  @Test func captionsUnderTheirIDsAreMatched() throws {
    let table = "id,caption\na,1\nb,2\n"
    try withTemporaryFolder { folder in
      let keyed = folder.appending(path: "keyed.json")
      try Data(#"{"b": "two", "a": "one"}"#.utf8).write(to: keyed)
      let csv = folder.appending(path: "table.csv")
      try Data(table.utf8).write(to: csv)
      let found = try CaptionPair.read(keyed.path, references: csv.path)
      #expect(found.map(\.id) == ["b", "a"])
      #expect(found.map(\.prediction) == ["two", "one"])
      #expect(found.map(\.references) == [["2"], ["1"]])
      let turned = try CaptionPair.read(csv.path, references: keyed.path)
      #expect(turned.map(\.references) == [["one"], ["two"]])
    }
  }

  @Test func allShapesAreRead() throws {
    for text in [
      #"[{"prediction": "a\nsong é", "ground_truth": "one"}, {"prediction":"","ground_truth":"two"}]"#,
      #"{"0": {"predictions": "a\nsong é", "true_captions": "one"}, "1": {"predictions": [""], "true_captions": ["two"]}}"#,
      #"{"caption": "a\nsong é", "reference": "one"}"# + "\n\n"
        + #"{"prediction": "", "references": ["two"], "score": -0.5}"# + "\r\n",
      "\u{FEFF}[\n{\"prediction\": \"a\\nsong é\",\n\"ground_truth\": \"one\"},\n"
        + "{\"prediction\": \"\", \"ground_truth\": \"two\"}\n]",
    ] {
      try withFiles([text]) { paths in
        let found = try CaptionPair.read(paths[0])
        #expect(found == pairs, "\(text)")
      }
    }
    for (text, expected) in [
      (#"{"caption": "x", "reference": "y"}"#, [CaptionPair(prediction: "x", references: ["y"])])
    ] {
      try withFiles([text]) { paths in
        let found = try CaptionPair.read(paths[0])
        #expect(found == expected)
      }
    }
  }

  /// As `train` reads them.
  @Test func whatPythonWritesIsTaken() throws {
    for (text, expected) in [
      (
        #"{"prediction":"a b","references":["a b"],"score":NaN}"# + "\n"
          + #"{"prediction":"c d","references":["c d"],"score":-Infinity}"#,
        [
          CaptionPair(prediction: "a b", references: ["a b"]),
          CaptionPair(prediction: "c d", references: ["c d"]),
        ]
      ),
      (
        #"[{"prediction":"half \ud83d","ground_truth":"half"}]"#,
        [CaptionPair(prediction: "half \u{FFFD}", references: ["half"])]
      ),
    ] {
      try withFiles([text]) { paths in
        let found = try CaptionPair.read(paths[0])
        #expect(found == expected)
      }
    }
  }

  @Test func tablesAreReadByTheirNamesEnding() throws {
    let rows = [
      ["id", "prediction", "references"],
      ["a", "say \"hi\", twice", "['one, 1', \"two's\"]"], ["b", "", "[not a list"],
      ["c", "[music]", "one\nline"],
    ]
    let expected = [
      CaptionPair(id: "a", prediction: "say \"hi\", twice", references: ["one, 1", "two's"]),
      CaptionPair(id: "b", prediction: "", references: ["[not a list"]),
      CaptionPair(id: "c", prediction: "[music]", references: ["one\nline"]),
    ]
    try withTemporaryFolder { folder in
      let csv = folder.appending(path: "p.CSV")
      try Data(rows.map(CSVWriter.line).joined().utf8).write(to: csv)
      let found = try CaptionPair.read(csv.path)
      #expect(found == expected)
      let captions = try CaptionPair.readTrainingCaptions(csv.path)
      #expect(captions == ["one, 1", "two's", "[not a list", "one\nline"])
      let tsv = folder.appending(path: "r.tsv")
      try Data("ytid\tcaption\nb\tfor b\nc\tfor c\na\tfor a, too\n".utf8).write(to: tsv)
      let joined = try CaptionPair.read(csv.path, references: tsv.path)
      #expect(joined.map(\.references) == [["for a, too"], ["for b"], ["for c"]])
      for (text, words) in [
        ("prediction,reference\n", "empty"), ("", "empty"),
        ("prediction,reference\na\n", "line 2: found 1 fields"),
        ("prediction,reference\n\"a", "line 2: found the end of the file"),
        ("prediction,prediction\na,b\n", "line 1: found two columns"),
        ("caption\na\n", "no references"), ("text,reference\na,b\n", "record 1 has none"),
      ] {
        try Data(text.utf8).write(to: csv)
        let error = #expect(throws: EvaluationError.self) { try CaptionPair.read(csv.path) }
        #expect("\(error as Any)".contains(words), "\(error as Any)")
      }
    }
  }

  @Test(.enabled(if: SharedData.has("faults/eval")))
  func theFilesThatWereRefusedAreRead() throws {
    for (name, count) in [
      ("nan.jsonl", 2), ("surrogate.json", 2), ("edge.jsonl", 8), ("allempty.jsonl", 2),
      ("emptyref.jsonl", 2), ("identical.jsonl", 1), ("one.jsonl", 1), ("refs_unequal.jsonl", 3),
    ] {
      let pairs = try CaptionPair.read(SharedData.url("faults/eval/\(name)").path)
      #expect(pairs.count == count, "\(name)")
    }
    let table = SharedData.url("faults/tables/mc_plain.csv").path
    let error = #expect(throws: EvaluationError.self) { try CaptionPair.read(table) }
    #expect(error?.description.contains("ground_truth, true_captions, references") == true)
    let captions = try CaptionPair.readTrainingCaptions(table)
    #expect(!captions.isEmpty)
  }

  @Test func referencesAreMatchedByIDOrElseByOrder() throws {
    let predictions = #"{"id": "a", "caption": "x"}"# + "\n" + #"{"id": 7, "caption": "y"}"#
    let byID = #"[{"id": "7", "references": ["r7", "s7"]}, {"id": "a", "reference": "ra"}]"#
    try withFiles([predictions, byID]) { paths in
      let pairs = try CaptionPair.read(paths[0], references: paths[1])
      #expect(pairs.map(\.references) == [["ra"], ["r7", "s7"]])
    }
    for byOrder in ["one\ntwo\n", #"["one", "two"]"#, #"[{"caption": "one"}, {"caption": "two"}]"#]
    {
      try withFiles([predictions, byOrder]) { paths in
        let pairs = try CaptionPair.read(paths[0], references: paths[1])
        #expect(pairs.map(\.references) == [["one"], ["two"]])
      }
    }
  }

  @Test func systemsAreAlignedByTheirIDs() throws {
    let pairs = ["a", "b"].map { CaptionPair(id: $0, prediction: "x" + $0, references: ["r" + $0]) }
    let others = ["b", "a"].map {
      CaptionPair(id: $0, prediction: "y" + $0, references: ["r" + $0])
    }
    func align(_ others: [CaptionPair]) throws -> [String] {
      try CaptionPair.aligning(others, from: "B", to: pairs, from: "A").map(\.prediction)
    }
    #expect(try align(others) == ["ya", "yb"])
    var unnamed = others.map { CaptionPair(prediction: $0.prediction, references: $0.references) }
    #expect(throws: EvaluationError(.otherReferences(record: 1, other: "A"), file: "B")) {
      try align(unnamed)
    }
    unnamed.swapAt(0, 1)
    #expect(try align(unnamed) == ["ya", "yb"])
    #expect(throws: EvaluationError.self) { try align([others[0]]) }
    #expect(throws: EvaluationError.self) { try align([unnamed[0]]) }
    #expect(throws: EvaluationError.self) { try align([others[0], others[0]]) }
  }

  @Test func trainingCaptionsAreReadInAllForms() throws {
    for text in [
      #"["one", "two"]"#, "{\"caption\": \"one\"}\n{\"caption\": \"two\"}", "one\r\ntwo\n",
      #"[{"caption": "one"}, {"caption": "two"}]"#,
    ] {
      try withFiles([text]) { paths in
        let found = try CaptionPair.readTrainingCaptions(paths[0])
        #expect(found == ["one", "two"], "\(text)")
      }
    }
  }

  @Test func badFilesAreRefusedInOneLine() throws {
    let predictions = "[{\"id\": \"a\", \"prediction\": \"x\"}]"
    for (contents, words) in [
      ([""], "empty"), (["[]"], "empty"), (["{}"], "empty"),
      (["[{\"prediction\": \"x\", "], "line 1 is not valid JSON"),
      (["[{\"prediction\": \"x\", \"ground_truth\": \"y\"}"], "cut off"),
      (
        ["{\"caption\": \"x\", \"reference\": \"y\"}\n{\"caption\": \"x"],
        "line 2 is not valid JSON"
      ),
      ([predictions], "no references"), (["[{\"ground_truth\": \"x\"}]"], "record 1 has none"),
      (["[1]"], "record 1: found 1"), (["hello"], "line 1"),
      (["[{\"prediction\": 1, \"ground_truth\": \"x\"}]"], "field \"prediction\": found 1"),
      (["[{\"prediction\": \"x\", \"ground_truth\": []}]"], "an empty list"),
      (["[{\"prediction\": \"x\", \"ground_truth\": \"y\"}, {\"prediction\": \"x\"}]"], "record 2"),
      ([predictions, "one\ntwo"], "1 predictions, but 2"),
      ([predictions, "[{\"id\": \"b\", \"reference\": \"y\"}]"], "lacks 1 of the clips"),
      (
        [predictions, "[{\"id\":\"a\",\"reference\":\"y\"},{\"id\":\"b\",\"reference\":\"y\"}]"],
        "among them \"b\""
      ),
      (
        [predictions, "[{\"id\":\"a\",\"reference\":\"y\"},{\"id\":\"a\",\"reference\":\"y\"}]"],
        "twice, in the records 1 and 2"
      ),
      (["[{\"id\":\"a\",\"prediction\":\"y\"},{\"prediction\":\"y\"}]", "a\nb"], "record 2"),
    ] {
      let error = try #require(try problem(of: contents), "\(contents)")
      #expect("\(error)".contains(words), "\(error)")
      #expect(!"\(error)".contains("\n"))
    }
  }

  @Test func whatIsNotUTF8IsSaid() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "latin1.json")
      try Data([UInt8]("[\"caf".utf8) + [0xE9] + [UInt8]("\"]".utf8)).write(to: url)
      do throws(EvaluationError) {
        _ = try CaptionPair.read(url.path)
        Issue.record("taken")
      } catch {
        #expect(error.reason == .notUTF8(byteOffset: 5))
      }
      do throws(EvaluationError) {
        _ = try CaptionPair.read(folder.path)
        Issue.record("taken")
      } catch {
        guard case .file(let fault) = error.reason, fault.cause == .isFolder else {
          Issue.record("\(error)")
          return
        }
      }
    }
  }

  /// Whatever bytes a file has lost or changed, it is read or refused.
  @Test func damagedFilesNeverTrap() throws {
    let whole = [UInt8](
      #"{"0": {"predictions": "a \u00e9\ud83c\udfb5 song", "true_captions": ["x", "y"], "audio_id": 3}}"#
        .utf8)
    var random = RandomSource(seed: 5, stream: "damage")
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "damaged.json")
      for cut in 0..<whole.count {
        try Data(whole[..<cut]).write(to: url)
        #expect(throws: EvaluationError.self) { try CaptionPair.read(url.path) }
      }
      for _ in 0..<300 {
        var bytes = whole
        bytes[random.integer(below: bytes.count)] = UInt8(random.integer(below: 256))
        try Data(bytes).write(to: url)
        _ = try? CaptionPair.read(url.path)
      }
    }
  }
}
