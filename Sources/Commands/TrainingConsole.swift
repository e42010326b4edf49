import Foundation
import MusicCaptioner
import Synchronization

/// Shows a run to the person who started it: status and messages on standard error, captions of the end on
/// standard output.
final class TrainingConsole: Sendable {
  private let console: Console
  private let stepCount = Atomic(0)
  /// Why captions could not be printed.
  private let printFailure = Mutex<FileError?>(nil)

  init(_ console: Console) { self.console = console }

  func show(_ event: TrainingEvent) {
    switch event {
    case .prepared(let summary):
      stepCount.store(summary.totalSteps, ordering: .relaxed)
      console.say(summary.lines)
    case .resumed(let step, let problems):
      for problem in problems { console.warn("passed over a damaged checkpoint: \(problem)") }
      console.say("resumed at step \(step)")
    case .warning(let text): console.warn(text)
    case .step(let line): console.update(status(line))
    case .validated(let line, let isBest): console.say(Self.text(of: line, isBest: isBest))
    case .sample(let sample): console.say(Self.lines(of: sample))
    case .heldOut(let sample):
      do throws(FileError) {
        try CaptionOutput.print(Self.lines(of: sample).joined(separator: "\n"))
      } catch {
        printFailure.withLock { $0 = error }
      }
    case .checkpoint(let url, let step):
      console.say("checkpoint of step \(step): \(url.path)")
    }
  }

  private func status(_ line: MetricsLine) -> Status {
    var status = Status(line.step, of: stepCount.load(ordering: .relaxed), "steps")
    status.add("epoch \(String(format: "%.1f", line.epoch))", importance: 2)
    let loss = line.loss ?? line.tagLoss
    status.add(loss.map { "loss \(ProgressFormat.number($0))" }, importance: 4)
    let rate = line.learningRate
    status.add(rate.map { "lr \(ProgressFormat.learningRate($0))" }, importance: 1)
    let speed = line.examplesPerSecond
    status.add(speed.map { "\(ProgressFormat.number($0)) clips/s" }, importance: 3)
    return status
  }

  private static func lines(of sample: SampleCaption) -> [String] {
    ["  \(sample.id)", "    says:  \(sample.caption)", "    truth: \(sample.reference)"]
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
  /// - Throws: `FileError` where captions could not be printed.
  func end(_ outcome: TrainingOutcome, resumeCommand: String) throws(FileError) {
    console.end()
    switch outcome {
    case .finished(let model):
      console.say("done: the model is in \(model.path)")
      console.say("try it: caption AUDIO --model \(model.path)")
    case .stoppedEarly(let model, let step):
      console.say("stopped early at step \(step), as validation no longer improved")
      console.say("the last model is in \(model.path); the best one beside it in best")
    case .interrupted(let checkpoint, let step):
      console.say("interrupted at step \(step); everything is saved in \(checkpoint.path)")
      console.say("go on with: \(resumeCommand)")
    }
    if let failure = printFailure.withLock({ $0 }) { throw failure }
  }
}
