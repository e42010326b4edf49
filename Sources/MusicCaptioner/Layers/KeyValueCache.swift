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
  ///   - capacity: Slots at the start; it grows as needed.
  ///   - precision: The pass's: unless it is float32, keys and values are rounded to bfloat16.
  init(width: Int, headCount: Int, capacity: Int, precision: ComputePrecision) {
    store = KeyValueStore(
      width: width, headCount: headCount, capacity: capacity, precision: precision)
  }

  /// Continues with other rows: new row i is a copy of row `parents[i]`.
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
  ///   - precision: The pass's: unless it is float32, keys and values are rounded to bfloat16.
  init(
    keys: Tensor, values: Tensor, layout: SequenceLayout, headCount: Int,
    precision: ComputePrecision
  ) {
    store = KeyValueStore(
      width: keys.width, headCount: headCount, capacity: keys.rowCount, precision: precision)
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
///
/// Attention waits for this memory, so passes that aren't in float32 keep it in half the bytes.
private struct KeyValueStore: Sendable {
  private let headCount: Int
  private let headWidth: Int
  private let isBFloat16: Bool
  private(set) var count = 0
  /// `[heads, capacity, 2, row width]`: a slot's key, then its value. Two bfloat16 numbers take the place
  /// of a float, and the last half stays empty where the head's width is odd.
  private var rows: Tensor

  init(width: Int, headCount: Int, capacity: Int, precision: ComputePrecision) {
    self.headCount = headCount
    headWidth = width / headCount
    isBFloat16 = precision != .float32
    let rowWidth = isBFloat16 ? (headWidth + 1) / 2 : headWidth
    rows = Tensor(uninitialized: [headCount, max(1, capacity), 2, rowWidth])
  }

  /// Floats, or pairs of bfloat16 numbers, in a key or value.
  private var rowWidth: Int { rows.width }

  private var capacity: Int { rows.shape[1] }

  /// - Parameters:
  ///   - keys: `[slots, model]`
  ///   - values: `[slots, model]`
  mutating func append(keys: Tensor, values: Tensor) {
    reserve(count + keys.rowCount)
    let (headCount, headWidth, rowWidth) = (headCount, headWidth, rowWidth)
    let (capacity, count, isBFloat16) = (capacity, count, isBFloat16)
    rows.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      for (place, source) in [keys, values].enumerated() {
        for row in 0..<source.rowCount {
          for head in 0..<headCount {
            let slot = head * capacity + count + row
            let target = target + (2 * slot + place) * rowWidth
            let source = source.readPointer + (row * headCount + head) * headWidth
            if isBFloat16 {
              ck_float_to_bfloat16(target.bfloat16Bits, source, headWidth)
            } else {
              target.update(from: source, count: headWidth)
            }
          }
        }
      }
    }
    self.count += keys.rowCount
  }

  private mutating func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    var larger = Tensor(
      uninitialized: [headCount, max(wanted, 2 * capacity), 2, rowWidth])
    let (from, to) = (capacity * 2 * rowWidth, larger.shape[1] * 2 * rowWidth)
    let used = count * 2 * rowWidth
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
      let keys = rows.readPointer + (head * capacity + first) * 2 * rowWidth
      let values = keys + rowWidth
      let (target, query) = (result.freshPointer + place, queries.readPointer + place)
      let scale = 1 / Float(headWidth).squareRoot()
      withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { scratch in
        (slots ?? []).withUnsafeBufferPointer {
          let index = slots == nil ? nil : $0.baseAddress
          if isBFloat16 {
            ck_attend_bfloat16(
              target, query, keys.bfloat16Bits, values.bfloat16Bits, index, count, 4 * rowWidth,
              headWidth, scale, scratch.baseAddress)
          } else {
            ck_attend(
              target, query, keys, values, index, count, 2 * rowWidth, headWidth, scale,
              scratch.baseAddress)
          }
        }
      }
    }
    switch positions {
    case .range(let range): attend(from: range.lowerBound, count: range.count, slots: nil)
    case .listed(let slots): attend(from: 0, count: slots.count, slots: slots)
    }
  }
}
