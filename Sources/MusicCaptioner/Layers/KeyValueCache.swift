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
    let width = queries.width
    let headWidth = width / headCount
    let result = Tensor(uninitialized: queries.shape)
    forEachHeadGroup(of: queries, headCount: headCount) { row, heads in
      let (positions, start) = (slots[row], heads.lowerBound * headWidth)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: positions.count) { scratch in
        positions.withUnsafeBufferPointer { index in
          ck_attend(
            result.freshPointer + row * width + start, queries.readPointer + row * width + start,
            keys.readPointer + start, values.readPointer + start, index.baseAddress, index.count,
            width, heads.count, headWidth, 1 / Float(headWidth).squareRoot(), scratch.baseAddress)
        }
      }
    }
    return result
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
    let width = queries.width
    let headWidth = width / headCount
    let result = Tensor(uninitialized: queries.shape)
    forEachHeadGroup(of: queries, headCount: headCount) { row, heads in
      let (memory, start) = (layout[clips[row]], heads.lowerBound * headWidth)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: memory.count) { scratch in
        ck_attend(
          result.freshPointer + row * width + start, queries.readPointer + row * width + start,
          keys.readPointer + memory.lowerBound * width + start,
          values.readPointer + memory.lowerBound * width + start, nil, memory.count, width,
          heads.count, headWidth, 1 / Float(headWidth).squareRoot(), scratch.baseAddress)
      }
    }
    return result
  }
}

/// Shares rows and groups of heads out between threads: the five rows of one clip's beams alone would
/// leave one of two threads waiting.
private func forEachHeadGroup(
  of queries: Tensor, headCount: Int, _ body: (_ row: Int, _ heads: Range<Int>) -> Void
) {
  let groupSize = (headCount + 3) / 4
  let groupCount = (headCount + groupSize - 1) / groupSize
  WorkPool.shared.forEach(queries.rowCount * groupCount) { index in
    let first = index % groupCount * groupSize
    body(index / groupCount, first..<min(headCount, first + groupSize))
  }
}
