import Synchronization

/// Clips kept in memory, so that a set that fits is decoded once.
///
/// Entries are never evicted: every epoch needs every clip equally often, in random order, so
/// replacing the least recently used would drop each clip just before it is needed.
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
  /// The most bytes to keep.
  let limit: Int

  /// - Parameter megabytes: The memory limit; 0 keeps nothing.
  init(megabytes: Int) {
    let (bytes, overflow) = megabytes.multipliedReportingOverflow(by: 1 << 20)
    limit = overflow ? .max : bytes
  }

  /// The entry of a track. A new entry is kept if there is room for it.
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

  /// The bytes and clips that are kept.
  var usage: (bytes: Int, clips: Int) { state.withLock { ($0.byteCount, $0.entries.count) } }
}
