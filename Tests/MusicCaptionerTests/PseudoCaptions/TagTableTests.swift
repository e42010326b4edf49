import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct TagTableTests {
  private func rows(
    _ name: String, _ content: String, tagColumn: String? = nil
  ) throws -> [TagRow?] {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: name)
      try Data(content.utf8).write(to: file)
      var rows: [TagRow?] = []
      var reader = try TagTable(path: file.path, tagColumn: tagColumn).rows()
      while let (_, row) = try reader.next() { rows.append(row) }
      return rows
    }
  }

  @Test func tagsAreFoundInEveryFormatAndColumn() throws {
    for (name, content) in [
      ("a.jsonl", #"{"tag": ["a", "b c", "a"]}"#),
      ("a.json", #"[{"aspect_list": "['a', 'b c']"}]"#),
      ("a.csv", "x,extra_tag\n1,\"a, b c\"\n"),
      ("a.csv", "ytid,aspect_list\n1,\"['a', \"\"b c\"\"]\"\n"),
      ("a.jsonl", #"{"tag": [], "tags": ["a", "b c"]}"#),
      ("a.jsonl", #"{"tag_top50": ["a", "b c"]}"#),
    ] {
      #expect(try rows(name, content).map { $0?.tags } == [["a", "b c"]], "\(content)")
    }
    let named = try rows("a.jsonl", #"{"tag": ["x"], "mood": ["y"]}"#, tagColumn: "mood")
    #expect(named.first??.tags == ["y"])
  }

  /// The captions are written to one file, whose name says nothing.
  @Test func splitsOfKeysAndNamesBecomeAColumn() throws {
    let keyed = try rows("a.json", #"{"train": [{"tag": ["a"]}], "test": [{"tag": ["b"]}]}"#)
    #expect(keyed.map { $0?.fields["split"] } == [.text("train"), .text("test")])
    let own = try rows("a.json", #"{"train": [{"tag": ["a"], "split": "dev"}], "test": []}"#)
    #expect(own.map { $0?.fields["split"] } == [.text("dev")])
    #expect(try rows("a.jsonl", #"{"tag": ["a"]}"#).map { $0?.fields["split"] } == [nil])
    var shards = try TagTable(path: Fixtures.url("tables/train-*.parquet").path).rows()
    #expect(try shards.next()?.row?.fields["split"] == .text("train"))
  }

  @Test func rowsWithoutTagsKeepTheirNumber() throws {
    let found = try rows("a.jsonl", "{\"tag\": []}\n{\"x\": 1}\n{\"tag\": [\"a\"]}\n")
    #expect(found.map { $0?.number } == [nil, nil, 2])
  }

  @Test func badTablesAreSaidWithTheirLine() {
    #expect {
      _ = try rows("a.jsonl", "{\"tag\": [\"a\"]}\n{\"tag\": 3}\n")
    } throws: { ($0 as? DataError)?.line == 2 }
    #expect(throws: DataError.self) { try rows("a.jsonl", "") }
    #expect(throws: DataError.self) { try rows("a.txt", "{}") }
  }

  @Test func rowsComeAsTheyAreTakenAndNoneIsLost() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "a.jsonl")
      let content = (0..<500).map { "{\"tag\": [\"t\($0)\"]}\n" }.joined()
      try Data(content.utf8).write(to: file)
      let feed = TagTableFeed(TagTable(path: file.path), ahead: 3) { $0 % 2 == 0 }
      var numbers: [Int] = []
      for try await row in feed.rows {
        feed.taken()
        numbers.append(row.number)
      }
      #expect(numbers == Array(stride(from: 0, to: 500, by: 2)))
      feed.stop()
    }
  }

  @Test func aLineHasTheOfficialColumnsAndAllOthers() throws {
    let row = TagRow(
      number: 4,
      fields: [
        "id": .text("x1"), "audio": .text("a/x1.ogg"), "split": .text("train"),
        "tags": .list([.text("a")]), "plays": .number("007"), "year": .text("1999"),
        "is_crawled": .text("True"), "note": .text("a\"b\n\u{2028}"),
      ], tagColumn: "tags", tags: ["a", "b"])
    let line = CaptionedRow(
      row: row,
      outcomes: [
        .writing: .caption("A song.", newAttributes: nil),
        .attributePrediction: .caption("A warm song.", newAttributes: ["warm"]),
        .summary: .rejected(.length, text: "Song."), .paraphrase: .unparsed("?", why: "no text"),
      ], tellsNumber: true
    ).line
    #expect(
      line == #"""
        {"track_id": "x1", "year": 1999, "tag": ["a", "b"], "caption_writing": "A song.", \#
        "caption_summary": null, "caption_paraphrase": null, \#
        "caption_attribute_prediction": "A warm song.", "pseudo_attribute": ["warm"], \#
        "path": "a/x1.ogg", "is_crawled": true, "audio": "a/x1.ogg", "id": "x1", "input_row": 4, \#
        "note": "a\"b\n\u2028", "plays": "007", \#
        "rejected": {"summary": {"filter": "length", "text": "Song."}}, "split": "train", \#
        "tags": ["a", "b"], "unparsed": {"paraphrase": "?"}, \#
        "unparsed_reason": {"paraphrase": "no text"}}
        """#)
  }

  @Test func musicCapsOwnCaptionIsTheGroundTruth() {
    let row = TagRow(
      number: 0, fields: ["ytid": .text("y"), "caption": .text("True."), "start_s": .text("30")],
      tagColumn: "aspect_list", tags: ["a"])
    #expect(
      CaptionedRow(row: row, outcomes: [:], tellsNumber: false).line
        == #"{"ytid": "y", "aspect_list": ["a"], "caption_ground_truth": "True.", "start_s": 30}"#)
  }
}
