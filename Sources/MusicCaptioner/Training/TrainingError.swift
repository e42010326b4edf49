import Foundation

/// Why a run can't start, or can't go on.
public struct TrainingError: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
  public enum Reason: Equatable, Sendable {
    /// A run is there already.
    case outputExists
    /// `--resume` in a folder whose run has another configuration; the keys that differ.
    case otherConfiguration([String])
    /// The loss or the gradients are no longer numbers.
    case notFinite(step: Int, what: String, files: [String], checkpoint: String?)
    case noValidCheckpoint(problems: [String])
    case cannotWrite(String)
  }

  public let path: String
  public let reason: Reason

  init(_ reason: Reason, path: String) {
    self.path = path
    self.reason = reason
  }

  public var errorDescription: String? { description }

  public var description: String {
    let explanation =
      switch reason {
      case .outputExists:
        "holds a run already; continue it with --resume, or choose another folder with --output"
      case .otherConfiguration(let keys):
        "holds a run with another configuration (\(keys.joined(separator: ", "))); resume it with "
          + "the configuration it was started with, or choose another folder with --output"
      case .notFinite(let step, let what, let files, let checkpoint):
        "the \(what) of step \(step) is not a finite number"
          + (files.isEmpty ? "" : ". Its clips: \(files.joined(separator: ", "))")
          + ". Try a lower training.learning_rate, a longer "
          + "training.warmup_epochs, or training.maximum_gradient_norm: 1; "
          + (checkpoint.map { "the last good checkpoint is \($0)" }
            ?? "there is no checkpoint yet")
      case .noValidCheckpoint(let problems):
        "no checkpoint is sound: \(problems.joined(separator: "; ")); start anew in another "
          + "folder with --output"
      case .cannotWrite(let problem):
        "can't be written: \(problem)"
      }
    return "\(path): \(explanation)"
  }
}
