import Foundation

/// What happens during a run, for whoever shows it.
public enum TrainingEvent: Sendable {
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
public struct SampleCaption: Codable, Sendable, Equatable {
  public var step: Int
  public var id: String
  public var caption: String
  public var reference: String
}

/// A run in numbers, before its first step.
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
  /// Validation had not improved for as long as the configuration waits.
  case stoppedEarly(model: URL, step: Int)
  /// Asked to stop; everything up to here is in the checkpoint.
  case interrupted(checkpoint: URL, step: Int)
}
