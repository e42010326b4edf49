import Foundation

/// Linear warm-up, then half a cosine down to a floor, in fractions of an epoch, like the official
/// training code's `adjust_learning_rate`, which is called before every step.
struct LearningRateSchedule: Sendable {
  let peak: Double
  let minimum: Double
  let warmupEpochs: Double
  let epochs: Double

  /// The learning rate at a point in the run; 0 at the very start, as in the official code.
  func rate(atEpoch epoch: Double) -> Double {
    if epoch < warmupEpochs { return peak * epoch / warmupEpochs }
    let length = max(epochs - warmupEpochs, .leastNonzeroMagnitude)
    let progress = min(1, (epoch - warmupEpochs) / length)
    return minimum + (peak - minimum) * 0.5 * (1 + cos(.pi * progress))
  }
}
