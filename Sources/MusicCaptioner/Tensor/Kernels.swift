import CKernels

/// The Swift face of the C kernels: tensors in, new tensors out, work shared between threads.
///
/// Work is cut into blocks whose size depends on the shape alone. Where blocks have sums in common,
/// each block sums for itself and the sums are added in the order of the blocks.
enum Kernels {
  /// Elements of one block: large enough to hand out, small enough to stay in the second cache.
  private static let blockElements = 1 << 14

  /// Calls `body` with the ranges of `0..<count` that make a block each.
  static func forEachBlock(of count: Int, _ body: (Range<Int>) -> Void) {
    let size = blockElements
    WorkPool.shared.forEach((count + size - 1) / size) { block in
      body(block * size..<min(count, (block + 1) * size))
    }
  }

  /// Calls `body` with ranges of rows of `width` elements that make a block each, and the block's
  /// number.
  static func forEachRowBlock(
    of rowCount: Int, width: Int, _ body: (Range<Int>, _ block: Int) -> Void
  ) {
    let size = rowsPerBlock(width)
    WorkPool.shared.forEach(rowBlockCount(rowCount, width)) { block in
      body(block * size..<min(rowCount, (block + 1) * size), block)
    }
  }

  private static func rowsPerBlock(_ width: Int) -> Int { max(1, blockElements / max(1, width)) }

  static func rowBlockCount(_ rowCount: Int, _ width: Int) -> Int {
    (rowCount + rowsPerBlock(width) - 1) / rowsPerBlock(width)
  }

  // MARK: Elementwise

  static func add(_ a: Tensor, _ b: Tensor) -> Tensor {
    precondition(a.count == b.count, "no sum of \(a.shape) and \(b.shape)")
    return map(a) { ck_add($0, a.readPointer + $1, b.readPointer + $1, $2) }
  }

  static func scale(_ x: Tensor, by factor: Float) -> Tensor {
    map(x) { ck_scale($0, x.readPointer + $1, factor, $2) }
  }

