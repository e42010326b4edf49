import Foundation
import Glibc
import Testing

@testable import Commands
@testable import MusicCaptioner

/// The built `train`: what it says, writes and ends with.
@Suite struct TrainCommandTests {
  /// A folder with clips, `tiny.yaml` and the command.
  private func withClips(
    _ body: (_ folder: URL, _ train: ([String]) throws -> BuiltCommand.Outcome) throws -> Void
  ) throws {
    let command = try BuiltCommand("train")
    try withTemporaryFolder { folder in
      try TinyRun.writeFiles(to: folder)
      try body(folder) { try command.run(["--config", "tiny.yaml"] + $0, in: folder) }
    }
  }

  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func aRunGoesToItsFolderAndSaysHowToUseTheModel() throws {
    try withClips { folder, train in
      let found = try train([])
      #expect(found.exitCode == 0, "\(found.messages)")
      let run = folder.appending(path: "runs/tiny")
      #expect(try names(run.appending(path: "model")).count == 6)
      #expect(found.messages.contains("10/10") && found.messages.contains("validation loss"))
      #expect(found.messages.contains("caption AUDIO --model "))
      // Only captions of clips that were never heard are results; there are none of files.
      #expect(found.output.isEmpty)

      let again = try train([])
      #expect(again.exitCode == 64 && again.output.isEmpty)
      let error = again.messageLines.last ?? ""
      #expect(error.hasPrefix("error: ") && error.contains("--resume"))
      #expect(error.contains("--output") && error.contains("runs/tiny"))
    }
  }

  @Test func aDryRunWritesNothing() throws {
    try withClips { folder, train in
      let before = try names(folder)
      let found = try train(["--dry-run", "--set", "training.batch_size=3"])
      #expect(found.exitCode == 0, "\(found.messages)")
      #expect(found.output.contains("batch_size: 3") && found.output.contains("beta2: 0.999"))
      #expect(found.output.contains("parameters") && found.output.contains("Memory"))
      #expect(found.output.contains("tone"))
      #expect(try names(folder) == before)
    }
  }

  @Test func whatIsWrongIsOneLineAndACode() throws {
    try withClips { folder, train in
      try Data().write(to: folder.appending(path: "file"))
      for (arguments, code, expected) in [
        (["--set", "training.learing_rate=1"], 65, ["learing_rate", "\"learning_rate\""]),
        (["--set", "training.learning_rate=-1"], 65, ["learning_rate", "-1"]),
        (["--set", "training.learning_rate=.inf"], 65, ["learning_rate"]),
        (["--set", "model.encoder_attention_heads=3"], 65, ["encoder_attention_heads", "16"]),
        (["--set", "training.gradient_accumulation_steps=9223372036854775807"], 65, ["steps"]),
        (["--set", "data.train.0.manifest=none.jsonl"], 66, ["none.jsonl"]),
        (["--set", "initialize=none"], 66, ["none"]),
        (["--output", "file/run"], 74, ["file/run"]),
        (["--threads", "0"], 64, ["--threads"]), (["--threads", "many"], 64, ["--threads"]),
        (["--outptu", "x"], 64, ["--outptu"]), (["--set", "training"], 65, ["training"]),
      ] as [([String], Int32, [String])] {
        let found = try train(arguments)
        #expect(found.exitCode == code, "\(arguments): \(found.messages)")
        let errors = found.messageLines.filter { $0.hasPrefix("error: ") }
        #expect(errors.count == 1 && found.messageLines.last == errors.first, "\(arguments)")
        for word in expected { #expect(errors.first?.contains(word) == true, "\(found.messages)") }
      }
      // Nothing of this is in the way of a run.
      #expect(try !names(folder).contains("runs"))
      let command = try BuiltCommand("train")
      let missing = try command.run(["--config", "none.yaml"], in: folder)
      #expect(missing.exitCode == 66 && missing.messages.contains("none.yaml"))
      #expect(try command.run([], in: folder).exitCode == 64)
      let help = try command.run(["--help"], in: folder)
      #expect(help.exitCode == 0 && help.output.contains("--dry-run"))
    }
  }

  @Test func anInterruptSavesAndSaysHowToGoOn() throws {
    try withClips { folder, train in
      #expect(try train(["--output", "straight"]).exitCode == 0)
      let expected = try RunResult(folder.appending(path: "straight"))
      let process = try BuiltCommand("train").start(
        ["--config", "tiny.yaml", "--output", "a run", "--set", "training.epochs=5000"],
        in: folder)
      // From the second line on, it is well under way.
      try wait { try Data(contentsOf: folder.appending(path: "a run/metrics.jsonl")).count > 300 }
      kill(process.process.processIdentifier, SIGINT)
      let found = try process.end()
      #expect(found.exitCode == 130, "\(found.messages)")
      #expect(found.messages.contains("interrupted at step"))
      let advice = try #require(found.messageLines.last { $0.contains("go on with: ") })
      #expect(advice.hasSuffix("--output 'a run' --resume"), "\(advice)")
      #expect(try !names(folder.appending(path: "a run")).contains("model"))

      // The schedule may change, so it ends where it now should; only the rates were others.
      let step = try #require(
        try TrainingCheckpoint.readNewest(of: RunFolder(folder.appending(path: "a run")))
      ).found.state.step
      let resumed = try train([
        "--output", "a run", "--resume", "--set", "training.maximum_steps=\(step + 2)", "--set",
        "training.epochs=5000",
      ])
      #expect(resumed.exitCode == 0, "\(resumed.messages)")
      #expect(resumed.messages.contains("resumed at step \(step)"))
      #expect(expected.files.count == 12)
      let other = try train(["--output", "a run", "--resume", "--set", "seed=9"])
      #expect(other.exitCode == 65 && other.messages.contains("(seed)"))
    }
  }

