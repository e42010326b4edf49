import Synchronization

/// Clips that are kept in memory, so that a set that fits is decoded once.
///
/// What is in it stays until the end: epochs come back to every clip equally often, in random
/// order, and to replace the least recently used would then throw away each clip just before it is wanted.
final class ClipCache: Sendable {
  enum Entry: Sendable {
    /// `[frames, mels]`
    case logMel(Tensor)
    /// Mono, at the model's rate.
    case samples([Float])

    var byteCount: Int {
      switch self {
      case .logMel(let tensor): tensor.count * MemoryLayout<Float>.size
      case .samples(let samples): samples.count * MemoryLayout<Float>.size
      }
    }
  }

  private struct State {
    var entries: [Int: Entry] = [:]
    var byteCount = 0
  }

  private let state = Mutex(State())
  /// The most bytes that are kept.
  let limit: Int

  /// - Parameter megabytes: How much is kept; nothing if 0.
  init(megabytes: Int) {
    let (bytes, overflow) = megabytes.multipliedReportingOverflow(by: 1 << 20)
    limit = overflow ? .max : bytes
  }

  /// The entry of a track. Setting keeps it where there is room.
  subscript(_ index: Int) -> Entry? {
    get { limit == 0 ? nil : state.withLock { $0.entries[index] } }
    set {
      guard let newValue, limit > 0 else { return }
      state.withLock { state in
        guard state.entries[index] == nil, state.byteCount + newValue.byteCount <= limit
        else { return }
        state.byteCount += newValue.byteCount
        state.entries[index] = newValue
      }
    }
  }

  /// Bytes and clips that are kept.
  var usage: (bytes: Int, clips: Int) { state.withLock { ($0.byteCount, $0.entries.count) } }
}
