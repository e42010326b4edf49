import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// The built `evaluate`: output, messages and exit code together.
@Suite struct EvaluateCommandTests {
  private static let predictions = """
    [{"prediction": "a slow piano song", "ground_truth": "the slow piano tune"},
     {"prediction": "loud drums and bass", "ground_truth": "drums with loud bass"}]
    """
  private static let others = """
    {"prediction": "a song", "reference": "the slow piano tune"}
    {"prediction": "drums with loud bass", "reference": "drums with loud bass"}
    """

  private func withFiles(
    _ body: (_ folder: URL, _ evaluate: ([String]) throws -> BuiltCommand.Outcome) throws -> Void
  ) throws {
    let command = try BuiltCommand("evaluate")
    try withTemporaryFolder { folder in
      for (name, text) in [
        ("predictions.json", Self.predictions), ("others.jsonl", Self.others),
        ("bare.jsonl", "{\"caption\": \"a slow song\"}"), ("one.txt", "a slow song\n"),
        ("two.txt", "a slow song\nloud drums\n"), ("train.txt", "a slow piano\n\nloud drums\n"),
        ("broken.json", String(Self.predictions.dropLast(9))), ("empty.json", ""),
      ] {
        try Data(text.utf8).write(to: folder.appending(path: name))
      }
      try Data([0x5B, 0x22, 0xFF, 0x22, 0x5D]).write(to: folder.appending(path: "latin.json"))
      try body(folder) { try command.run($0, in: folder) }
    }
  }

  /// Without METEOR, as WordNet need not be there.
  private static let metrics = ["--metrics", "bleu,rouge,diversity,cider"]

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func scoresArePrintedWithTheOfficialKeys() throws {
    try withFiles { folder, evaluate in
      let found = try evaluate(
        ["predictions.json", "--train-captions", "train.txt"] + Self.metrics)
      #expect(found.exitCode == 0 && found.messages.isEmpty)
      let scores = try object(found.output)
      #expect(scores["bleu1"] as? Double == 0.625 && scores["rougeL"] as? Double == 0.5)
      #expect(found.output.contains("\"vocab_size\": 8,"))
      #expect(scores["vocab_diversity"] as? Double == 3.0 / 8)
      #expect(scores["caption_novelty"] as? Double == 1)
      #expect(scores["meteor_1.0"] == nil && scores["bertscore"] == nil)
      let written = try evaluate(
        ["predictions.json", "--output", "out.json", "--per-caption", "captions.csv"]
          + Self.metrics)
      #expect(written.exitCode == 0 && written.output.isEmpty && written.messages.isEmpty)
      let file = try String(contentsOf: folder.appending(path: "out.json"), encoding: .utf8)
      #expect(try object(file)["bleu1"] as? Double == 0.625)
      let table = try String(contentsOf: folder.appending(path: "captions.csv"), encoding: .utf8)
      #expect(table.split(separator: "\n").count == 3)
    }
  }

  @Test func systemsAreComparedAndIntervalsFollowTheSeed() throws {
    try withFiles { _, evaluate in
      let arguments =
        ["predictions.json", "--against", "others.jsonl", "--bootstrap", "50", "--seed", "3"]
        + Self.metrics
      let found = try evaluate(arguments)
      #expect(found.exitCode == 0)
      let report = try object(found.output)
      let comparison = try #require(report["comparison"] as? [String: Any])
      #expect(comparison["against"] as? String == "others.jsonl")
      let rouge = try #require(comparison["rougeL"] as? [String: Any])
      #expect(rouge["p_value"] as? Double ?? 0 > 0.05)
      #expect((report["intervals"] as? [String: Any])?["seed"] as? Int == 3)
      #expect(try evaluate(arguments).output == found.output)
    }
  }

