import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// The built `evaluate`, as it asks people and counts what they said.
@Suite struct RatingCommandTests {
  private func withFiles(
    _ body: (_ folder: URL, _ evaluate: ([String]) throws -> BuiltCommand.Outcome) throws -> Void
  ) throws {
    let command = try BuiltCommand("evaluate")
    try withTemporaryFolder { folder in
      let clips = folder.appending(path: "clips")
      try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
      for name in ["one", "two"] {
        try Data("RIFF\(name)".utf8).write(to: clips.appending(path: "\(name).wav"))
      }
      for (name, text) in [
        (
          "a.json",
          """
          {"0": {"predictions": "good 1", "true_captions": "x", "audio_id": "one"},
           "1": {"predictions": "good 2", "true_captions": "x", "audio_id": "two"},
           "2": {"predictions": "good 3", "true_captions": "x", "audio_id": "gone"}}
          """
        ),
        (
          "b.jsonl",
          """
          {"id": "gone", "caption": "bad 3"}
          {"id": "two", "caption": "bad 2"}
          {"id": "one", "caption": "bad 1"}
          """
        ),
        ("bare.jsonl", "{\"caption\": \"no id\"}"),
        (
          "chunks.jsonl",
          """
          {"audio": "one.wav", "start": 0.0, "end": 10.0, "caption": "the beginning"}
          {"audio": "one.wav", "start": 10.0, "end": 20.0, "caption": "the end"}
          """
        ),
        ("bare2.jsonl", "{\"caption\": \"no id\"}\n{\"caption\": \"nor here\"}"),
        ("few.jsonl", "{\"id\": \"one\", \"caption\": \"x\"}"),
        ("gone.jsonl", "{\"id\": \"gone\", \"caption\": \"x\"}"), ("broken.json", "{\"format\": "),
      ] {
        try Data(text.utf8).write(to: folder.appending(path: name))
      }
      try Data([0x7B, 0x22, 0xFF, 0x22, 0x7D]).write(to: folder.appending(path: "latin.json"))
      try body(folder) { try command.run($0, in: folder) }
    }
  }

  private static let pageArguments = ["--rating-page", "a.json", "b.jsonl", "--audio", "clips"]

  @Test func aPageHoldsTheClipsOrLinksToThem() throws {
    try withFiles { folder, evaluate in
      let made = try evaluate(Self.pageArguments + ["--output", "page.html", "--seed", "4"])
      #expect(made.exitCode == 0 && made.output.isEmpty)
      #expect(made.messageLines.count == 2)
      #expect(made.messages.contains("warning: clips: no audio file for 1 of 3 clips"))
      #expect(made.messages.contains("page.html: 2 clips, 17.3 kB"))
      let page = try String(contentsOf: folder.appending(path: "page.html"), encoding: .utf8)
      for name in ["one", "two"] {
        #expect(page.contains(Data("RIFF\(name)".utf8).base64EncodedString()))
      }
      #expect(page.contains("bad 2") && !page.contains("bad 3"))
      let linked = try evaluate(Self.pageArguments + ["--link-audio", "--sample", "1"])
      #expect(linked.output.contains("\"link\":\"clips/"))
      #expect(linked.output.hasSuffix("</html>\n"))
    }
  }

