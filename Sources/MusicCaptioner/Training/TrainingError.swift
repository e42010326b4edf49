import Foundation

/// Why a run can't start or continue.
public struct TrainingError: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
  package enum Reason: Equatable, Sendable {
    /// The folder already contains a run.
    case outputExists
    /// Another process is using the folder; its process id.
    case inUse(process: Int?)
    /// The folder contains no run, but files and folders that a run would replace.
    case foreignFolder([String])
    /// `--resume` in a folder whose run has another configuration; the keys that differ.
    case otherConfiguration([String])
    /// `--resume` with tracks other than those at the start of the run.
    case otherData(kind: String, then: Int, now: Int, checkpoint: String)
    /// The loss or the gradients are no longer finite.
    case notFinite(step: Int, what: String, files: [String], checkpoint: String?)
    case noValidCheckpoint(problems: [String])
    /// The file can't be written.
    case file(FileError)
  }

  /// The folder of the run.
  public let file: String
  package let reason: Reason

  init(_ reason: Reason, file: String) {
    self.file = file
    self.reason = reason
  }

  public var errorDescription: String? { description }

  public var description: String {
    let explanation =
      switch reason {
      case .outputExists:
        "holds a run already"
      case .inUse(let process):
        "is in use by another run" + (process.map { " (process \($0))" } ?? "")
      case .foreignFolder(let names):
        "holds no run, but \(names.joined(separator: ", ")), which a run would replace"
      case .otherData(let kind, let then, let now, _):
        "the \(kind) data has changed since the run began ("
          + (then == now ? "other clips or captions" : "\(then) clips then, \(now) now")
          + ")"
      case .otherConfiguration(let keys):
        "holds a run with another configuration (\(keys.joined(separator: ", ")))"
      case .notFinite(let step, let what, let files, let checkpoint):
        "the \(what) of step \(step) is not a finite number"
          + (files.isEmpty ? "" : ". Its clips: \(files.joined(separator: ", "))")
          + ". Try a lower training.learning_rate, a longer "
          + "training.warmup_epochs, or training.maximum_gradient_norm: 1; "
          + (checkpoint.map { "the last good checkpoint is \($0)" }
            ?? "there is no checkpoint yet")
      case .noValidCheckpoint(let problems):
        "no checkpoint is intact: \(problems.joined(separator: "; "))"
      case .file(let error):
        error.problem
      }
    return "\(file): \(explanation)"
  }
}
