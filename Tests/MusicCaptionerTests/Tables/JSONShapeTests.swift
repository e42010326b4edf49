import Foundation
import Testing

@testable import MusicCaptioner

/// What pandas, Hugging Face and the official repository write: one table in many shapes.
@Suite struct JSONShapeTests {
  private func rows(_ text: String, _ name: String = "t.json") throws -> [TableRow] {
    var reader = try TableReader(Array(text.utf8), name: name)
    var rows: [TableRow] = []
    while let row = try reader.next() { rows.append(row) }
    return rows
  }

  private let expected: [JSONValue] = [
    .object(["id": .text("x"), "tags": .list([.text("a"), .text("b")])]),
    .object(["id": .text("y"), "tags": .null]),
  ]

  @Test(arguments: [
    #"[{"id": "x", "tags": ["a", "b"]}, {"id": "y", "tags": NaN}]"#,
    "{\"id\": \"x\", \"tags\": [\"a\", \"b\"]}\n{\"id\": \"y\", \"tags\": null}",
    #"{"x": {"id": "x", "tags": ["a", "b"]}, "y": {"id": "y", "tags": null}}"#,
    #"{"0": {"id": "x", "tags": ["a", "b"]}, "1": {"id": "y", "tags": null}}"#,
    #"{"id": {"0": "x", "1": "y"}, "tags": {"0": ["a", "b"], "1": null}}"#,
    #"{"id": {"p": "x", "q": "y"}, "tags": {"p": ["a", "b"], "q": null}}"#,
    #"{"id": ["x", "y"], "tags": [["a", "b"], null]}"#,
    #"{"data": [{"id": "x", "tags": ["a", "b"]}, {"id": "y", "tags": null}]}"#,
    #"{"version": 1, "songs": [{"id": "x", "tags": ["a", "b"]}, {"id": "y", "tags": null}], "n": {}}"#,
    #"{"schema": {"fields": [{"name": "id"}]}, "data": [{"id": "x", "tags": ["a", "b"]}, {"id": "y", "tags": null}]}"#,
    #"{"columns": ["id", "tags"], "index": [0, 1], "data": [["x", ["a", "b"]], ["y", null]]}"#,
    #"{"data": [["x", ["a", "b"]], ["y", null]], "columns": ["id", "tags"]}"#,
    #"{"features": [{"name": "id"}], "rows": [{"row_idx": 0, "row": {"id": "x", "tags": ["a", "b"]}, "truncated_cells": []}, {"row_idx": 1, "row": {"id": "y", "tags": null}}]}"#,
  ])
  func everyShapeGivesTheSameRows(text: String) throws {
    #expect(try rows(text).map(\.value) == expected)
    #expect(try rows("\u{FEFF} \n" + text + "\n ").map(\.value) == expected)
  }

  /// A file of one row isn't taken apart.
  @Test(arguments: [
    #"{"id": "x", "segments": [{"start": 1}]}"#, #"{"tags": ["a", "b"], "captions": ["c", "d"]}"#,
    #"{"tags": ["a", "b"]}"#, #"{"predictions": ["p"], "references": ["r", "s"]}"#,
    #"{"captions": ["c", "d"], "audio": "x.wav"}"#,
  ])
  func aSingleRowStaysOne(text: String) throws {
    let value = try JSONReader.document(Array(text.utf8), name: "")
    #expect(try rows(text).map(\.value) == [value])
  }

