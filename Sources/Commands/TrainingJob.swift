import Foundation
import MusicCaptioner

/// All that the `train` command does: a configuration to a model, with messages and progress on
/// standard error and captions on standard output.
package struct TrainingJob: Sendable {
  /// The YAML file.
  package var configuration: String
  /// `key.path=value` each, laid over the file.
  package var overrides: [String] = []
  /// The run folder; `runs/` and the configuration's name if nil.
  package var output: String?
  package var resumes = false
  /// As many as there are processors if nil.
  package var threadCount: Int?
  /// Show what the run would be, and end.
  package var isDryRun = false

  private let console = Console.standard

  package init(configuration: String) { self.configuration = configuration }

  /// Does the job. Call once in a process: it takes over Ctrl-C, after which it saves a checkpoint
  /// and returns `.interrupted`.
  package func run() -> ExitStatus {
    do {
      guard output != "" else {
        throw UsageError("--output", found: "nothing", expected: "the name of a folder")
      }
      try MatrixLibraries.load()
      try ThreadCount.use(threadCount, console)
      let file = try ConfigurationFile<RunConfiguration>(
        contentsOf: PathName.url(configuration), name: configuration, overrides: overrides)
      let folder = PathName.url(configuration).deletingLastPathComponent()
      if isDryRun {
        try locating(file) { try preview(file.value, folder) }
        return .done
      }
      let shown = TrainingConsole(console)
      let outcome = try locating(file) { try train(file.value, folder, shown) }
      try shown.end(outcome, resumeCommand: resumeCommand)
      if case .interrupted = outcome { return .interrupted }
      return .done
    } catch {
      return console.error(error)
    }
  }

  /// Adds file and line to what is wrong with the configuration's values.
  private func locating<Result>(
    _ file: ConfigurationFile<RunConfiguration>, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as OptionError {
      throw file.located(error)
    }
  }

  private var outputURL: URL {
    if let output { return PathName.url(output) }
    return PathName.url(PathName.join("runs", PathName.stem(PathName.last(configuration))))
  }

  private var resumeCommand: String {
    var words = ["train", "--config", configuration]
    for override in overrides { words += ["--set", override] }
    if let output { words += ["--output", output] }
    if let threadCount { words += ["--threads", "\(threadCount)"] }
    return (words + ["--resume"]).map(Self.quotedForShell).joined(separator: " ")
  }

  private static func quotedForShell(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "-_./=,:+@%".unicodeScalars.contains(scalar)
    }
    if isPlain && !word.isEmpty { return word }
    return "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }

  private func train(
    _ configuration: RunConfiguration, _ folder: URL, _ shown: TrainingConsole
  ) throws -> TrainingOutcome {
    let isInterrupted = StopFlag()
    InterruptSignal.onFirst { [console] in
      isInterrupted.raise()
      console.say("saving a checkpoint, then stopping (Ctrl-C again: stop at once) …")
    }
    console.say("run folder: \(outputURL.path)")
    let trainer = try Trainer(
      configuration, relativeTo: folder, output: outputURL, resumes: resumes,
      onEvent: { shown.show($0) })
    return try trainer.train(shouldStop: { isInterrupted.isRaised })
  }

  private func preview(_ configuration: RunConfiguration, _ folder: URL) throws {
    let preview = try RunPreview(configuration, relativeTo: folder) { console.warn($0) }
    try CaptionOutput.print(
      """
      \(try ConfigurationFile<RunConfiguration>.yaml(configuration))
      \(preview.summary.lines.joined(separator: "\n"))
      Target captions of the first batch:
      \(preview.firstCaptions.prefix(8).map { "  \($0)" }.joined(separator: "\n"))
      """)
  }
}

extension TrainingSummary {
  var lines: [String] {
    let millions = String(format: "%.1f", Double(parameterCount) / 1e6)
    let steps = String(format: "%.4g", stepsPerEpoch)
    return [
      "model: \(millions) M parameters, vocabulary \(vocabularySize)",
      "data: \(trainingTracks) training clips, \(validationTracks) validation clips",
      "steps: \(totalSteps), \(steps) an epoch, \(batchSize) clips each",
    ] + "\(memory)".split(separator: "\n").map(String.init)
  }
}
