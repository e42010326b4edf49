import Foundation
import Testing

@testable import MusicCaptioner

/// One run a folder, and nothing of anybody else's.
@Suite struct RunFolderTests {
  private func reason(_ body: () throws -> Void) -> TrainingError.Reason? {
    do {
      try body()
      return nil
    } catch {
      return (error as? TrainingError)?.reason
    }
  }

  @Test func aFolderInUseIsRefusedUntilItIsFree() throws {
    try withTemporaryFolder { folder in
      let configuration = try TinyRun.configuration()
      var first: Trainer? = try TinyRun.trainer(configuration, output: folder)
      for resumes in [true, false] {
        let found = reason {
          _ = try TinyRun.trainer(configuration, output: folder, resumes: resumes)
        }
        #expect(found == .inUse(process: Int(ProcessInfo.processInfo.processIdentifier)))
      }
      _ = first
      first = nil
      _ = try TinyRun.trainer(configuration, output: folder, resumes: true).train()
    }
  }

  @Test(arguments: [
    "model", "best", "checkpoints", "clips", "config.yaml", "metrics.jsonl", "samples.jsonl",
  ])
  func aFolderWithSomebodyElsesThingsIsRefused(name: String) throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "\(name)/mine")
      if name.contains(".") {
        try Data().write(to: folder.appending(path: name))
      } else {
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: file)
      }
      let before = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      for resumes in [true, false] {
        let found = reason {
          _ = try TinyRun.trainer(TinyRun.configuration(), output: folder, resumes: resumes)
        }
        #expect(found == .foreignFolder([name]))
      }
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path) == before)
    }
  }

  @Test func somebodyElsesFilesInTheModelAreToldBeforeTraining() throws {
    try withTemporaryFolder { folder in
      _ = try TinyRun.trainer(TinyRun.configuration(), output: folder, resumes: false).train()
      try Data("mine".utf8).write(to: folder.appending(path: "model/notes"))
      let error = #expect(throws: ModelError.self) {
        try TinyRun.trainer(TinyRun.configuration(), output: folder, resumes: true)
      }
      #expect(error?.description.contains("notes") == true)
    }
  }

  @Test func resumingNothingSaysSo() throws {
    try withTemporaryFolder { folder in
      let events = TrainingEvents()
      let output = folder.appending(path: "typo")
      _ = try TinyRun.trainer(
        TinyRun.configuration(), output: output, resumes: true, events: events)
      #expect(events.warnings.contains { $0.contains("typo: there is nothing to resume") })
    }
  }

  @Test func resumingOnOtherDataIsRefusedWithTheWayOut() throws {
    try withTemporaryFolder { folder in
      try TinyRun.writeFiles(to: folder)
      let (output, manifest) = (
        folder.appending(path: "run"), folder.appending(path: "manifest.jsonl")
      )
      func train(until step: Int) throws -> TrainingOutcome {
        let events = TrainingEvents()
        return try Trainer(
          RunConfiguration(contentsOf: folder.appending(path: "tiny.yaml")),
          relativeTo: URL(fileURLWithPath: folder.path + "/"),
          output: output, resumes: true, onEvent: { events.add($0) }
        ).train(shouldStop: { events.steps.last.map { $0.step >= step } ?? false })
      }
      _ = try train(until: 3)
      let lines = try String(contentsOf: manifest, encoding: .utf8)
        .split(separator: "\n").map(String.init)
      let rewritten = lines.map { $0.replacing("swells", with: "grows") }
      let longer = lines + lines.prefix(4)
      let reordered = Array(lines[..<8].reversed()) + lines[8...]
      let shorter = Array(lines.dropLast())
      let changes: [(lines: [String], kind: String, count: Int)] = [
        (rewritten, "training", 8), (longer, "training", 12), (reordered, "training", 8),
        (shorter, "validation", 3),
      ]
      for (changed, kind, count) in changes {
        try Data((changed.joined(separator: "\n") + "\n").utf8).write(to: manifest)
        let found = reason { _ = try train(until: 5) }
        let checkpoint = RunFolder(output).checkpoint(step: 3).path
        #expect(
          found
            == .otherData(
              kind: kind, then: kind == "training" ? 8 : 4, now: count, checkpoint: checkpoint))
      }
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: manifest)
      let last = RunFolder(output).checkpoint(step: 5)
      #expect(try train(until: 5) == .interrupted(checkpoint: last, step: 5))
    }
  }

  @Test func interruptedBeforeTheFirstStepOrAfterTheLastItEndsInTheSameBytes() throws {
    try withTemporaryFolder { folder in
      func train(_ name: String, resumes: Bool = false, stop: Int) throws -> TrainingOutcome {
        let events = TrainingEvents()
        return try TinyRun.trainer(
          TinyRun.configuration(), output: folder.appending(path: name), resumes: resumes,
          events: events
        ).train(shouldStop: { events.steps.last?.step ?? 0 >= stop })
      }
      _ = try train("straight", stop: .max)
      let expected = try RunResult(folder.appending(path: "straight"))
      for step in [0, 10] {
        let run = RunFolder(folder.appending(path: "\(step)"))
        #expect(
          try train("\(step)", stop: step)
            == .interrupted(checkpoint: run.checkpoint(step: step), step: step))
        #expect(!FileManager.default.fileExists(atPath: run.model.path))
        _ = try train("\(step)", resumes: true, stop: .max)
        #expect(try RunResult(run.url).differences(from: expected) == [], "\(step)")
      }
    }
  }
}
