import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// A folder with empty files of the given names; reading tracks looks for files, not into them.
func withAudioFolder<Result>(
  _ files: [String], tables: [String: String], _ body: (URL) throws -> Result
) throws -> Result {
  try withTemporaryFolder { folder in
    for file in files {
      let url = folder.appending(path: file)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: url)
    }
    for (name, text) in tables { try Data(text.utf8).write(to: folder.appending(path: name)) }
    return try body(folder)
  }
}

private func source(
  _ manifest: String, _ format: DatasetFormat = .manifest, split: String? = nil,
  captions: [CaptionKind] = [], audio: String? = nil, splits: String? = nil
) -> DatasetOptions {
  var options = DatasetOptions()
  options.manifest = manifest
  options.format = format
  options.split = split
  options.captions = captions
  options.audio = audio
  options.splits = splits
  return options
}

@Suite struct TrackSetTests {
  @Test func manifestFieldsAreRead() throws {
    let line = """
      {"audio": "a/x.wav", "id": 7, "start": 1.5, "end": "11.5", "split": "valid", "tags": ["t", "u"], \
      "caption": "One, two.", "captions": ["Three.", ""], "caption_ground_truth": "Four.", \
      "caption_attribute_prediction": "Five.", "other": {"x": 1}}
      """
    try withAudioFolder(["a/x.wav"], tables: ["m.jsonl": line]) { folder in
      let tracks = try TrackSet([source("m.jsonl", split: "validation")], relativeTo: folder)
      let track = tracks[0]
      #expect(track.id == "7")
      #expect(track.part == Track.Part(start: 1.5, end: 11.5))
      #expect(track.split == "validation")
      #expect(track.tags == ["t", "u"])
      #expect(
        Set(track.captions.map(\.text)) == ["One, two.", "Three.", "Four.", "Five."])
      #expect(tracks.references(0).first == "Four.")
      guard case .file(let path) = track.audio else { throw CocoaError(.fileNoSuchFile) }
      #expect(path.hasSuffix("/a/x.wav"))
    }
  }

  @Test func listsNamedAfterSplitsAreSplits() throws {
    let text = #"{"train": [{"audio": "x.wav"}], "val": [{"audio": "y.wav", "caption": "A."}]}"#
    try withAudioFolder(["x.wav", "y.wav"], tables: ["m.json": text]) { folder in
      let tracks = try TrackSet([source("m.json", split: "valid")], relativeTo: folder)
      #expect(tracks.count == 1 && tracks[0].id.hasPrefix("y"))
    }
  }

  @Test func onlyWantedCaptionsAreKept() throws {
    let lines = """
      {"audio": "x.wav", "caption_writing": "W.", "caption_summary": "S."}
      {"audio": "x.wav", "caption_paraphrase": "P."}
      """
    try withAudioFolder(["x.wav"], tables: ["m.jsonl": lines]) { folder in
      let tracks = try TrackSet(
        [source("m.jsonl", captions: [.summary, .writing])], relativeTo: folder)
      #expect(tracks.count == 1)
      #expect(tracks.references(0) == ["S.", "W."])
      #expect(tracks.warnings == [.withoutCaption(source: "m.jsonl", count: 1, of: 2)])
      let error = #expect(throws: DataError.self) {
        try TrackSet([source("m.jsonl", captions: [.groundTruth])], relativeTo: folder)
      }
      #expect(error?.description.contains("paraphrase, summary, writing") == true)
    }
  }

  @Test func missingFilesAreCountedAndAllMissingIsAnError() throws {
    let lines = """
      {"audio": "x.wav", "caption": "A."}
      {"audio": "gone.wav", "caption": "B."}
      """
    try withAudioFolder(["x.wav"], tables: ["m.jsonl": lines]) { folder in
      let tracks = try TrackSet([source("m.jsonl")], relativeTo: folder)
      guard case .missingAudio(_, 1, 2, let examples)? = tracks.warnings.first else {
        Issue.record("\(tracks.warnings)")
        return
      }
      #expect(examples[0].hasSuffix("gone.wav"))
      let error = #expect(throws: DataError.self) {
        try TrackSet([source("m.jsonl", audio: "elsewhere")], relativeTo: folder)
      }
      #expect(error.map(ExitStatus.init) == .missingInput)
    }
  }

  @Test func badRowsAreErrorsWithLineAndField() throws {
    func error(_ text: String) throws -> DataError? {
      try withAudioFolder(["x.wav"], tables: ["m.jsonl": text]) { folder -> DataError? in
        do throws(DataError) {
          _ = try TrackSet([source("m.jsonl")], relativeTo: folder)
          return nil
        } catch {
          return error
        }
      }
    }
    let good = "{\"audio\": \"x.wav\", \"caption\": \"A.\"}\n"
    #expect(try error(good) == nil)
    for (row, field) in [
      (#"{"caption": "A."}"#, "audio"), (#"{"audio": "x.wav", "start": -1}"#, "start"),
      (#"{"audio": "x.wav", "start": 2, "end": 1}"#, "end"),
      (#"{"audio": "x.wav", "start": "nan"}"#, "start"),
      (#"{"audio": "x.wav", "caption": {"a": 1}}"#, "caption"),
      (#"{"audio": "x.wav", "tags": [[1]]}"#, "tags"), (#"{"audio": ["x.wav"]}"#, "audio"),
      (#"{"audio": "x.wav", "tags": "['a"}"#, "tags"),
    ] {
      let error = try error(good + row)
      #expect(error?.line == 2 && error?.field == field, "\(row): \(String(describing: error))")
    }
    #expect(try error("")?.reason == .empty)
  }

  @Test func splitsAreNamedInErrors() throws {
    let lines = "{\"audio\": \"x.wav\", \"caption\": \"A.\", \"split\": \"Val\"}\n"
    let tables = ["m.jsonl": lines, "n.json": "[{\"audio\": \"x.wav\"}]"]
    try withAudioFolder(["x.wav"], tables: tables) { folder in
      let wrong = #expect(throws: DataError.self) {
        try TrackSet([source("m.jsonl", split: "train")], relativeTo: folder)
      }
      #expect(wrong?.reason == .noSuchSplit(asked: "train", found: ["validation"]))
      let unknown = #expect(throws: DataError.self) {
        try TrackSet([source("n.json", split: "train")], relativeTo: folder)
      }
      #expect(unknown?.reason == .splitsUnknown(asked: "train"))
      let missing = #expect(throws: DataError.self) {
        try TrackSet([source("o.json")], relativeTo: folder)
      }
      #expect(missing.map(ExitStatus.init) == .missingInput)
    }
  }

  @Test func musicCapsClipsAreFoundByAllTheirNames() throws {
    let table = """
      ytid,start_s,end_s,audioset_positive_labels,aspect_list,caption,author_id,is_balanced_subset,is_audioset_eval
      -0Gj8-vB1q4,30,40,"/m/1,/m/2","['a', ""b's""]","One, two.",4,False,True
      0aB_c,10,20,/m/1,['a'],Two.,4,False,False
      0xyz,10,20,/m/1,['a'],Three.,4,False,True
      gone,10,20,/m/1,['a'],Four.,4,False,True
      """
    let files = ["c/[-0Gj8-vB1q4]-[30-40].wav", "c/0aB_c_10.mp3", "c/0xyz.ogg", "c/notes.txt"]
    try withAudioFolder(files, tables: ["m.csv": table]) { folder in
      let tracks = try TrackSet([source("m.csv", .musicCaps, audio: "c")], relativeTo: folder)
      #expect((0..<3).map { tracks[$0].id } == ["-0Gj8-vB1q4", "0aB_c", "0xyz"])
      #expect(tracks[0].tags == ["a", "b's"])
      #expect(tracks[0].captions == [TrackCaption(.groundTruth, "One, two.")])
      #expect(tracks[0].part == .whole && tracks[1].part == .whole)
      #expect(tracks[2].part == Track.Part(start: 10, end: 20, mayBeCutOut: true))
      #expect((0..<3).map { tracks[$0].split } == ["test", "train", "test"])
      let asked = try TrackSet(
        [source("m.csv", .musicCaps, split: "test", captions: [.caption], audio: "c")],
        relativeTo: folder)
      #expect(asked.count == 2)
    }
  }

  @Test func officialColumnsOfAllThreeSetsAreRead() throws {
    let msd =
      #"[{"track_id": "TR1", "title": "x", "tag": ["a"], "caption_writing": "W.", "#
      + #""path": "x.wav"}]"#
    let mtt = "track_id,tag_top50,tag_top188,caption_summary,path\n2,['a'],['a' 'b'],S.,x.wav\n"
    let mc = """
      {"fname": "[v]-[0-10]", "ytid": "v", "aspect_list": ["a"], "caption_ground_truth": "G.", \
      "caption_writing": "W.", "start_s": 0, "end_s": 10, "is_crawled": true, "is_audioset_eval": true}
      {"fname": "[w]-[0-10]", "ytid": "w", "aspect_list": ["a"], "caption_ground_truth": "G.", \
      "is_crawled": false, "is_audioset_eval": true}
      """
    let tables = ["msd.json": msd, "mtt.csv": mtt, "mc.jsonl": mc]
    try withAudioFolder(["x.wav", "[v]-[0-10].wav"], tables: tables) { folder in
      let tracks = try TrackSet(
        ["msd.json", "mtt.csv", "mc.jsonl"].map { source($0, .lpMusicCaps) }, relativeTo: folder)
      #expect((0..<tracks.count).map { tracks[$0].id } == ["TR1", "2", "[v]-[0-10]"])
      #expect((0..<tracks.count).map { tracks[$0].tags } == [["a"], ["a", "b"], ["a"]])
      #expect(tracks[2].captions.count == 2)
      #expect(tracks[2].split == "test")
      #expect(tracks.warnings.isEmpty)
    }
  }

  @Test(
    .enabled(if: SharedData.has("data/synthetic-music")),
    arguments: [("synthetic-music", nil, 1800), ("mixed-formats", "test", 24)])
  func threeFormatsOfOneSetGiveTheSameTracks(set: String, split: String?, expected: Int) throws {
    let folder = SharedData.url("data/\(set)")
    let kinds: [CaptionKind] = [.writing, .summary, .paraphrase, .attributePrediction]
    let splits = "track_split.json"
    let a = try TrackSet(
      [source("manifest.jsonl", split: split, captions: kinds + [.groundTruth])],
      relativeTo: folder)
    let b = try TrackSet(
      [source("lp_music_caps.json", .lpMusicCaps, split: split, splits: splits)],
      relativeTo: folder)
    #expect(a.count == expected && b.count == expected)
    for index in 0..<min(a.count, b.count) {
      let (x, y) = (a[index], b[index])
      #expect(x.id == y.id && x.audio == y.audio && x.split == y.split && x.tags == y.tags)
      #expect(x.captions.filter { kinds.contains($0.kind) } == y.captions)
    }
    // The files of mixed-formats are not named by their ids, as this format has it.
    if set == "mixed-formats" { return }
    let c = try TrackSet(
      [source("dataset.csv", .musicCaps, split: split, audio: "audio", splits: splits)],
      relativeTo: folder)
    #expect(c.count == expected)
    for index in 0..<min(a.count, c.count) {
      let (x, z) = (a[index], c[index])
      #expect(x.id == z.id && x.audio == z.audio && x.tags == z.tags && x.split == z.split)
      #expect(x.captions.filter { $0.kind == .groundTruth } == z.captions)
    }
  }
}

@Suite struct DataOptionsTests {
  @Test func everyKeyMayBeLeftOut() throws {
    #expect(try ConfigurationFile<DataOptions>(yaml: "{}").value == DataOptions())
    let text = "{train: [{manifest: m.csv, format: lp-musiccaps}], draws_per_epoch: 5}"
    let options = try ConfigurationFile<DataOptions>(yaml: text).value
    #expect(options.train == [source("m.csv", .lpMusicCaps)])
    #expect(options.drawsPerEpoch == 5)
    let again = try ConfigurationFile<DataOptions>(yaml: ConfigurationFile.yaml(options)).value
    #expect(again == options)
  }

  @Test func senselessValuesAreNamed() {
    var options = DataOptions()
    options.loaderThreads = 0
    #expect(throws: OptionError.self) { try options.validate() }
    options = DataOptions()
    options.augmentation.gainDecibels = .nan
    let error = #expect(throws: OptionError.self) { try options.validate() }
    #expect(error?.description.contains("augmentation.gain_decibels") == true)
  }
}