  @Test func optionsWithoutEffectAreTold() throws {
    try withTemporaryFolder { folder in
      try Data("[{\"prediction\": \"a song\", \"ground_truth\": \"a song\"}]".utf8)
        .write(to: folder.appending(path: "p.json"))
      for (arguments, words) in [
        (["--seed", "3"], "--seed has no effect without --bootstrap"),
        (["--wordnet", "none"], "--wordnet has no effect without meteor"),
        (["--bert-layer", "3"], "--bert-layer has no effect without bertscore"),
      ] {
        let found = try BuiltCommand("evaluate").run(
          ["p.json", "--metrics", "bleu"] + arguments, in: folder)
        #expect(found.exitCode == 0 && found.messageLines.count == 1)
        #expect(found.messages.hasPrefix("warning: \(words)"), "\(found.messages)")
      }
    }
  }

  @Test func withoutWordNetMETEORIsLeftOut() throws {
    #expect(throws: EvaluationError(.noWordNet, file: "/nowhere")) {
      try WordNet.standard(in: URL(fileURLWithPath: "/nowhere"))
    }
  }

  @Test func badInputIsOneLine() throws {
    try withFiles { _, evaluate in
      for (arguments, code, words) in [
        (["none.json"], 66, "none.json: no such file"),
        (["broken.json"], 65, "line 2 is not valid JSON"), (["empty.json"], 65, "empty"),
        (["latin.json"], 65, "byte 2"), (["bare.jsonl"], 65, "--references"),
        (["bare.jsonl", "--references", "two.txt"], 65, "1 predictions, but 2"),
        (["bare.jsonl", "--references", "none.txt"], 66, "none.txt"),
        (["predictions.json", "--against", "broken.json"], 65, "broken.json"),
        (["predictions.json", "--train-captions", "none.txt"], 66, "none.txt"),
        (["predictions.json", "--output", "none/out.json"], 74, "none/out.json"),
        (["predictions.json", "--output", "/dev/full"], 74, "/dev/full"),
        (["predictions.json", "--metrics", "blue"], 64, "--metrics"),
        (["predictions.json", "--metrics", "bertscore"], 64, "--bert-model"),
        (["predictions.json", "--metrics", "bertscore", "--bert-model", "none"], 66, "none"),
        (["predictions.json", "--metrics", "meteor", "--wordnet", "none"], 66, "index.noun"),
        (["predictions.json", "--bootstrap", "0"], 64, "--bootstrap"),
        (["predictions.json", "--threads", "0"], 64, "--threads"),
        (["predictions.json", "--metrisc", "bleu"], 64, "--metrics"), ([], 64, "predictions"),
      ] {
        // METEOR might warn of its own.
        let needsMetrics = !arguments.isEmpty && !arguments.contains("--metrics")
        let found = try evaluate(arguments + (needsMetrics ? ["--metrics", "bleu"] : []))
        #expect(found.exitCode == code, "\(arguments)")
        #expect(found.output.isEmpty)
        #expect(found.messageLines.count == 1, "\(found.messages)")
        #expect(found.messages.hasPrefix("error: ") && found.messages.contains(words), "\(found)")
      }
      let found = try evaluate(["bare.jsonl", "--references", "one.txt", "--metrics", "rouge"])
      #expect(try object(found.output)["rougeL"] as? Double == 1)
    }
  }

  @Test(.enabled(if: MetricGoldens.haveWordNet))
  func aModelAddsBERTScore() throws {
    try withFiles { _, evaluate in
      let model = SharedData.url("metrics/dev/bertscore_tiny/model").path
      let found = try evaluate(
        ["predictions.json", "--bert-model", model, "--bert-layer", "3", "--threads", "1"])
      #expect(found.exitCode == 0 && found.messages.isEmpty)
      let scores = try object(found.output)
      #expect(scores["bertscore"] as? Double ?? 0 > 0.5)
      #expect(scores["meteor_1.0"] as? Double ?? 0 > 0.4)
      let refused = try evaluate(["predictions.json", "--bert-model", model])
      #expect(refused.exitCode == 64 && refused.messages.contains("--bert-layer"))
    }
  }
}
