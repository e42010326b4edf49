import Foundation
import Testing

@testable import MusicCaptioner

/// Cells and sounds that a table lacks, in the ways in which programs say so.
@Suite struct MissingValueTests {
  private func tracks(_ manifest: String, _ folder: URL) throws -> TrackSet {
    var options = DatasetOptions()
    options.manifest = manifest
    return try TrackSet([options], relativeTo: folder)
  }

  /// pandas writes words where a value is missing; JSON has null, and these words are texts.
  @Test func captionsThatPandasLacksAreMissing() throws {
    let words = pythonWordsForMissing.sorted()
    let rows = (words + ["NaN bread", "Done."]).map { "x.wav,\($0)\n" }.joined()
    let json = words.map { "{\"audio\": \"x.wav\", \"caption\": \"\($0)\"}\n" }.joined()
    let tables = [
      "m.csv": "audio,caption\n" + rows, "m.jsonl": json,
      "m.tsv": "audio\tcaption\n" + rows.replacingOccurrences(of: ",", with: "\t"),
    ]
    try withAudioFolder(["x.wav"], tables: tables) { folder in
      for name in ["m.csv", "m.tsv"] {
        let tracks = try tracks(name, folder)
        #expect((0..<tracks.count).map { tracks.references($0) } == [["NaN bread"], ["Done."]])
        #expect(
          tracks.warnings
            == [.withoutCaption(source: name, count: words.count, of: words.count + 2)])
      }
      #expect(try tracks("m.jsonl", folder).count == words.count)
    }
  }

  /// As a null of JSON is. Only a prediction may be empty: a model may have said nothing.
  @Test(arguments: ["", "NaN", "nan", "None", "null", "<NA>", "NA", "N/A"])
  func missingCellsAreNoCaptions(cell: String) throws {
    func problem(_ rows: String) throws -> EvaluationError? {
      try withTemporaryFolder { folder in
        let file = folder.appending(path: "p.csv")
        try Data(("id,prediction,reference\n" + rows).utf8).write(to: file)
        do throws(EvaluationError) {
          _ = try CaptionPair.read(file.path)
          return nil
        } catch {
          return error
        }
      }
    }
    for (rows, record) in [("a,x,y\nb,x,\(cell)\n", 2), ("a,x,\(cell)\n", 1)] {
      #expect(try problem(rows)?.description.contains("record \(record) has none") == true)
    }
    let prediction = try problem("a,x,y\nb,\(cell),y\n")
    #expect(prediction?.description.contains("record 2 has none") == (cell.isEmpty ? nil : true))
    #expect(try problem("a,x \(cell),y \(cell)\n") == nil)
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "t.csv")
      try Data("id,caption\na,One.\nb,\(cell)\n".utf8).write(to: file)
      #expect(try CaptionPair.readTrainingCaptions(file.path) == ["One."])
    }
  }

  /// The first row has bytes, the second only a path, and the third neither.
  @Test func rowsOfOneTableMayHaveBytesOrPaths() throws {
    try withTemporaryFolder { folder in
      let name = "bytes-or-path.parquet"
      try FileManager.default.copyItem(
        at: Fixtures.url("tables/\(name)"), to: folder.appending(path: name))
      try AudioClip(samples: [Float](repeating: 0.5, count: 320), sampleRate: 16_000)
        .writeWave(to: folder.appending(path: "1.wav"))
      let tracks = try tracks(name, folder)
      let reader = try ClipReader(
        AudioFeatureOptions(), crop: .first, cache: ClipCache(megabytes: 0))
      for row in [0, 1, 0] { _ = try reader.read(row, of: tracks.table, position: 0) }
      let error = #expect(throws: AudioError.self) {
        try reader.read(2, of: tracks.table, position: 0)
      }
      #expect(error?.description.contains("neither bytes nor a path") == true)
      try FileManager.default.removeItem(at: folder.appending(path: "1.wav"))
      let missing = #expect(throws: AudioError.self) {
        try reader.read(1, of: tracks.table, position: 0)
      }
      #expect(missing?.description.contains("1.wav: no such file") == true)
    }
  }
}
