import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// `evaluate --model`: a split is captioned, kept and scored.
@Suite struct EvaluateModelTests {
  private func withSplit(
    _ body: (_ folder: URL, _ evaluate: ([String]) throws -> BuiltCommand.Outcome) throws -> Void
  ) throws {
    let command = try BuiltCommand("evaluate")
    try withTemporaryFolder { folder in
      try TinyModel.bundle().write(to: folder.appending(path: "model"))
      var manifest = ""
      for index in 0..<19 {
        try TinyModel.writeWave(
          folder.appending(path: "\(index).wav"), seconds: 0.4, seed: index)
        manifest +=
          "{\"id\": \"clip \(index)\", \"audio\": \"\(index).wav\", "
          + "\"split\": \"\(index < 2 ? "train" : "test")\", "
          + "\"caption_ground_truth\": \"a slow piano \(index)\"}\n"
      }
      try Data(manifest.utf8).write(to: folder.appending(path: "manifest.jsonl"))
      let configuration = """
        data:
          train: [{manifest: manifest.jsonl, split: train}]
          validation: [{manifest: manifest.jsonl, split: valid, captions: [ground_truth]}]
        """
      try Data(configuration.utf8).write(to: folder.appending(path: "run.yaml"))
      try body(folder) {
        try command.run($0 + ["--metrics", "bleu,rouge,diversity,cider"], in: folder)
      }
    }
  }

  private static let arguments = ["--model", "model", "--config", "run.yaml"]

  /// Writes `out.json.partial.jsonl` as a start leaves it that was killed when so many clips of the split
  /// were done; those without a caption are taken for unreadable ones.
  private func keep(_ count: Int, of predictions: String, in folder: URL) throws {
    let captions = try CaptionPair.read(
      folder.appending(path: predictions).path, references: nil)
    func path(_ name: String) -> String { folder.appending(path: name).path }
    let work = try DatasetCaptioner(
      model: path("model"), configuration: path("run.yaml"), predictions: path("out.json")
    ).prepare(OutputGuard(), .standard)
    var progress = PredictionJournal.Progress()
    for clip in 0..<count {
      let caption = captions.first { $0.id == work.tracks[clip].id }
      if let caption {
        progress.captions[clip] = caption.prediction
      } else {
        progress.unreadable.insert(clip)
      }
    }
    let kept = PredictionJournal(
      path: path("out.json.partial.jsonl"), work: try work.description)
    #expect(try kept.begin(batchSize: 16, clipCount: work.tracks.count).count == 0)
    try kept.append(progress)
  }