  @Test func theIndexBeforeTheRowsNamesThem() throws {
    let found = try rows(
      #"{"columns": ["tag"], "index": ["a", "b", 3, null], "data": [["x"], ["y"], ["z"], ["w"]]}"#)
    #expect(found.map(\.key) == ["a", "b", nil, nil])
    #expect(try rows(#"{"columns": ["tag"], "data": [["x"]]}"#).map(\.key) == [nil])
    #expect(
      try rows(#"{"columns": ["tag"], "index": [], "data": [["x"]]}"#).map(\.key) == [nil])
  }

  @Test func pagesWithoutAllOfTheirRowsAreErrors() throws {
    func page(_ cells: String, _ rest: String) throws -> Int {
      try rows(
        "{\"rows\": [{\"row_idx\": 0, \"row\": {\"id\": 1}, \"truncated_cells\": \(cells)}]\(rest)}"
      ).count
    }
    #expect(try page("[]", "") == 1)
    #expect(try page("[]", ", \"num_rows_total\": 3, \"partial\": false") == 1)
    for (cells, rest, word) in [
      ("[\"id\"]", "", "truncated_cells"), ("[]", ", \"partial\": true", "partial"),
    ] {
      let error = #expect(throws: FileError.self) { try page(cells, rest) }
      #expect(error?.description.contains(word) == true)
    }
  }

  @Test func listsOfSplitsGiveTheirRowsSplits() throws {
    let found = try rows(
      "{\"train\": [{\"id\": 1},\n{\"id\": 2}], \"val\": [], \"test\": [{\"id\": 3}]}")
    #expect(found.map(\.split) == ["train", "train", "test"])
    #expect(found.map(\.line) == [1, 2, 2])
    #expect(found.map { $0.value["id"]?.integer } == [1, 2, 3])
    #expect(try rows(#"{"train": [{"id": 1}]}"#).map(\.split) == ["train"])
    for text in [
      #"{"train": [{"id": 1} {"id": 2}], "test": []}"#, #"{"train": [{}], "test": [{},]}"#,
    ] {
      #expect(throws: FileError.self) { try rows(text) }
    }
  }

  @Test func columnsOfOneNameAreAnErrorInEveryShape() throws {
    for text in [
      #"{"columns": ["a", "a"], "data": [[1, 2]]}"#, #"{"columns": ["a", "a"], "data": []}"#,
    ] {
      let error = #expect(throws: FileError.self) { try rows(text) }
      #expect(error?.description.contains("two columns named \"a\"") == true)
    }
  }

  @Test func rowsHaveTheirKeysAndLines() throws {
    let keyed = try rows("{\"p\": {\"id\": 1},\n\"q\": {\"id\": 2}}")
    #expect(keyed.map(\.key) == ["p", "q"])
    #expect(keyed.map(\.line) == [1, 2])
    #expect(try rows("{}").isEmpty)
    #expect(try rows(#"{"data": []}"#).isEmpty)
    #expect(try rows(#"{"columns": [], "data": []}"#).isEmpty)
  }

  @Test(arguments: [
    #"{"id": {"0": "x", "1": "y"}, "tags": {"1": [], "0": []}}"#,
    #"{"columns": ["id", "id"], "data": [[1, 2]]}"#, #"{"columns": ["id"], "data": [[1, 2]]}"#,
    #"{"id": {"0": "x"}, "id": {"0": "y"}}"#, #"{"x": {"id": 1}, "y": {"id": 2}"#,
    #"{"data": [{"id": 1}, {"id": 2]}"#, #"{"data": [{"id": 1}]"#, #"{"data": [{"a": 1}]} x"#,
  ])
  func whatDoesNotFitIsAnError(text: String) {
    #expect(throws: FileError.self) { try rows(text) }
  }

  @Test func everyTruncationIsAnError() throws {
    for text in [
      #"{"x": {"id": "x"}, "y": {"id": "y"}}"#, #"{"id": {"0": "x"}, "tags": {"0": ["a"]}}"#,
      #"{"data": [{"id": "x"}], "more": [1]}"#, #"{"columns": ["id"], "data": [["x"], ["y"]]}"#,
    ] {
      for length in 1..<text.utf8.count {
        #expect(throws: FileError.self, "\(text.prefix(length))") {
          try rows(String(text.prefix(length)))
        }
      }
    }
  }

  /// A whole table may be cut off, larger than any row.
  @Test func theEndOfALongFileIsMissed() {
    let row = "{\"id\": \"\(String(repeating: "x", count: 1 << 20))\"}"
    let text = "{\"data\": [" + Array(repeating: row, count: 20).joined(separator: ", ")
    let error = #expect(throws: FileError.self) { try rows(text) }
    #expect(error?.description.contains("the end of the file") == true)
  }

  /// It is passed over, in constant memory.
  @Test func whatFollowsTheRowsMayBeLargerThanARow() throws {
    let long = Array(repeating: "\"\(String(repeating: "x", count: 1 << 20))\"", count: 24)
      .joined(separator: ",")
    #expect(try rows(#"{"data":[{"id":1},{"id":2},{"id":3}],"extra":[\#(long)]}"#).count == 3)
    let name = String(repeating: "x", count: 17 << 20)
    let error = #expect(throws: FileError.self) {
      try rows(#"{"data":[{"id":1}],"\#(name)":1}"#)
    }
    #expect(error?.description.hasSuffix("rows of 16 MiB at most; is a quote unclosed?") == true)
  }

  /// A look at all of a row's bytes for each of them would take hours.
  @Test func longRowsAndManyColumnsTakeLinearTime() throws {
    let names = (0..<40_000).map { "\"c\($0)\": {\"0\": 1}" }.joined(separator: ", ")
    #expect(try rows("{\"id\": {\"0\": 1}, \(names)}").count == 1)
    let nested = String(repeating: "[", count: 200_000)
    #expect(throws: FileError.self) { try rows("{\"id\": \(nested)") }
    #expect(throws: FileError.self) { try rows("{\"x\": {\"id\": \(nested)") }
  }
}
