import Synchronization

/// The ids of recently seen words, since captions repeat theirs. Shared by the copies of a
/// tokenizer and safe to use from several threads.
final class WordCache: Sendable {
  /// Longer words hardly ever repeat.
  static let longestWord = 64
  /// Emptied when full, so that neither memory nor the cost of a word grows with the text.
  static let capacity = 16_384

  private let entries = Mutex<[[UInt8]: [Int]]>([:])

  func ids(of word: [UInt8]) -> [Int]? {
    guard word.count <= Self.longestWord else { return nil }
    return entries.withLock { $0[word] }
  }

  func store(_ ids: [Int], for word: [UInt8]) {
    guard word.count <= Self.longestWord else { return }
    entries.withLock { entries in
      if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
      entries[word] = ids
    }
  }

  /// The number of words held.
  var count: Int { entries.withLock { $0.count } }
}
