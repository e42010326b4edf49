import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// No output takes the place of an input, or of what is plainly no output.
@Suite struct OutputGuardTests {
  private func refusal(
    _ outputs: OutputGuard, _ path: String, hasCompanions: Bool = false
  ) -> OutputError.Reason? {
    var outputs = outputs
    do throws(OutputError) {
      try outputs.writes(path, as: "--output", hasCompanions: hasCompanions)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func anInputIsKnownUnderEveryName() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      func path(_ name: String) -> String { folder.appending(path: name).path }
      try Data("a".utf8).write(to: folder.appending(path: "in.json"))
      try files.createSymbolicLink(atPath: path("soft"), withDestinationPath: "in.json")
      try files.linkItem(atPath: path("in.json"), toPath: path("hard"))
      try files.createDirectory(atPath: path("deep"), withIntermediateDirectories: true)
      try Data("b".utf8).write(to: folder.appending(path: "deep/inner"))
      var outputs = OutputGuard()
      outputs.reads([path("in.json"), path("deep"), path("none")])
      for name in ["in.json", "soft", "hard", "deep/../in.json", "./in.json", "deep/inner"] {
        guard case .input = refusal(outputs, path(name)) else {
          Issue.record("\(name) was free")
          continue
        }
      }
      #expect(refusal(outputs, path("out.json")) == nil)
      #expect(refusal(outputs, path("deep")) == .folder)
      #expect(refusal(outputs, "") == .noName && refusal(outputs, "-") == .noName)
      #expect(refusal(outputs, "/dev/null") == nil)
      #expect(refusal(outputs, "/dev/null", hasCompanions: true) == .device)
    }
  }

