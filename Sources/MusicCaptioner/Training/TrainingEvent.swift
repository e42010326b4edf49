import Foundation

/// An event during a run, for display.
public enum TrainingEvent: Sendable {
  case prepared(TrainingSummary)
  /// The run resumes from a checkpoint; the problems of newer ones.
  case resumed(step: Int, problems: [String])
  case warning(String)
  case step(MetricsLine)
  case validated(MetricsLine, isBest: Bool)
  /// A validation clip's caption with its reference caption.
  case sample(SampleCaption)
  /// The finished model's caption of a synthesized clip that wasn't used in training.
  case heldOut(SampleCaption)
  case checkpoint(URL, step: Int)
}

/// A clip captioned by the current model.
public struct SampleCaption: Codable, Sendable, Equatable {
  public var step: Int
  public var id: String
  public var caption: String
  public var reference: String
}

/// The sizes of a run, known before its first step.
public struct TrainingSummary: Sendable {
  public let parameterCount: Int
  public let trainingTracks: Int
  public let validationTracks: Int
  public let vocabularySize: Int
  public let batchSize: Int
  public let stepsPerEpoch: Double
  public let totalSteps: Int
  package let memory: TrainingMemory
}

/// How a run ended.
public enum TrainingOutcome: Sendable, Equatable {
  case finished(model: URL)
  /// Validation did not improve for the configured number of validations.
  case stoppedEarly(model: URL, step: Int)
  /// Stopped on request; all progress is in the checkpoint.
  case interrupted(checkpoint: URL, step: Int)
}
