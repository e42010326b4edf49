import Synchronization

/// The durations of files that don't declare theirs, or declare more than they have: found by decoding them whole,
/// which takes too long to be done for every draw.
final class MeasuredLengths: Sendable {
  private let found = Mutex<[Int: Double]>([:])
  /// Some tens of megabytes. What is beyond is measured again.
  private static let limit = 1 << 20

  /// The duration of a track's file, if it has been measured.
  func known(_ index: Int) -> Double? { found.withLock { $0[index] } }

  /// The duration of a track's file, in seconds.
  ///
  /// - Parameter measure: Called if it isn't known. Two threads may do so at the same time.
  func seconds(
    of index: Int, _ measure: () throws(AudioError) -> Double
  ) throws(AudioError) -> Double {
    if let seconds = known(index) { return seconds }
    let seconds = try measure()
    found.withLock { found in
      if found.count < Self.limit { found[index] = seconds }
    }
    return seconds
  }
}