  /// What is replaced is the end of a link, whatever the link is called.
  @Test func aLinkToAModelsFileIsRefused() throws {
    try withTemporaryFolder { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path }
      for name in ["config.json", "weights", "other.yaml"] {
        try Data("{}".utf8).write(to: folder.appending(path: name))
      }
      let files = FileManager.default
      try files.createSymbolicLink(atPath: path("out.txt"), withDestinationPath: "config.json")
      try files.createSymbolicLink(atPath: path("out.csv"), withDestinationPath: "other.yaml")
      try files.linkItem(atPath: path("config.json"), toPath: path("hard.txt"))
      var outputs = OutputGuard()
      #expect(refusal(outputs, path("out.txt")) == .foreignName("part of a model"))
      #expect(refusal(outputs, path("out.csv")) == .foreignName("a configuration"))
      // What is read beside the weights is an input too.
      outputs.reads(model: path("weights"))
      for name in ["out.txt", "hard.txt"] {
        #expect(refusal(outputs, path(name)) == .input(path("config.json")))
      }
    }
  }

  @Test func allTablesOfAPatternAreInputs() throws {
    try withTemporaryFolder { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path }
      try FileManager.default.createDirectory(
        atPath: path("set/train"), withIntermediateDirectories: true)
      for name in ["a.jsonl", "b.jsonl", "set/train/metadata.jsonl"] {
        try Data("{}".utf8).write(to: folder.appending(path: name))
      }
      var outputs = OutputGuard()
      outputs.reads(table: path("*.jsonl"))
      outputs.reads(table: path("set"))
      for name in ["a.jsonl", "b.jsonl", "set/train/metadata.jsonl"] {
        guard case .input = refusal(outputs, path(name)) else {
          Issue.record("\(name) was free")
          continue
        }
      }
      #expect(refusal(outputs, path("c.jsonl")) == nil)
    }
  }

  @Test func noTableIsWrittenIntoAFolderOfInputs() throws {
    try withTemporaryFolder { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path }
      try Data("PAR1".utf8).write(to: folder.appending(path: "a.parquet"))
      var outputs = OutputGuard()
      outputs.reads(table: folder.path)
      #expect(refusal(outputs, path("captions.jsonl")) == .tableFolder(folder.path))
      #expect(refusal(outputs, path("scores.json")) == nil)
    }
  }

  @Test func aLinkToAnotherOutputIsTheSameOutput() throws {
    try withTemporaryFolder { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path }
      try FileManager.default.createSymbolicLink(
        atPath: path("link.csv"), withDestinationPath: "later.csv")
      var outputs = OutputGuard()
      try outputs.writes(path("link.csv"), as: "--per-caption")
      #expect(refusal(outputs, path("later.csv")) == .otherOutput("--per-caption"))
      #expect(refusal(outputs, path("other.csv")) == nil)
    }
  }

  @Test func soundsInAFolderAreInputsAndOtherFilesAreNot() throws {
    try withTemporaryFolder { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path }
      for name in ["a.wav", "page.html"] {
        try Data("x".utf8).write(to: folder.appending(path: name))
      }
      try FileManager.default.createSymbolicLink(
        atPath: path("link.txt"), withDestinationPath: "a.wav")
      var outputs = OutputGuard()
      outputs.reads(soundsIn: folder.path)
      #expect(refusal(outputs, path("page.html")) == nil)
      #expect(refusal(outputs, path("link.txt")) == .input(path("a.wav")))
    }
  }

  @Test func twoOutputsAreTwoFiles() throws {
    try withTemporaryFolder { folder in
      var outputs = OutputGuard()
      try outputs.writes(folder.appending(path: "new.csv").path, as: "--output")
      #expect(throws: OutputError.self) {
        try outputs.writes(folder.path + "/./new.csv", as: "--per-caption")
      }
      try outputs.writes(folder.appending(path: "other.csv").path, as: "--per-caption")
    }
  }

  @Test(arguments: [
    "song.wav", "SONG.Mp3", "song.m4a", "model.safetensors", "x.pth", "config.json",
    "tokenizer.json", "merges.txt", "mine.yaml", "mine.yml", "pyproject.toml",
  ])
  func whatIsCalledLikeSomethingElseIsRefused(name: String) {
    guard case .foreignName = refusal(OutputGuard(), name) else {
      Issue.record("\(name) was free")
      return
    }
  }

  @Test func whatHoldsNoTextIsRefusedWhateverItsName() throws {
    try withTemporaryFolder { folder in
      let long = Array(String(repeating: "ä", count: 3_000).utf8)
      for (index, (bytes, isText)) in [
        (Array("RIFF\0\0\0\0WAVE".utf8), false), ([0x49, 0x44, 0x33, 4, 0, 0], false),
        ([0x89, 0x50, 0x4E, 0x47], false), ([0xFF, 0xFB, 0x90, 0x64], false),
        (Array("a caption\n".utf8), true), (Array("ünï".utf8), true), ([], true), (long, true),
        (Array(long.dropFirst()), false), ([0x61] + long, true),
      ].enumerated() {
        let file = folder.appending(path: "file \(index)")
        try Data(bytes).write(to: file)
        #expect((refusal(OutputGuard(), file.path) == nil) == isText, "\(index)")
      }
    }
  }

  /// Process 1 lives as long as the machine; the other is beyond the largest number that Linux gives.
  @Test func whatAKilledStartLeftIsClearedAway() throws {
    try withTemporaryFolder { folder in
      let names = [
        "out.json.tmp-4194305-1-2", "out.json.tmp-1-1-2", "other.tmp-4194305-1-2",
        "out.json.tmp-mine",
      ]
      for name in names { try Data().write(to: folder.appending(path: name)) }
      var outputs = OutputGuard()
      try outputs.writes(folder.appending(path: "out.json").path, as: "--output")
      func left() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      }
      #expect(try left() == names.sorted(), "nothing is changed before anything is written")
      try AtomicFile.write([], to: folder.appending(path: "out.json"))
      #expect(try left() == (names.dropFirst() + ["out.json"]).sorted())
      try FileManager.default.moveItem(
        at: folder.appending(path: "other.tmp-4194305-1-2"),
        to: folder.appending(path: "out.json.tmp-4194305-1-3"))
      try CaptionOutput(folder.appending(path: "out.json").path).finish()
      #expect(try left() == ["out.json", "out.json.tmp-1-1-2", "out.json.tmp-mine"])
    }
  }

  @Test func devicesAndLinksStayWhatTheyAre() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      let (link, target) = (folder.appending(path: "link"), folder.appending(path: "target"))
      try Data("old".utf8).write(to: target)
      try files.createSymbolicLink(at: link, withDestinationURL: target)
      try AtomicFile.write(Array("new".utf8), to: link)
      #expect(try files.destinationOfSymbolicLink(atPath: link.path) == target.path)
      #expect(try String(contentsOf: target, encoding: .utf8) == "new")
      let null = folder.appending(path: "null")
      try files.createSymbolicLink(atPath: null.path, withDestinationPath: "/dev/null")
      try AtomicFile.write(Array("new".utf8), to: null)
      let type = try files.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
      #expect(type == .typeCharacterSpecial)
      #expect(throws: (any Error).self) {
        try AtomicFile.write(Array("new".utf8), to: URL(fileURLWithPath: "/dev/full"))
      }
    }
  }
}
