import Foundation

/// How long a unit of work takes, smoothed over a fifth of the job. Weighted by units and not by time: a
/// pause, such as a run's validation, counts as what it costs on average, and doesn't make the estimate leap.
struct Pace: Sendable {
  private var seconds = 0.0
  private var units = 0.0
  private var last: (done: Double, time: Double)?

  /// - Parameters:
  ///   - done: Units of work, with the finished part of the current one.
  ///   - total: Nil if unknown.
  mutating func add(_ done: Double, of total: Int?, at time: Double) {
    guard let last else { return self.last = (done, time) }
    // Several threads may report, and not in the order in which they counted.
    guard done > last.done else { return }
    let newUnits = done - last.done
    let decay = exp(-newUnits / max(50, Double(total ?? 0) / 5))
    seconds = seconds * decay + max(0, time - last.time)
    units = units * decay + newUnits
    self.last = (done, time)
  }

  /// The time that `count` units take; nil before the first.
  func seconds(for count: Double) -> Double? { units > 0 ? seconds / units * max(0, count) : nil }
}
