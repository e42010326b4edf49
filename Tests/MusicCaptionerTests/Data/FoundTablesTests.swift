import Foundation
import Testing

@testable import MusicCaptioner

/// Tables as people have them, each with what is in it.
@Suite(.enabled(if: SharedData.has("faults/tables"))) struct FoundTablesTests {
  private func tracks(_ name: String, _ format: DatasetFormat) throws -> TrackSet {
    var options = DatasetOptions()
    options.manifest = name
    options.format = format
    options.audio = name.hasPrefix("mc_") ? "clips" : nil
    return try TrackSet([options], relativeTo: SharedData.url("faults/tables"))
  }

  @Test(arguments: [
    "lp.json", "lp.jsonl", "lp.jsonl.gz", "lp_columns.json", "lp_data_key.json", "lp_keyed.json",
    "lp_str_lists.csv",
  ])
  func everyShapeOfOneTableGivesItsTracks(name: String) throws {
    let tracks = try tracks(name, .lpMusicCaps)
    #expect((0..<tracks.count).map { tracks[$0].id } == ["t0", "t1"])
    #expect((0..<tracks.count).map { tracks[$0].tags } == [["pop", "slow"], ["rock"]])
    #expect(tracks[0].captions.first { $0.kind == .writing }?.text == "W0.")
    if name != "lp_str_lists.csv" { #expect(tracks[1].captions.map(\.text) == ["P1.", "W1."]) }
  }

  @Test(arguments: [
    ("mc_numpy_none.csv", ["low quality", "slow tempo"]),
    ("mc_numpy_list.csv", ["low quality", "slow tempo", "drummer's fill"]),
    ("mc_numpy_numbers.csv", ["98", "117", "108"]),
    ("mc_plain.csv", ["low quality", "drummer's fill", "don't stop"]),
    ("mc_bom_crlf.csv", ["low quality", "drummer's fill", "don't stop"]),
    ("mc_index_col.csv", ["low quality", "drummer's fill", "don't stop"]),
    ("mc_float_times.csv", ["pop"]),
  ])
  func tagsOfTheFirstRow(name: String, expected: [String]) throws {
    #expect(try tracks(name, .musicCaps)[0].tags == expected)
  }

  @Test func truthsMayBeNumbers() throws {
    let tracks = try tracks("mc_bool_floats.csv", .musicCaps)
    #expect((0..<tracks.count).map { tracks[$0].split } == ["train", "test"])
  }

  @Test func halfACharacterIsReplaced() throws {
    let tracks = try tracks("lp_surrogate.jsonl", .lpMusicCaps)
    #expect(tracks[0].captions[0].text == "Half \u{FFFD} emoji.")
    #expect(tracks[1].captions[0].text == "Whole 🎵.")
  }

  @Test(arguments: [
    ("mc_numpy_elided.csv", "left out"), ("x.parquet", "Parquet"), ("mc_utf16.csv", "UTF-16"),
    ("mc_latin1.csv", "UTF-8"), ("lp.txt", ".jsonl, .json, .csv"),
    ("lp_ctrl.jsonl", "inside a text"),
    ("mc_semicolon.csv", "semicolons"), ("mc_bool_yn.csv", "true or false"),
  ])
  func whatCannotBeReadIsSaid(name: String, words: String) {
    let error = #expect(throws: DataError.self) {
      try tracks(name, name.hasPrefix("mc_") ? .musicCaps : .lpMusicCaps)
    }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    #expect(error?.description.contains(name) == true)
  }
}

/// Folders and files in the forms of other programs, made here.
@Suite struct ForeignTablesTests {
  private func tracks(_ manifest: String, in folder: URL, split: String? = nil) throws -> [Track] {
    var options = DatasetOptions()
    options.manifest = manifest
    options.split = split
    let set = try TrackSet([options], relativeTo: folder)
    return (0..<set.count).map { set[$0] }
  }

