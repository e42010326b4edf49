import Foundation
import Testing

@testable import MusicCaptioner

/// All commands read the same tables.
@Suite struct TableCommandTests {
  private static let parquet = "tables/train-*.parquet"

  private func run(
    _ command: String, _ arguments: [String], in folder: URL
  ) throws -> BuiltCommand.Outcome {
    let outcome = try BuiltCommand(command).run(arguments, in: folder)
    #expect(outcome.messageLines.filter { $0.hasPrefix("error: ") }.count <= 1)
    return outcome
  }

  private func withFixtures(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      try files.copyItem(at: Fixtures.url("tables"), to: folder.appending(path: "tables"))
      try body(folder)
    }
  }

  @Test func captionsAreMadeFromParquetAndScored() throws {
    try withFixtures { folder in
      let made = try run(
        "pseudocaption",
        ["--input", Self.parquet, "--baseline", "tag-concat", "--output", "made.jsonl"], in: folder)
      #expect(made.exitCode == 0, "\(made.messages)")
      let lines = try String(contentsOf: folder.appending(path: "made.jsonl"), encoding: .utf8)
        .split(separator: "\n")
      #expect(lines.count == 6)
      #expect(lines.first?.contains(#""caption_writing": "a, b0""#) == true)
      #expect(lines.first?.contains(#""path": "0.wav""#) == true)
      // The captions of a table are predictions as well as references, matched by their sounds.
      let part = "tables/train-00001-of-00002.parquet"
      let scored = try run(
        "evaluate",
        [
          part, "--references", part, "--train-captions", "tables/joined.jsonl.gz", "--metrics",
          "rouge,diversity",
        ], in: folder)
      #expect(scored.exitCode == 0, "\(scored.messages)")
      #expect(scored.output.contains("\"rougeL\": 1.0"))
    }
  }

  @Test func whatATableLacksIsSaid() throws {
    try withFixtures { folder in
      for (arguments, code, words) in [
        ([Self.parquet], 65, "ground_truth, true_captions, references"),
        (["tables/types.parquet"], 65, "prediction, predictions, caption"),
        (["tables/brotli.parquet"], 65, "BROTLI"), (["tables/bomb.jsonl.zst"], 65, "expand"),
        (["none-*.parquet"], 66, "no such file"), (["tables"], 65, "beside"),
        (["tables"], 66, "00001-of-00002"),
      ] as [([String], Int32, String)] {
        if code == 66, arguments == ["tables"] {
          for name in try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/tables")
          where name.hasPrefix("train-00001") || !name.hasSuffix(".parquet") {
            try FileManager.default.removeItem(at: folder.appending(path: "tables/\(name)"))
          }
        }
        let found = try run("evaluate", arguments, in: folder)
        #expect(found.exitCode == code, "\(arguments): \(found.messages)")
        #expect(found.messages.contains(words), "\(arguments): \(found.messages)")
      }
    }
  }

  @Test func trainingHearsTheSoundsInsideOfParquet() throws {
    try withFixtures { folder in
      let yaml = """
        model: {d_model: 32, encoder_layers: 1, decoder_layers: 1, encoder_attention_heads: 2, \
          decoder_attention_heads: 2, encoder_ffn_dim: 32, decoder_ffn_dim: 32}
        tokenizer: {vocabulary_size: 300, minimum_frequency: 1}
        training: {batch_size: 3, maximum_steps: 2, warmup_epochs: 0}
        data:
          train: [{manifest: tables/train-*.parquet, split: train}]
        """
      try Data(yaml.utf8).write(to: folder.appending(path: "c.yaml"))
      let found = try run("train", ["--config", "c.yaml", "--output", "run"], in: folder)
      #expect(found.exitCode == 0, "\(found.messages)")
      #expect(!found.messages.contains("error"), "\(found.messages)")
      let model = folder.appending(path: "run/model/model.safetensors")
      #expect(FileManager.default.fileExists(atPath: model.path))
    }
  }
}
