import Foundation

/// What happens during a run, for whoever shows it.
package enum TrainingEvent: Sendable {
  case prepared(TrainingSummary)
  /// The run goes on from a checkpoint; what was wrong with newer ones.
  case resumed(step: Int, problems: [String])
  case warning(String)
  case step(MetricsLine)
  case validated(MetricsLine, isBest: Bool)
  /// A validation clip's caption beside what people (or the synthesizer) said about it.
  case sample(SampleCaption)
  /// The finished model's caption of a synthesized clip that it has never met.
  case unheard(SampleCaption)
  case checkpoint(URL, step: Int)
}

/// A clip captioned by the model as it is now.
package struct SampleCaption: Codable, Sendable, Equatable {
  package var step: Int
  package var id: String
  package var caption: String
  package var reference: String
}

/// A run in numbers, before its first step.
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
  /// Validation had not improved for as long as the configuration waits.
  case stoppedEarly(model: URL, step: Int)
  /// Asked to stop; everything up to here is in the checkpoint.
  case interrupted(checkpoint: URL, step: Int)
}