  @Test func equalPairsAreLeftOutAndCounted() throws {
    try withFiles { folder, evaluate in
      let text = """
        {"id": "two", "caption": "good  2 "}
        {"id": "one", "caption": "bad 1"}
        {"id": "gone", "caption": "good 3"}
        """
      try Data(text.utf8).write(to: folder.appending(path: "c.jsonl"))
      let some = try evaluate(
        ["--rating-page", "a.json", "c.jsonl", "--audio", "clips", "--output", "page.html"])
      #expect(some.exitCode == 0 && some.messages.contains("page.html: 1 clips,"), "\(some)")
      #expect(
        some.messages.contains("1 of 2 clips have the same caption twice; the page leaves them out")
      )
      let all = try evaluate(["--rating-page", "a.json", "a.json", "--audio", "clips"])
      #expect(all.exitCode == 65 && all.output.isEmpty)
      #expect(
        all.messageLines.last
          == "error: a.json: has the same captions as a.json, of all 2 clips, so there is nothing to "
          + "choose; expected two systems' predictions")
    }
  }

  @Test func whatRatersExportBecomesAReport() throws {
    try withFiles { folder, evaluate in
      _ = try evaluate(Self.pageArguments + ["--output", "page.html", "--seed", "4"])
      let page = RatingPage(
        a: ["good 1", "good 2"], b: ["bad 1", "bad 2"], clips: ["one", "two"],
        names: ("a.json", "b.jsonl"), seed: 4)
      let html = try String(contentsOf: folder.appending(path: "page.html"), encoding: .utf8)
      #expect(html.contains(page.id) && html.contains(page.key.encoded))
      for rater in ["Ann", "Bob"] {
        let text = RatingsTests.export(page, rater: rater) { _, item in
          item.first.hasPrefix("good") ? "first" : "second"
        }
        try Data(text.utf8).write(to: folder.appending(path: "\(rater).json"))
      }
      let found = try evaluate(["--ratings", "Ann.json", "Bob.json", "--difference", "0.1"])
      #expect(found.exitCode == 0 && found.messages.isEmpty)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any])
      #expect(report["a"] as? String == "a.json" && report["a_preferred"] as? Int == 4)
      #expect((report["preference"] as? [String: Any])?["share"] as? Double == 1)
      #expect((report["sign_test"] as? [String: Any])?["p_value"] as? Double == 0.5)
      let sizes = try #require(report["sample_size"] as? [String: Any])
      #expect((sizes["0.6"] as? [String: Int])?["decided"] == 194 && sizes["0.55"] == nil)
      let twice = try evaluate(["--ratings", "Ann.json", "Ann.json"])
      #expect(twice.exitCode == 65 && twice.messages.contains("one file for each rater"))
    }
  }

  @Test func badInputIsOneLine() throws {
    try withFiles { _, evaluate in
      func page(_ files: String..., audio: String = "clips") -> [String] {
        ["--rating-page"] + files + ["--audio", audio]
      }
      for (arguments, code, words) in [
        (page("a.json"), 64, "two files"), (["--rating-page", "a.json", "b.jsonl"], 64, "--audio"),
        (page("a.json", "b.jsonl") + ["--sample", "0"], 64, "--sample"),
        (page("a.json", "none.json"), 66, "none.json"),
        (page("bare.jsonl", "bare.jsonl"), 65, "audio_id"),
        (page("a.json", "few.jsonl"), 65, "lacks 2 of the clips"),
        (
          page("chunks.jsonl", "chunks.jsonl"), 65,
          "chunks.jsonl: the clip \"one.wav\" stands there"
        ),
        (
          page("chunks.jsonl", "bare2.jsonl"), 65, "chunks.jsonl: the clip \"one.wav\" stands there"
        ),
        (
          page("bare2.jsonl", "chunks.jsonl"), 65, "chunks.jsonl: the clip \"one.wav\" stands there"
        ),
        (page("a.json", "b.jsonl", audio: "none"), 66, "none: no such file"),
        (page("gone.jsonl", "gone.jsonl"), 66, "no audio file for any clip"),
        (page("a.json", "broken.json"), 65, "broken.json"),
        (["--ratings", "none.json"], 66, "none.json"),
        (["--ratings", "broken.json"], 65, "not valid JSON"),
        (["--ratings", "latin.json"], 65, "UTF-8"),
        (["--ratings", "a.json"], 65, "no single object"),
        (["--ratings", "few.jsonl", "--difference", "0.5"], 64, "--difference"),
        (["--ratings", "few.jsonl", "--bootstrap", "0"], 64, "--bootstrap"),
        (["a.json", "--ratings", "few.jsonl"], 64, "--ratings"),
        (["a.json", "--audio", "clips"], 64, "--rating-page"),
        (["a.json", "--difference", "0.1"], 64, "--ratings"),
        (["--ratings", "x.json"] + page("a.json", "b.jsonl"), 64, "name one"),
      ] {
        let found = try evaluate(arguments)
        #expect(found.exitCode == code, "\(arguments)")
        #expect(found.output.isEmpty && found.messageLines.count == 1, "\(found)")
        #expect(found.messages.hasPrefix("error: ") && found.messages.contains(words), "\(found)")
      }
    }
  }
}
