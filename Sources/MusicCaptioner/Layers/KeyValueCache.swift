import CKernels

/// Keys and values of the positions that each hypothesis has decoded so far, for one layer.
///
/// Every decoded position has a slot of its own, and keeps it. A hypothesis is a list of slots; when
/// beam search reorders hypotheses, lists are copied and keys and values stay where they are.
struct SelfAttentionCache: Sendable {
  /// The slots of each row's positions, oldest first: the same for every layer.
  var slots: [[Int32]] = []
  private var keys: Tensor
  private var values: Tensor
  private var slotCount = 0

  /// - Parameters:
  ///   - width: The model's width.
  ///   - capacity: Slots to begin with; more are made when needed.
  init(width: Int, capacity: Int) {
    keys = Tensor(uninitialized: [max(1, capacity), width])
    values = Tensor(uninitialized: [max(1, capacity), width])
  }

  /// Rows continue as the rows named: row i becomes a copy of row `parents[i]`.
  mutating func reorder(by parents: [Int]) { slots = parents.map { slots[$0] } }

  /// Appends one position to each row.
  ///
  /// - Parameters:
  ///   - keys: `[rows, model]`
  ///   - values: `[rows, model]`
  mutating func append(keys newKeys: Tensor, values newValues: Tensor) {
    let rowCount = newKeys.rowCount
    if slots.isEmpty { slots = Array(repeating: [], count: rowCount) }
    precondition(slots.count == rowCount, "\(rowCount) new positions for \(slots.count) rows")
    reserve(slotCount + rowCount)
    Self.write(newKeys, to: &keys, at: slotCount)
    Self.write(newValues, to: &values, at: slotCount)
    for row in 0..<rowCount { slots[row].append(Int32(slotCount + row)) }
    slotCount += rowCount
  }

  /// Attention of each row's query over its own positions: `[rows, model]` → the same.
  func attend(_ queries: Tensor, headCount: Int) -> Tensor {
    attendByHead(queries, headCount: headCount, keys: keys, values: values) { row in
      (first: 0, count: slots[row].count, slots: slots[row])
    }
  }

  private mutating func reserve(_ count: Int) {
    let capacity = keys.shape[0]
    guard count > capacity else { return }
    for keyPath in [\Self.keys, \Self.values] {
      var larger = Tensor(uninitialized: [max(count, 2 * capacity), keys.width])
      Self.write(self[keyPath: keyPath].rows(0..<slotCount), to: &larger, at: 0)
      self[keyPath: keyPath] = larger
    }
  }

  private static func write(_ rows: Tensor, to target: inout Tensor, at slot: Int) {
    let width = rows.width
    target.withUnsafeMutableBufferPointer { target in
      rows.withUnsafeBufferPointer { rows in
        guard let to = target.baseAddress, let from = rows.baseAddress else { return }
        (to + slot * width).update(from: from, count: rows.count)
      }
    }
  }
}

/// Keys and values of the encoded clips, for one layer: computed once, read by all beams.
struct CrossAttentionCache: Sendable {
  let keys: Tensor  // [rows of all clips, model]
  let values: Tensor
  let layout: SequenceLayout

  /// Attention of each row's query over the clip that it describes.
  ///
  /// - Parameters:
  ///   - queries: `[rows, model]`
  ///   - clips: The clip of each row.
  /// - Returns: `[rows, model]`
  func attend(_ queries: Tensor, clips: [Int], headCount: Int) -> Tensor {
    attendByHead(queries, headCount: headCount, keys: keys, values: values) { row in
      let memory = layout[clips[row]]
      return (first: memory.lowerBound, count: memory.count, slots: nil)
    }
  }
}

/// Attention of rows of queries, shared out between threads by head and by some rows at a time: rows
/// of one clip follow one another and have most of their positions in common, which one thread then
/// reads from memory once.
///
/// - Parameters:
///   - queries: `[rows, model]`
///   - keys: `[positions, model]`
///   - values: `[positions, model]`
///   - positions: Those that a row sees: `count` from `first` on, or those listed.
/// - Returns: `[rows, model]`
private func attendByHead(
  _ queries: Tensor, headCount: Int, keys: Tensor, values: Tensor,
  positions: (_ row: Int) -> (first: Int, count: Int, slots: [Int32]?)
) -> Tensor {
  let (rowCount, width) = (queries.rowCount, queries.width)
  let headWidth = width / headCount
  let rowsAtATime = 8
  let result = Tensor(uninitialized: queries.shape)
  WorkPool.shared.forEach((rowCount + rowsAtATime - 1) / rowsAtATime * headCount) { index in
    let head = index % headCount * headWidth
    let firstRow = index / headCount * rowsAtATime
    for row in firstRow..<min(rowCount, firstRow + rowsAtATime) {
      let seen = positions(row)
      let start = seen.first * width + head
      withUnsafeTemporaryAllocation(of: Float.self, capacity: seen.count) { scratch in
        (seen.slots ?? []).withUnsafeBufferPointer { slots in
          ck_attend(
            result.freshPointer + row * width + head, queries.readPointer + row * width + head,
            keys.readPointer + start, values.readPointer + start,
            seen.slots == nil ? nil : slots.baseAddress, seen.count, width, headWidth,
            1 / Float(headWidth).squareRoot(), scratch.baseAddress)
        }
      }
    }
  }
  return result
}
