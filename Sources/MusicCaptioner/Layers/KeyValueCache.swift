import CKernels

/// Keys and values of the positions that each hypothesis has decoded so far, for one layer.
///
/// Every decoded position has a slot of its own, and keeps it. A hypothesis is a list of slots; when
/// beam search reorders hypotheses, lists are copied and keys and values stay where they are.
struct SelfAttentionCache: Sendable {
  /// The slots of each row's positions, oldest first: the same for every layer.
  var slots: [[Int32]] = []
  private var store: KeyValueStore

  /// - Parameters:
  ///   - width: The model's width.
  ///   - capacity: Slots to begin with; more are made when needed.
  init(width: Int, headCount: Int, capacity: Int) {
    store = KeyValueStore(width: width, headCount: headCount, capacity: capacity)
  }

  /// Rows continue as the rows named: row i becomes a copy of row `parents[i]`.
  mutating func reorder(by parents: [Int]) { slots = parents.map { slots[$0] } }

  /// Appends one position to each row.
  ///
  /// - Parameters:
  ///   - keys: `[rows, model]`
  ///   - values: `[rows, model]`
  mutating func append(keys: Tensor, values: Tensor) {
    if slots.isEmpty { slots = Array(repeating: [], count: keys.rowCount) }
    precondition(
      slots.count == keys.rowCount, "\(keys.rowCount) new positions for \(slots.count) rows")
    for row in slots.indices { slots[row].append(Int32(store.count + row)) }
    store.append(keys: keys, values: values)
  }

  /// Attention of each row's query over its own positions: `[rows, model]` → the same.
  func attend(_ queries: Tensor) -> Tensor {
    store.attend(queries) { .listed(slots[$0]) }
  }
}

/// Keys and values of the encoded clips, for one layer: computed once, read by all beams.
struct CrossAttentionCache: Sendable {
  private var store: KeyValueStore
  private let layout: SequenceLayout

  /// - Parameters:
  ///   - keys: `[rows of all clips, model]`
  ///   - values: `[rows of all clips, model]`
  init(keys: Tensor, values: Tensor, layout: SequenceLayout, headCount: Int) {
    store = KeyValueStore(width: keys.width, headCount: headCount, capacity: keys.rowCount)
    store.append(keys: keys, values: values)
    self.layout = layout
  }

  /// Attention of each row's query over the clip that it describes.
  ///
  /// - Parameters:
  ///   - queries: `[rows, model]`
  ///   - clips: The clip of each row.
  /// - Returns: `[rows, model]`
  func attend(_ queries: Tensor, clips: [Int]) -> Tensor {
    store.attend(queries) { .range(layout[clips[$0]]) }
  }
}

/// Slots of keys and values, head by head: what one head reads lies together.
private struct KeyValueStore: Sendable {
  private let headCount: Int
  private let headWidth: Int
  private(set) var count = 0
  /// `[heads, capacity, 2, head width]`: a slot's key, then its value.
  private var rows: Tensor

  init(width: Int, headCount: Int, capacity: Int) {
    self.headCount = headCount
    headWidth = width / headCount
    rows = Tensor(uninitialized: [headCount, max(1, capacity), 2, headWidth])
  }

  private var capacity: Int { rows.shape[1] }

  /// - Parameters:
  ///   - keys: `[slots, model]`
  ///   - values: `[slots, model]`
  mutating func append(keys: Tensor, values: Tensor) {
    reserve(count + keys.rowCount)
    let (headCount, headWidth, capacity, count) = (headCount, headWidth, capacity, count)
    rows.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      for (place, source) in [keys, values].enumerated() {
        for row in 0..<source.rowCount {
          for head in 0..<headCount {
            let slot = head * capacity + count + row
            (target + (2 * slot + place) * headWidth).update(
              from: source.readPointer + (row * headCount + head) * headWidth, count: headWidth)
          }
        }
      }
    }
    self.count += keys.rowCount
  }

  private mutating func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    var larger = Tensor(
      uninitialized: [headCount, max(wanted, 2 * capacity), 2, headWidth])
    let (from, to) = (capacity * 2 * headWidth, larger.shape[1] * 2 * headWidth)
    let used = count * 2 * headWidth
    larger.withUnsafeMutableBufferPointer { target in
      rows.withUnsafeBufferPointer { source in
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        for head in 0..<headCount {
          (target + head * to).update(from: source + head * from, count: used)
        }
      }
    }
    rows = larger
  }

  /// The slots that a row sees.
  enum Positions {
    case range(Range<Int>)
    case listed([Int32])
  }

  /// Attention of rows of queries, shared out between threads by head and by some rows at a time: rows
  /// of one clip follow one another and have most of their positions in common, which one thread then
  /// reads from memory once.
  ///
  /// - Parameter queries: `[rows, model]`
  /// - Returns: `[rows, model]`
  func attend(_ queries: Tensor, over positions: (_ row: Int) -> Positions) -> Tensor {
    let (rowCount, rowsAtATime) = (queries.rowCount, 8)
    let result = Tensor(uninitialized: queries.shape)
    WorkPool.shared.forEach((rowCount + rowsAtATime - 1) / rowsAtATime * headCount) { index in
      let firstRow = index / headCount * rowsAtATime
      for row in firstRow..<min(rowCount, firstRow + rowsAtATime) {
        attend(row, head: index % headCount, queries, over: positions(row), result)
      }
    }
    return result
  }

  private func attend(
    _ row: Int, head: Int, _ queries: Tensor, over positions: Positions, _ result: Tensor
  ) {
    let place = (row * headCount + head) * headWidth
    func attend(from first: Int, count: Int, slots: [Int32]?) {
      let keys = rows.readPointer + (head * capacity + first) * 2 * headWidth
      withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { scratch in
        (slots ?? []).withUnsafeBufferPointer {
          ck_attend(
            result.freshPointer + place, queries.readPointer + place, keys, keys + headWidth,
            slots == nil ? nil : $0.baseAddress, count, 2 * headWidth, headWidth,
            1 / Float(headWidth).squareRoot(), scratch.baseAddress)
        }
      }
    }
    switch positions {
    case .range(let range): attend(from: range.lowerBound, count: range.count, slots: nil)
    case .listed(let slots): attend(from: 0, count: slots.count, slots: slots)
    }
  }
}