  @Test func lossThatIsNoNumberEndsTheRun() throws {
    try withClips { folder, train in
      let found = try train(["--set", "training.learning_rate=1e300"])
      #expect(found.exitCode == 1)
      let error = found.messageLines.last ?? ""
      #expect(error.hasPrefix("error: ") && error.contains("not a finite number"))
      #expect(error.contains("training.learning_rate"))
    }
  }

  /// Killed at random moments, resumed until it ends: the model is that of the run that nobody
  /// killed, byte for byte. `MUSICCAPTIONER_KILLS` says how often, `MUSICCAPTIONER_SEED` when.
  @Test func aKilledRunEndsAsIfItHadNotBeenKilled() throws {
    let environment = ProcessInfo.processInfo.environment
    let wanted = environment["MUSICCAPTIONER_KILLS"].flatMap(Int.init) ?? 5
    let seed = environment["MUSICCAPTIONER_SEED"].flatMap(UInt64.init) ?? .random(in: 0...9999)
    print("kill test: \(wanted) kills, MUSICCAPTIONER_SEED=\(seed)")
    var random = RandomSource(seed: seed, stream: "kills")
    let command = try BuiltCommand("train")
    try withTemporaryFolder { folder in
      try Data(Self.synthesized.utf8).write(to: folder.appending(path: "synthesized.yaml"))
      let arguments = ["--config", "synthesized.yaml", "--threads", "1", "--output"]
      let start = ContinuousClock.now
      let straight = try command.run(arguments + ["straight"], in: folder)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      #expect(straight.exitCode == 0, "\(straight.messages)")
      #expect(straight.output.contains("truth:"))
      let expected = try RunResult(folder.appending(path: "straight"))

      var (kills, round) = (0, 0)
      var stepsAtKill: [Int] = []
      while kills < wanted {
        round += 1
        let output = folder.appending(path: "killed \(round)")
        while true {
          let process = try command.start(
            arguments + [output.lastPathComponent, "--resume"], in: folder)
          if kills < wanted {
            let delay = seconds * Double(random.uniform())
            let deadline = ContinuousClock.now + .seconds(delay)
            while ContinuousClock.now < deadline && process.process.isRunning { usleep(500) }
            if process.process.isRunning {
              kill(process.process.processIdentifier, SIGKILL)
              let found = try process.end()
              if found.exitCode == -1 {
                kills += 1
                stepsAtKill.append(try RunFolder(output).checkpointSteps().first ?? 0)
                continue
              }
              #expect(found.exitCode == 0, "seed \(seed): \(found.messages)")
              break
            }
          }
          let found = try process.end()
          #expect(found.exitCode == 0, "seed \(seed): \(found.messages)")
          break
        }
        let differences = try RunResult(output).differences(from: expected)
        #expect(differences == [], "seed \(seed), run \(round) after \(stepsAtKill)")
        #expect(try !names(output).contains { $0.contains(".tmp-") })
      }
      print("kill test: \(kills) kills in \(round) runs, at checkpoints \(stepsAtKill)")
    }
  }

  static let synthesized = """
    synthesized_music: {clip_count: 8, clip_seconds: 0.2, captions_per_clip: 1}
    tokenizer: {vocabulary_size: 280}
    audio: {clip_seconds: 0.2, mel_count: 8, fft_size: 256}
    standardize_audio: true
    model:
      d_model: 16
      encoder_layers: 1
      decoder_layers: 1
      encoder_attention_heads: 2
      decoder_attention_heads: 2
      encoder_ffn_dim: 32
      decoder_ffn_dim: 32
      max_position_embeddings: 32
      conv_strides: [2, 2]
    data: {maximum_tokens: 16, validation_limit: 4}
    training:
      batch_size: 2
      epochs: 6
      warmup_epochs: 1
      learning_rate: 1e-3
      log_every_steps: 1
      validate_every_steps: 3
      checkpoint_every_steps: 2
      sample_captions: 1
    generation: {beam_width: 1, maximum_length: 4, minimum_length: 0}

    """

  /// Waits until something is so, or half a minute.
  private func wait(_ condition: () throws -> Bool) throws {
    for _ in 0..<6_000 {
      if (try? condition()) == true { return }
      usleep(5_000)
    }
    Issue.record("waited in vain")
  }
}
