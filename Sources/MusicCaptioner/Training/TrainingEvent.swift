import Foundation

/// An event during a run, for display.
package enum TrainingEvent: Sendable {
  case prepared(TrainingSummary)
  /// The run resumes from a checkpoint; the problems of newer ones.
  case resumed(step: Int, problems: [String])
  case warning(String)
  case step(MetricsLine)
  case validated(MetricsLine, isBest: Bool)
  /// A validation clip's caption with its reference caption.
  case sample(SampleCaption)
  /// The finished model's caption of a synthesized clip that wasn't used in training.
  case unheard(SampleCaption)
  case checkpoint(URL, step: Int)
}

/// A clip captioned by the current model.
package struct SampleCaption: Codable, Sendable, Equatable {
  package var step: Int
  package var id: String
  package var caption: String
  package var reference: String
}

/// The sizes of a run, known before its first step.
package struct TrainingSummary: Sendable {
  package let parameterCount: Int
  package let trainingTracks: Int
  package let validationTracks: Int
  package let vocabularySize: Int
  package let batchSize: Int
  package let stepsPerEpoch: Double
  package let totalSteps: Int
  package let memory: TrainingMemory
}

/// How a run ended.
package enum TrainingOutcome: Sendable, Equatable {
  case finished(model: URL)
  /// Validation did not improve for the configured number of validations.
  case stoppedEarly(model: URL, step: Int)
  /// Stopped on request; all progress is in the checkpoint.
  case interrupted(checkpoint: URL, step: Int)
}