  @Test func theTestSplitIsCaptionedAndScored() throws {
    try withSplit { folder, evaluate in
      let found = try evaluate(Self.arguments)
      #expect(found.exitCode == 0 && found.messages.isEmpty, "\(found.messages)")
      #expect(found.output.contains("\"bleu1\"") && found.output.contains("\"caption_novelty\""))
      let pairs = try CaptionPair.read(
        folder.appending(path: "predictions-test.json").path, references: nil)
      #expect(pairs.map(\.id) == (2..<19).map { "clip \($0)" })
      #expect(pairs[0].references == ["a slow piano 2"])
      // The same scores as those of the file that it leaves.
      let again = try evaluate(["predictions-test.json"])
      let scores = { (text: String) in
        text.split(separator: "\n").filter { $0.contains("bleu") || $0.contains("rouge") }
      }
      #expect(scores(found.output).count == 5 && scores(found.output) == scores(again.output))
      #expect(
        !FileManager.default.fileExists(
          atPath: folder.appending(path: "predictions-test.json.partial.jsonl").path))
    }
  }

  @Test func aClipThatCannotBeReadIsToldAndLeftOut() throws {
    try withSplit { folder, evaluate in
      try Data("no music".utf8).write(to: folder.appending(path: "5.wav"))
      let found = try evaluate(Self.arguments + ["--predictions", "out.json"])
      #expect(found.exitCode == 65 && found.output.contains("bleu1"))
      #expect(found.messageLines.count == 2 && found.messages.contains("clip 5"))
      let pairs = try CaptionPair.read(folder.appending(path: "out.json").path, references: nil)
      #expect(pairs.count == 16)
    }
  }

  @Test func whatDoesNotFitIsOneLine() throws {
    try withSplit { folder, evaluate in
      try Data("{\"work\": \"other\"}\n".utf8).write(
        to: folder.appending(path: "mixed.json.partial.jsonl"))
      for (arguments, code, words) in [
        (["--model", "model"], 64, "--config"), (["--config", "run.yaml"], 64, "--model"),
        (["x.json"] + Self.arguments, 64, "not both"),
        (["--model", "none", "--config", "run.yaml"], 66, "none"),
        (["--model", "model", "--config", "none.yaml"], 66, "none.yaml"),
        (Self.arguments + ["--split", "nothing"], 65, "nothing"),
        (Self.arguments + ["--set", "data.validation=[]"], 64, "data.test"),
        (Self.arguments + ["--predictions", "mixed.json"], 65, "remove the file"),
        (Self.arguments + ["--predictions", "none/out.json"], 74, "none/out.json"),
      ] {
        let found = try evaluate(arguments)
        #expect(found.exitCode == code, "\(arguments) \(found.messages)")
        #expect(found.output.isEmpty && found.messageLines.count == 1, "\(found.messages)")
        #expect(found.messages.contains(words), "\(found.messages)")
      }
    }
  }

  @Test func aSecondStartEndsAsOneAndRefusesAnotherModel() throws {
    try withSplit { folder, evaluate in
      let straight = try evaluate(Self.arguments)
      let output = folder.appending(path: "out.json")
      let partial = folder.appending(path: "out.json.partial.jsonl")
      try keep(17, of: "predictions-test.json", in: folder)
      let kept = try Data(contentsOf: partial)
      let resumed = try evaluate(Self.arguments + ["--predictions", "out.json"])
      #expect(resumed.exitCode == 0 && resumed.output == straight.output)
      #expect(
        try Data(contentsOf: output)
          == Data(contentsOf: folder.appending(path: "predictions-test.json")))
      // Another model under the same name.
      try kept.write(to: partial)
      try FileManager.default.removeItem(at: folder.appending(path: "model"))
      try TinyModel.bundle(seed: 8).write(to: folder.appending(path: "model"))
      let refused = try evaluate(Self.arguments + ["--predictions", "out.json"])
      #expect(refused.exitCode == 65 && refused.messages.contains("remove the file"))
    }
  }

  /// The first start is one that was killed after a batch: what it left is written here as it would
  /// be, and its clips are in no second batch.
  @Test func aSecondStartNamesTheClipsThatTheFirstCouldNotRead() throws {
    try withSplit { folder, evaluate in
      // The last clip of the first batch of 16, of clips 2 to 17.
      try Data("no music".utf8).write(to: folder.appending(path: "17.wav"))
      let output = folder.appending(path: "out.json")
      #expect(try evaluate(Self.arguments).exitCode == 65)
      try keep(16, of: "predictions-test.json", in: folder)
      // Readable now, but the batch is not made again.
      try TinyModel.writeWave(folder.appending(path: "17.wav"), seconds: 0.4, seed: 17)
      let resumed = try evaluate(Self.arguments + ["--predictions", "out.json"])
      #expect(resumed.exitCode == 65 && resumed.messageLines.count == 2, "\(resumed.messages)")
      #expect(resumed.messages.contains("track clip 17 left out"))
      let pairs = try CaptionPair.read(output.path, references: nil)
      #expect(pairs.map(\.id) == ((2..<17).map { "clip \($0)" } + ["clip 18"]))
    }
  }

  @Test func aSecondStartKeepsWholeBatchesAndDropsHalfALine() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "p.jsonl").path
      var kept = PredictionJournal(path: path, work: "w")
      func begin() throws -> PredictionJournal.Progress {
        // Lets go of the file first, as the end of a process does.
        kept = PredictionJournal(path: folder.appending(path: "other").path, work: "w")
        kept = PredictionJournal(path: path, work: "w")
        return try kept.begin(batchSize: 2, clipCount: 5)
      }
      #expect(try begin() == .init())
      try kept.append(.init(captions: [0: "a", 1: "b\n\"c\""]))
      try kept.append(.init(captions: [2: "d"]))
      try AppendOnlyFile(url: URL(fileURLWithPath: path)).append(Array("{\"clip\": 3, \"pre".utf8))
      #expect(try begin() == .init(captions: [0: "a", 1: "b\n\"c\""]))
      // A batch is whole whichever of its clips could not be read.
      try kept.append(.init(captions: [2: "d"], unreadable: [3]))
      let whole = PredictionJournal.Progress(
        captions: [0: "a", 1: "b\n\"c\"", 2: "d"], unreadable: [3])
      #expect(try begin() == whole && whole.count == 4)
      // So is the last one, which is shorter.
      try kept.append(.init(unreadable: [4]))
      #expect(try begin().count == 5)
      let second = PredictionJournal(path: path, work: "w")
      #expect(throws: EvaluationError(.inUse, file: path)) {
        try second.begin(batchSize: 2, clipCount: 5)
      }
      kept = second
      let other = PredictionJournal(path: path, work: "other")
      #expect {
        try other.begin(batchSize: 2, clipCount: 5)
      } throws: { error in
        "\(error)".contains("remove the file")
      }
    }
  }
}
