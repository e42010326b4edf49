import Foundation

/// How long a unit of work takes, smoothed over a fifth of the job. Weighted by units and not by time: a
/// pause, such as a run's validation, counts as what it costs on average, and doesn't make the estimate leap.
struct Pace: Sendable {
  private var seconds = 0.0
  private var units = 0.0
  private var last: (doneCount: Int, time: Double)?

  mutating func add(_ doneCount: Int, of total: Int, at time: Double) {
    guard let last else { return self.last = (doneCount, time) }
    // Several threads may report, and not in the order in which they counted.
    guard doneCount > last.doneCount else { return }
    let newUnits = Double(doneCount - last.doneCount)
    let decay = exp(-newUnits / max(50, Double(total) / 5))
    seconds = seconds * decay + max(0, time - last.time)
    units = units * decay + newUnits
    self.last = (doneCount, time)
  }

  /// The time that `count` units take; nil before the first.
  func seconds(for count: Int) -> Double? {
    units > 0 ? seconds / units * Double(max(0, count)) : nil
  }
}