  /// sum += x
  static func accumulate(_ sum: inout Tensor, _ x: Tensor) {
    precondition(sum.count == x.count, "\(x.shape) can't be added to \(sum.shape)")
    sum.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress else { return }
      forEachBlock(of: x.count) { range in
        ck_accumulate(base + range.lowerBound, x.readPointer + range.lowerBound, range.count)
      }
    }
  }

  static func gelu(_ x: Tensor) -> Tensor {
    map(x) { ck_gelu($0, x.readPointer + $1, $2) }
  }

  static func geluPullback(_ dy: Tensor, x: Tensor) -> Tensor {
    map(x) { ck_gelu_backward($0, dy.readPointer + $1, x.readPointer + $1, $2) }
  }

  /// Zeroes elements with the given probability and scales the rest; the mask is a function of `key`.
  static func dropout(_ x: Tensor, probability: Float, key: UInt64) -> Tensor {
    map(x) { ck_dropout($0, x.readPointer + $1, $2, key, UInt64($1), probability) }
  }

  /// residual + dropout(x)
  static func dropoutAdd(
    _ x: Tensor, residual: Tensor, probability: Float, key: UInt64
  ) -> Tensor {
    precondition(x.count == residual.count, "no sum of \(x.shape) and \(residual.shape)")
    return map(x) {
      ck_dropout_add(
        $0, x.readPointer + $1, residual.readPointer + $1, $2, key, UInt64($1), probability)
    }
  }

  /// A tensor of `x`'s shape, written block by block: (where to write, first index, count).
  private static func map(
    _ x: Tensor, _ body: (UnsafeMutablePointer<Float>, Int, Int) -> Void
  ) -> Tensor {
    let y = Tensor(uninitialized: x.shape)
    forEachBlock(of: x.count) { range in
      body(y.freshPointer + range.lowerBound, range.lowerBound, range.count)
    }
    return y
  }

  // MARK: Rows

  /// Adds `bias` to every row of a tensor that was just made.
  static func addBias(_ bias: Tensor, toFresh x: Tensor) {
    precondition(bias.count == x.width, "a bias of shape \(bias.shape) on rows of \(x.shape)")
    forEachRowBlock(of: x.rowCount, width: x.width) { rows, _ in
      ck_add_bias(
        x.freshPointer + rows.lowerBound * x.width, bias.readPointer, rows.count, x.width)
    }
  }

  /// Σ over rows: `[…, width]` → `[width]`.
  static func columnSum(_ x: Tensor) -> Tensor {
    let blockCount = rowBlockCount(x.rowCount, x.width)
    let partial = Tensor(zeros: [max(blockCount, 1), x.width])
    forEachRowBlock(of: x.rowCount, width: x.width) { rows, block in
      ck_column_sum(
        partial.freshPointer + block * x.width, x.readPointer + rows.lowerBound * x.width,
        rows.count, x.width)
    }
    return sumRows(partial)
  }

  /// Adds the rows of per-block sums in their order.
  private static func sumRows(_ partial: Tensor) -> Tensor {
    guard partial.shape[0] > 1 else { return partial.reshaped(to: [partial.width]) }
    let sum = Tensor(zeros: [partial.width])
    ck_column_sum(sum.freshPointer, partial.readPointer, partial.shape[0], partial.width)
    return sum
  }

  struct LayerNormResult {
    let y: Tensor
    let mean: Tensor
    let rstd: Tensor
  }

  static func layerNorm(
    _ x: Tensor, scale: Tensor, shift: Tensor, epsilon: Float
  ) -> LayerNormResult {
    precondition(scale.count == x.width && shift.count == x.width)
    let result = LayerNormResult(
      y: Tensor(uninitialized: x.shape), mean: Tensor(uninitialized: [x.rowCount]),
      rstd: Tensor(uninitialized: [x.rowCount]))
    forEachRowBlock(of: x.rowCount, width: x.width) { rows, _ in
      let first = rows.lowerBound
      ck_layer_norm(
        result.y.freshPointer + first * x.width, result.mean.freshPointer + first,
        result.rstd.freshPointer + first, x.readPointer + first * x.width,
        scale.readPointer, shift.readPointer, rows.count, x.width, epsilon)
    }
    return result
  }

  static func layerNormPullback(
    _ dy: Tensor, x: Tensor, scale: Tensor, mean: Tensor, rstd: Tensor
  ) -> (dx: Tensor, dscale: Tensor, dshift: Tensor) {
    let width = x.width
    let dx = Tensor(uninitialized: x.shape)
    let blockCount = max(1, rowBlockCount(x.rowCount, width))
    let dscale = Tensor(zeros: [blockCount, width])
    let dshift = Tensor(zeros: [blockCount, width])
    forEachRowBlock(of: x.rowCount, width: width) { rows, block in
      let first = rows.lowerBound
      ck_layer_norm_backward(
        dx.freshPointer + first * width, dscale.freshPointer + block * width,
        dshift.freshPointer + block * width, dy.readPointer + first * width,
        x.readPointer + first * width, mean.readPointer + first,
        rstd.readPointer + first, scale.readPointer, rows.count, width)
    }
    return (dx, sumRows(dscale), sumRows(dshift))
  }

  // MARK: Reductions

  static func sumOfSquares(_ x: Tensor) -> Double {
    sumOverBlocks(of: x.count) { ck_sum_of_squares(x.readPointer + $0.lowerBound, $0.count) }
  }

  /// The sum of what `body` returns for the blocks of `0..<count`, in their order.
  static func sumOverBlocks(of count: Int, _ body: (Range<Int>) -> Double) -> Double {
    let blockCount = (count + blockElements - 1) / blockElements
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, blockCount)) { sums in
      let sums = sums
      forEachBlock(of: count) { sums[$0.lowerBound / blockElements] = body($0) }
      return sums.prefix(blockCount).reduce(0, +)
    }
  }
}