  @Test func audiofolderIsReadByItsFolderOrItsTable() throws {
    let csv = "file_name,text\na.wav,One.\nsub/b.wav,Two.\n"
    try withAudioFolder(["a.wav", "sub/b.wav"], tables: ["metadata.csv": csv]) { folder in
      for manifest in ["metadata.csv", "."] {
        let found = try tracks(manifest, in: folder)
        #expect(found.map(\.id) == ["a.wav", "sub/b.wav"])
        #expect(found.map(\.captions) == ["One.", "Two."].map { [TrackCaption(.caption, $0)] })
      }
    }
    let rows = #"{"file_name": "a.wav", "text": "One.", "tags": ["t"]}"#
    let tables = ["train/metadata.jsonl": rows, "test/metadata.jsonl": rows]
    try withAudioFolder(["train/a.wav", "test/a.wav"], tables: [:]) { folder in
      for (name, text) in tables { try Data(text.utf8).write(to: folder.appending(path: name)) }
      let found = try tracks(".", in: folder)
      #expect(found.map(\.split) == ["test", "train"])
      let test = try tracks(".", in: folder, split: "test")
      #expect(test.map(\.audio) == [.file(path: folder.path + "/test/a.wav")])
      #expect(try tracks("t*/metadata.jsonl", in: folder).count == 2)
    }
  }

  @Test(arguments: [
    ["metadata.csv", "metadata.jsonl"], ["a.parquet", "b.jsonl"], ["metadata.csv", "a.parquet"],
    ["sub/a.parquet", "sub/b.csv.gz"],
  ])
  func aTableThatWouldNotBeReadIsNamed(names: [String]) throws {
    let text = "file_name,text\na.wav,One.\n"
    try withAudioFolder(["a.wav", "sub/x"], tables: [:]) { folder in
      for name in names { try Data(text.utf8).write(to: folder.appending(path: name)) }
      let error = #expect(throws: DataError.self) { try tracks(".", in: folder) }
      let last = names[1].split(separator: "/").last ?? ""
      #expect(error?.description.contains("\"\(last)\" beside") == true, "\(error as Any)")
    }
  }

  @Test func theBytesOfASoundAreNoPath() throws {
    let row = "{\"audio\": \"\(String(repeating: "UklGR", count: 2000))\", \"caption\": \"One.\"}"
    try withAudioFolder(["a.wav"], tables: ["m.jsonl": row]) { folder in
      let error = #expect(throws: DataError.self) { try tracks("m.jsonl", in: folder) }
      #expect(error?.description.contains("{bytes, path}") == true)
      #expect((error?.description.count ?? 0) < 400)
    }
  }

  @Test func audioCraftsDescriptionsLieBesideTheSounds() throws {
    let rows = """
      {"path": "a.wav", "duration": 1.0, "sample_rate": 32000, "amplitude": null, "weight": null}
      {"path": "b.wav", "duration": 1.0, "sample_rate": 32000, "amplitude": null, "weight": null}
      """
    let description =
      #"{"description": "A song.", "keywords": "calm, piano", "genre": "folk", "moods": [], "bpm": ""}"#
    try withAudioFolder(["a.wav", "b.wav"], tables: ["data.jsonl": rows, "a.json": description]) {
      let found = try tracks("data.jsonl", in: $0)
      #expect(found.map(\.id) == ["a.wav"])
      #expect(found[0].captions == [TrackCaption(.caption, "A song.")])
      #expect(found[0].tags == ["calm", "piano", "folk"])
    }
  }

  @Test func soundsOfHuggingFacesColumnHavePaths() throws {
    let rows = #"{"audio": {"path": "a.wav", "bytes": null}, "caption": "One."}"#
    try withAudioFolder(["a.wav"], tables: ["m.jsonl": rows + "\n" + rows]) { folder in
      let found = try tracks("m.jsonl", in: folder)
      #expect(found.map(\.id) == ["a.wav", "a.wav"])
    }
  }

  @Test func aFolderWithoutTablesIsAnError() throws {
    try withAudioFolder(["a.wav"], tables: [:]) { folder in
      let error = #expect(throws: DataError.self) { try tracks(".", in: folder) }
      #expect(error?.description.contains("metadata.csv") == true)
      #expect(throws: DataError.self) { try tracks("*.parquet", in: folder) }
    }
  }

  @Test(arguments: [
    ("train-00.parquet", "train-*.parquet", true), ("a", "*", true), (".a", "*", false),
    ("abc", "a?c", true), ("abc", "a?", false), ("aXbXc", "a*b*c", true), ("ab", "*a", false),
    ("[a]", "[a]", true),
  ])
  func patternsMatchAsInAShell(name: String, pattern: String, expected: Bool) {
    #expect(TableFiles.isMatch(name, pattern) == expected)
  }
}
