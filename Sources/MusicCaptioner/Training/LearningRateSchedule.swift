import Foundation

/// Linear warm-up, then half a cosine down to a floor, by fractions of an epoch: the official
/// training code's `adjust_learning_rate`, called before every step.
struct LearningRateSchedule: Sendable {
  let peak: Double
  let minimum: Double
  let warmupEpochs: Double
  let epochs: Double

  /// The rate at a point of the run; 0 at its very start, as in the official code.
  func rate(atEpoch epoch: Double) -> Double {
    if epoch < warmupEpochs { return peak * epoch / warmupEpochs }
    let length = max(epochs - warmupEpochs, .leastNonzeroMagnitude)
    let progress = min(1, (epoch - warmupEpochs) / length)
    return minimum + (peak - minimum) * 0.5 * (1 + cos(.pi * progress))
  }
}
