/// The merges of a BPE tokenizer in order of priority, and the algorithm that applies them to a
/// word.
struct MergeTable: Sendable {
  /// Ids and ranks stay below this limit, so a pair of ids, or a rank with a position, fits in 64
  /// bits.
  static let limit = 1 << 24

  /// Two adjacent ids.
  typealias Pair = UInt64

  private var ranks: [Pair: Int] = [:]
  /// The token that results from the merge of each rank.
  private var results: [Int] = []

  static func pair(_ left: Int, _ right: Int) -> Pair {
    UInt64(left) << 24 | UInt64(right)
  }

  init(capacity: Int = 0) {
    ranks.reserveCapacity(capacity)
    results.reserveCapacity(capacity)
  }

  /// Appends a merge of lower priority than all before it. A pair that occurs twice gets its last
  /// rank, as in Hugging Face's tokenizers.
  mutating func append(_ left: Int, _ right: Int, makes result: Int) {
    ranks[Self.pair(left, right)] = results.count
    results.append(result)
  }

  /// Merges adjacent `ids`: always the pair of lowest rank first, and the leftmost of equals.
  ///
  /// Uses a linked list of the tokens and a heap of the possible merges: n log n at worst, while
  /// searching a long word again after each merge would be quadratic. A merge whose tokens have
  /// changed since it was queued still applies if the tokens now there make the same token. The
  /// `tokenizers` library does this too (`Word::merge_all`), and equal results depend on it.
  func apply(to ids: inout [Int]) {
    guard ids.count > 1 else { return }
    let count = ids.count
    var next = Array(1...count)
    var previous = Array(-1..<(count - 1))
    var isMerged = [Bool](repeating: false, count: count)

    // Rank in the high bits, position in the low ones: the heap's order is the order of
    // application.
    func candidate(at left: Int, _ right: Int, _ ids: [Int]) -> UInt64? {
      ranks[Self.pair(ids[left], ids[right])].map { UInt64($0) << 40 | UInt64(left) }
    }
    var queue = MinimumHeap((0..<(count - 1)).compactMap { candidate(at: $0, $0 + 1, ids) })

    while let merge = queue.removeMinimum() {
      let rank = Int(merge >> 40)
      let left = Int(merge & (1 << 40 - 1))
      let right = next[left]
      guard !isMerged[left], right < count,
        let current = ranks[Self.pair(ids[left], ids[right])], results[current] == results[rank]
      else { continue }

      ids[left] = results[rank]
      isMerged[right] = true
      let after = next[right]
      next[left] = after
      if after < count { previous[after] = left }

      let before = previous[left]
      if before >= 0, let found = candidate(at: before, left, ids) { queue.insert(found) }
      if after < count, let found = candidate(at: left, after, ids) { queue.insert(found) }
    }

    var kept = 0
    for position in 0..<count where !isMerged[position] {
      ids[kept] = ids[position]
      kept += 1
    }
    ids.removeLast(count - kept)
  }
}
