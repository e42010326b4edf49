import Foundation

/// The state of a run, besides its parameters and moments.
struct TrainingState: Codable, Sendable, Equatable {
  /// The number of steps taken.
  var step = 0
  /// Seconds spent so far, in all sessions.
  var seconds = 0.0
  var best: Best?
  /// Validations since the best one.
  var validationsWithoutImprovement = 0
  /// Whether early stopping ended the run.
  var hasStoppedEarly = false
  /// Whether the run was interrupted before it had validated this step.
  var owesValidation = false
  /// Fingerprints of the training and validation data.
  var trainingData: DataFingerprint?
  var validationData: DataFingerprint?

  /// The best validation so far.
  struct Best: Codable, Sendable, Equatable {
    let measure: BestMeasure
    let value: Double
  }

  /// Records a validation.
  ///
  /// - Returns: Whether it is the best so far. After a change of measure, the first one is.
  mutating func record(_ value: Double, by measure: BestMeasure) -> Bool {
    if let best, best.measure == measure, !measure.isBetter(value, than: best.value) {
      validationsWithoutImprovement += 1
      return false
    }
    best = Best(measure: measure, value: value)
    validationsWithoutImprovement = 0
    return true
  }
}

extension TrainingState {
  /// Records the fingerprints of the run's data.
  ///
  /// - Parameter checkpoint: The checkpoint of this state; nil for a new run.
  /// - Throws: `TrainingError` if the data differs from that at the start of the run.
  mutating func adopt(_ data: RunData, at checkpoint: URL?) throws(TrainingError) {
    let training = DataFingerprint(data.training)
    let validation = data.validation.map { DataFingerprint($0) }
    if let checkpoint {
      for (kind, then, now) in [
        ("training", trainingData, training), ("validation", validationData, validation),
      ] {
        guard let then, then != now else { continue }
        throw TrainingError(
          .otherData(
            kind: kind, then: then.clips, now: now?.clips ?? 0, checkpoint: checkpoint.path),
          file: checkpoint.deletingLastPathComponent().deletingLastPathComponent().path)
      }
    }
    (trainingData, validationData) = (training, validation)
  }
}

/// A folder with everything needed to resume a run as if it had never stopped: the model, the
/// moments and the position in the run, with checksums of all files.
enum TrainingCheckpoint {
  private static let optimizerFile = "optimizer.safetensors"
  private static let stateFile = "state.json"

  /// Writes a checkpoint; it appears complete or not at all.
  ///
  /// - Throws: The error of a file that can't be written, or can't be read back for its checksum.
  static func write(
    _ state: TrainingState, bundle: ModelBundle, optimizer: AdamW, to folder: URL
  ) throws {
    try AtomicFile.writeFolder(to: folder) { folder in
      try bundle.writeFiles(into: folder)
      try SafetensorsWriter.write(optimizer.state, to: folder.appending(path: optimizerFile))
      let json = JSONWriter.text(try JSONWriter.value(state), .sorted) + "\n"
      try AtomicFile.write(Array(json.utf8), to: folder.appending(path: stateFile))
      try measured(folder).write(into: folder)
    }
  }

  /// What was just written and can't be read has not been written.
  private static func measured(_ folder: URL) throws -> FolderManifest {
    do throws(CheckpointError) {
      return try FolderManifest(measuring: folder)
    } catch {
      guard case .file(let problem) = error.reason else { throw error }
      throw FileError(problem.cause, .write, TemporaryFiles.finalPath(problem.file))
    }
  }

  /// Reads the newest intact checkpoint of a run.
  ///
  /// - Returns: The checkpoint's model, moments and state, and the problems of newer ones; `nil` if
  ///   there is no checkpoint.
  /// - Throws: `TrainingError` if there are checkpoints but all are damaged.
  static func readNewest(
    of run: RunFolder
  ) throws -> (found: Found, problems: [String])? {
    var problems: [String] = []
    for step in try run.checkpointSteps() {
      let folder = run.checkpoint(step: step)
      do {
        try FolderManifest.verify(
          folder, requiring: ModelBundle.fileNames + [optimizerFile, stateFile])
        let file = folder.appending(path: stateFile)
        let json = try JSONReader.document(of: file, dialect: .strict)
        let state = try ConfigurationNodeDecoder.decode(
          TrainingState.self, ConfigurationNode(json), from: .json(file.path, keepsKeys: true))
        let found = Found(
          state: state, bundle: try ModelBundle(contentsOf: folder),
          optimizer: try CheckpointFile.read(folder.appending(path: optimizerFile)),
          folder: folder)
        return (found, problems)
      } catch {
        if Self.isRefusal(error) { throw error }
        problems.append("\(error)")
      }
    }
    if problems.isEmpty { return nil }
    throw TrainingError(.noValidCheckpoint(problems: problems), file: run.url.path)
  }

  /// Whether the system refuses a file, rather than the file being damaged.
  static func isRefusal(_ error: any Error) -> Bool {
    let problem: FileError? =
      switch error {
      case let error as FileError: error
      case let error as CheckpointError:
        if case .file(let problem) = error.reason { problem } else { nil }
      case let error as ModelError:
        if case .file(let problem) = error.reason { problem } else { nil }
      case let error as TokenizerError:
        if case .file(let problem) = error.reason { problem } else { nil }
      case let error as ConfigurationError:
        if case .file(let problem) = error.reason { problem } else { nil }
      default: nil
      }
    return problem?.isRefusal ?? false
  }

  struct Found {
    let state: TrainingState
    let bundle: ModelBundle
    let optimizer: NamedTensors
    let folder: URL
  }
}
