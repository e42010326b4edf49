import Foundation
import Glibc
import Testing

@testable import Commands
@testable import MusicCaptioner

/// A run that was interrupted ends as if it had not been.
@Suite struct ResumeTests {
  /// Trains to the end or to one of the steps, whichever comes first.
  @discardableResult private func train(
    _ output: URL, until step: Int = .max, resumes: Bool = true,
    events: TrainingEvents = TrainingEvents(), _ overrides: String...
  ) throws -> TrainingOutcome {
    var configuration = try TinyRun.configuration()
    configuration.model.dropout = 0.1
    for override in overrides where override == "keep one" {
      configuration.training.keepCheckpoints = 1
    }
    let trainer = try TinyRun.trainer(
      configuration, output: output, resumes: resumes, events: events)
    return try trainer.train(shouldStop: { events.steps.last.map { $0.step >= step } ?? false })
  }

  private func checkpoint(_ output: URL, _ step: Int) -> URL {
    RunFolder(output).checkpoint(step: step)
  }

  @Test func stoppedAnywhereItEndsInTheSameBytes() throws {
    try withTemporaryFolder { folder in
      let straight = folder.appending(path: "straight")
      try train(straight, resumes: false)
      let expected = try RunResult(straight)
      for stops in [[1], [4], [9], [2, 3, 7]] {
        let output = folder.appending(path: "stopped \(stops)")
        for stop in stops {
          let outcome = try train(output, until: stop)
          #expect(outcome == .interrupted(checkpoint: checkpoint(output, stop), step: stop))
          #expect(
            !FileManager.default.fileExists(atPath: output.appending(path: "model").path))
        }
        let events = TrainingEvents()
        try train(output, events: events)
        #expect(events.resumed?.step == stops.last)
        #expect(events.resumed?.problems == [])
        #expect(try RunResult(output).differences(from: expected) == [], "\(stops)")
      }
    }
  }

  @Test func aFinishedRunIsFinishedAgain() throws {
    try withTemporaryFolder { folder in
      try train(folder, resumes: false)
      let before = try RunResult(folder)
      let events = TrainingEvents()
      try train(folder, events: events)
      #expect(events.steps.isEmpty && events.resumed?.step == 10)
      #expect(try RunResult(folder).differences(from: before) == [])
    }
  }

  @Test func resumingNothingBegins() throws {
    try withTemporaryFolder { folder in
      let output = folder.appending(path: "new")
      let events = TrainingEvents()
      try train(output, events: events)
      #expect(events.resumed == nil && events.steps.count == 10)
    }
  }

  /// What a killed process may leave: steps after the checkpoint, half a line, half a folder.
  @Test func remainsOfAKilledProcessAreClearedAway() throws {
    try withTemporaryFolder { folder in
      let straight = folder.appending(path: "straight")
      try train(straight, resumes: false)
      let expected = try RunResult(straight)
      let output = folder.appending(path: "killed")
      try train(output, until: 5)
      try FileManager.default.removeItem(at: checkpoint(output, 5))

      for name in ["metrics.jsonl", "samples.jsonl"] {
        let handle = try FileHandle(forWritingTo: output.appending(path: name))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"step": 6, "epoch": 3.0, "ti"#.utf8))
        try handle.close()
      }
      // A process number that no Linux gives out.
      let remains = ["best.tmp-2147483647-1-2", "checkpoints/step-00000006.tmp-2147483647-1-2"]
      for name in remains {
        let url = output.appending(path: name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: url.appending(path: "model.safetensors"))
      }
      let events = TrainingEvents()
      try train(output, events: events)
      #expect(events.resumed?.step == 4)
      #expect(try RunResult(output).differences(from: expected) == [])
      for name in remains {
        #expect(!FileManager.default.fileExists(atPath: output.appending(path: name).path))
      }
    }
  }

  private enum Damage: CaseIterable {
    case cutShort, changed, missingFile, noList, empty
  }

  private func damage(_ folder: URL, _ damage: Damage) throws {
    let weights = folder.appending(path: "model.safetensors")
    switch damage {
    case .cutShort:
      try Data(contentsOf: weights).dropLast(7).write(to: weights)
    case .changed:
      var bytes = try Data(contentsOf: weights)
      bytes[bytes.count - 9] ^= 0x10
      try bytes.write(to: weights)
    case .missingFile:
      try FileManager.default.removeItem(at: folder.appending(path: "optimizer.safetensors"))
    case .noList:
      try FileManager.default.removeItem(at: folder.appending(path: "checksums.json"))
    case .empty:
      try FileManager.default.removeItem(at: folder)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
  }

  @Test func aDamagedCheckpointIsPassedOverWithAWarning() throws {
    try withTemporaryFolder { folder in
      let straight = folder.appending(path: "straight")
      try train(straight, resumes: false)
      let expected = try RunResult(straight)
      for kind in Damage.allCases {
        let output = folder.appending(path: "\(kind)")
        try train(output, until: 5)
        try damage(checkpoint(output, 5), kind)
        let events = TrainingEvents()
        try train(output, until: 6, events: events)
        #expect(events.resumed?.step == 4)
        let problems = events.resumed?.problems ?? []
        #expect(problems.count == 1 && problems[0].contains("step-00000005"), "\(problems)")
        if kind == .changed {
          try train(output)
          #expect(try RunResult(output).differences(from: expected) == [])
        }
      }
    }
  }

  /// The newest checkpoint may be sound then, and going back would write it again.
  @Test func whatTheSystemRefusesIsNotDamaged() {
    func isRefusal(_ code: Int32) -> Bool {
      let error = FileError(SystemFailure(code: code), .read, "optimizer.safetensors")
      return TrainingCheckpoint.isRefusal(CheckpointError(.file(error), file: error.file))
    }
    for code in [EMFILE, ENFILE, ENOMEM, EACCES, EPERM] { #expect(isRefusal(code), "\(code)") }
    for code in [EIO, ENOENT] { #expect(!isRefusal(code), "\(code)") }
  }

  /// A damaged checkpoint of a later step must not be what is kept in place of a sound one.
  @Test func aSoundCheckpointStaysWhereOneIsKept() throws {
    try withTemporaryFolder { folder in
      try train(folder, until: 5)
      try FileManager.default.copyItem(at: checkpoint(folder, 5), to: checkpoint(folder, 9))
      try damage(checkpoint(folder, 9), .changed)
      try train(folder, until: 6, "keep one")
      let newest = try TrainingCheckpoint.readNewest(of: RunFolder(folder))
      #expect(newest?.found.state.step == 6 && newest?.problems.count == 1)
    }
  }

  @Test func withoutASoundCheckpointItSaysSo() throws {
    try withTemporaryFolder { folder in
      try train(folder, until: 5)
      for step in [4, 5] { try damage(checkpoint(folder, step), .cutShort) }
      let error = #expect(throws: TrainingError.self) { try train(folder) }
      guard case .noValidCheckpoint(let problems)? = error?.reason else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(problems.count == 2)
      #expect(error.map(ExitStatus.init) == .badData)
      #expect(error.flatMap(advice)?.contains("--output") == true)
    }
  }

  @Test func aFolderThatHoldsARunIsLeftAlone() throws {
    try withTemporaryFolder { folder in
      try train(folder, until: 3)
      let before = try RunResult(folder)
      let error = #expect(throws: TrainingError.self) { try train(folder, resumes: false) }
      #expect(error?.reason == .outputExists)
      #expect(error.flatMap(advice)?.contains("--resume") == true)
      #expect(error.map(ExitStatus.init) == .usage)
      #expect(try RunResult(folder) == before)
    }
  }

  @Test func anotherConfigurationIsRefusedByName() throws {
    try withTemporaryFolder { folder in
      try train(folder, until: 3)
      for (override, name) in [
        ("seed=5", "seed"), ("model.decoder_layers=2", "model"),
        ("tokenizer.vocabulary_size=300", "tokenizer"), ("audio.mel_count=12", "audio"),
        ("data.maximum_tokens=20", "data"), ("standardize_audio=false", "standardize_audio"),
        ("training.batch_size=2", "training.batch_size"),
      ] {
        var configuration = try TinyRun.configuration(override)
        if name != "model" { configuration.model.dropout = 0.1 }
        let error = #expect(throws: TrainingError.self) {
          try TinyRun.trainer(configuration, output: folder, resumes: true)
        }
        let expected = name == "model" ? ["model"] : [name]
        #expect(error?.reason == .otherConfiguration(expected), "\(override)")
        #expect(error.map(ExitStatus.init) == .badData)
      }
    }
  }

  @Test func aRunMayBecomeLonger() throws {
    try withTemporaryFolder { folder in
      try train(folder, until: 3)
      var configuration = try TinyRun.configuration("training.epochs=6", "data.loader_threads=1")
      configuration.model.dropout = 0.1
      let events = TrainingEvents()
      _ = try TinyRun.trainer(configuration, output: folder, resumes: true, events: events).train()
      #expect(events.steps.map(\.step) == Array(4...12))
    }
  }
}
