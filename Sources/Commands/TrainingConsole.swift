import Foundation
import MusicCaptioner
import Synchronization

/// Shows a run to the person who started it: progress and messages on standard error, captions of
/// the end on standard output.
final class TrainingConsole: Sendable {
  private let reporter = ProgressReporter.standardError()
  private let stepCount = Atomic(0)
  /// Why captions could not be printed.
  private let printFailure = Mutex<CaptionerError?>(nil)

  func say(_ message: String) { reporter.message(message) }

  func show(_ event: TrainingEvent) {
    switch event {
    case .prepared(let summary):
      stepCount.store(summary.totalSteps, ordering: .relaxed)
      say("\(summary)")
    case .resumed(let step, let problems):
      for problem in problems { say("warning: passed over a damaged checkpoint: \(problem)") }
      say("resumed at step \(step)")
    case .warning(let text): say("warning: " + text)
    case .step(let line):
      reporter.update(
        ProgressReporter.Status(
          step: line.step, stepCount: stepCount.load(ordering: .relaxed), epoch: line.epoch,
          loss: line.loss ?? line.tagLoss, learningRate: line.learningRate,
          examplesPerSecond: line.examplesPerSecond))
    case .validated(let line, let isBest): say(Self.text(of: line, isBest: isBest))
    case .sample(let sample): say(Self.text(of: sample))
    case .unheard(let sample):
      // The bar must not stand in the way of the results.
      reporter.finish()
      do throws(CaptionerError) {
        try CaptionOutput.print(Self.text(of: sample))
      } catch {
        printFailure.withLock { $0 = error }
      }
    case .checkpoint(let url, let step): say("checkpoint of step \(step): \(url.path)")
    }
  }

  private static func text(of sample: SampleCaption) -> String {
    "  \(sample.id)\n    says:  \(sample.caption)\n    truth: \(sample.reference)"
  }

  private static func text(of line: MetricsLine, isBest: Bool) -> String {
    let loss = line.validationLoss.map { String(format: "%.4f", $0) } ?? "none"
    let extra = line.extra.sorted { $0.key < $1.key }.map { key, value in
      "  \(key.replacingOccurrences(of: "_", with: " ")) \(String(format: "%.4f", value))"
    }
    let epoch = String(format: "%.2f", line.epoch)
    return "epoch \(epoch), step \(line.step): validation loss \(loss)\(extra.joined())"
      + (isBest ? "  (best so far)" : "")
  }

  /// The last words of a run.
  ///
  /// - Throws: `CaptionerError` where captions could not be printed.
  func end(_ outcome: TrainingOutcome, resumeCommand: String) throws(CaptionerError) {
    reporter.finish()
    switch outcome {
    case .finished(let model):
      say("done: the model is in \(model.path)")
      say("try it: caption AUDIO --model \(model.path)")
    case .stoppedEarly(let model, let step):
      say("stopped early at step \(step), as validation no longer improved")
      say("the last model is in \(model.path); the best one beside it in best")
    case .interrupted(let checkpoint, let step):
      say("interrupted at step \(step); everything is saved in \(checkpoint.path)")
      say("go on with: \(resumeCommand)")
    }
    if let failure = printFailure.withLock({ $0 }) { throw failure }
  }
}
