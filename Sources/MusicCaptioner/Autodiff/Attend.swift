import CKernels

/// Which keys a query may see.
enum AttentionMask {
  /// All of its sequence.
  case none
  /// Those up to its own position.
  case causal
}

/// Scaled dot-product attention, each sequence and head for itself:
/// y = dropout(softmax(q · kᵀ / √d)) · v.
///
/// Gradient: with the weights w and their dropped-out form w′, dv = w′ᵀ·dy, dw = dropout(dy·vᵀ),
/// ds = w·(dw − Σ dw·w)/√d, dq = ds·k, dk = dsᵀ·q. Of the weights, w alone is saved.
///
/// - Parameters:
///   - query: `[query rows, model]`
///   - key: `[key rows, model]`
///   - value: `[key rows, model]`
///   - queryLayout: Where each sequence's queries lie.
///   - keyLayout: Where each sequence's keys lie; as many sequences.
///   - headCount: A divisor of the width: head h has columns `h·d..<(h + 1)·d`.
/// - Returns: `[query rows, model]`
func attend(
  query: Variable, key: Variable, value: Variable, queryLayout: SequenceLayout,
  keyLayout: SequenceLayout, headCount: Int, mask: AttentionMask = .none,
  dropout: DropoutMask? = nil
) -> Variable {
  let plan = AttentionPlan(
    queryLayout: queryLayout, keyLayout: keyLayout, width: query.value.width,
    headCount: headCount, mask: mask, dropout: dropout)
  precondition(query.value.rowCount == queryLayout.rowCount && queryLayout.count == keyLayout.count)
  precondition(key.value.rowCount == keyLayout.rowCount && value.value.count == key.value.count)
  let (y, weights) = plan.forward(query: query.value, key: key.value, value: value.value)
  return Variable(y, from: [query, key, value]) {
    [query = query.value, key = key.value, value = value.value] dy in
    plan.pullback(dy, query: query, key: key, value: value, weights: weights)
  }
}

/// The cut of one attention into tiles, one for each sequence and head.
private struct AttentionPlan {
  let queryLayout: SequenceLayout
  let keyLayout: SequenceLayout
  let width: Int
  let headCount: Int
  let mask: AttentionMask
  let dropout: DropoutMask?
  let headWidth: Int
  let scale: Float
  /// Where each sequence's weights begin: `[heads, queries, keys]` each.
  let weightOffsets: [Int]

  init(
    queryLayout: SequenceLayout, keyLayout: SequenceLayout, width: Int, headCount: Int,
    mask: AttentionMask, dropout: DropoutMask?
  ) {
    precondition(width % headCount == 0, "\(headCount) heads don't divide a width of \(width)")
    self.queryLayout = queryLayout
    self.keyLayout = keyLayout
    self.width = width
    self.headCount = headCount
    self.mask = mask
    self.dropout = dropout
    headWidth = width / headCount
    scale = 1 / Float(headWidth).squareRoot()
    var offsets = [0]
    for sequence in 0..<queryLayout.count {
      let tile = queryLayout[sequence].count * keyLayout[sequence].count
      offsets.append(offsets[sequence] + tile * headCount)
    }
    weightOffsets = offsets
  }

  /// One sequence and head: its place in the matrices.
  private struct Tile {
    let queryCount: Int
    let keyCount: Int
    /// Offset of the tile's first query (and output) element, and of its first key (and value).
    let queryOffset: Int
    let keyOffset: Int
    let weightOffset: Int
  }

  private func forEachTile(_ body: (Tile) -> Void) {
    WorkPool.shared.forEach(queryLayout.count * headCount) { index in
      let (sequence, head) = (index / headCount, index % headCount)
      let (queries, keys) = (queryLayout[sequence], keyLayout[sequence])
      body(
        Tile(
          queryCount: queries.count, keyCount: keys.count,
          queryOffset: queries.lowerBound * width + head * headWidth,
          keyOffset: keys.lowerBound * width + head * headWidth,
          weightOffset: weightOffsets[sequence] + head * queries.count * keys.count))
    }
  }

  private typealias Matrix = MatrixProduct.StridedMatrix<Float>

  /// A tile's rows of queries, or of what has their shape: `[queries, d]`.
  private func queryRows(_ x: Tensor, of tile: Tile) -> Matrix {
    Matrix(
      x.readPointer,
      MatrixLayout(tile.queryCount, headWidth, start: tile.queryOffset, stride: width))
  }

  /// A tile's rows of keys or values: `[keys, d]`.
  private func keyRows(_ x: Tensor, of tile: Tile) -> Matrix {
    Matrix(
      x.readPointer, MatrixLayout(tile.keyCount, headWidth, start: tile.keyOffset, stride: width))
  }

  /// A tile's weights: `[queries, keys]`.
  private func weightRows(_ base: UnsafePointer<Float>, of tile: Tile) -> Matrix {
    Matrix(base, MatrixLayout(tile.queryCount, tile.keyCount))
  }

  func forward(query: Tensor, key: Tensor, value: Tensor) -> (y: Tensor, weights: Tensor) {
    let y = Tensor(uninitialized: [queryLayout.rowCount, width])
    let weights = Tensor(uninitialized: [weightOffsets[queryLayout.count]])
    forEachTile { tile in
      let w = weights.freshPointer + tile.weightOffset
      MatrixProduct.multiply(
        queryRows(query, of: tile), keyRows(key, of: tile).transposed, into: w,
        stride: tile.keyCount)
      ck_softmax(
        w, tile.queryCount, tile.keyCount, tile.keyCount, scale, mask == .causal ? 0 : -1)
      withDroppedWeights(w, tile) { kept in
        MatrixProduct.multiply(
          weightRows(kept, of: tile), keyRows(value, of: tile),
          into: y.freshPointer + tile.queryOffset, stride: width)
      }
    }
    return (y, weights)
  }

  func pullback(
    _ dy: Tensor, query: Tensor, key: Tensor, value: Tensor, weights: Tensor
  ) -> [Tensor?] {
    let dquery = Tensor(uninitialized: query.shape)
    let dkey = Tensor(uninitialized: key.shape)
    let dvalue = Tensor(uninitialized: value.shape)
    forEachTile { tile in
      let count = tile.queryCount * tile.keyCount
      let w = weights.readPointer + tile.weightOffset
      withDroppedWeights(w, tile) { kept in
        MatrixProduct.multiply(
          weightRows(kept, of: tile).transposed, queryRows(dy, of: tile),
          into: dvalue.freshPointer + tile.keyOffset, stride: width)
      }
      let ds = Tensor(uninitialized: [count])
      MatrixProduct.multiply(
        queryRows(dy, of: tile), keyRows(value, of: tile).transposed, into: ds.freshPointer,
        stride: tile.keyCount)
      if let dropout {
        ck_dropout(
          ds.freshPointer, ds.readPointer, count, dropout.key, UInt64(tile.weightOffset),
          dropout.probability)
      }
      ck_softmax_backward(
        ds.freshPointer, w, tile.queryCount, tile.keyCount, tile.keyCount, scale)
      let dscores = weightRows(ds.readPointer, of: tile)
      MatrixProduct.multiply(
        dscores, keyRows(key, of: tile), into: dquery.freshPointer + tile.queryOffset, stride: width
      )
      MatrixProduct.multiply(
        dscores.transposed, queryRows(query, of: tile), into: dkey.freshPointer + tile.keyOffset,
        stride: width)
      withExtendedLifetime(ds) {}
    }
    return [dquery, dkey, dvalue]
  }

  /// The tile's weights after dropout: the weights themselves where there is none.
  private func withDroppedWeights(
    _ weights: UnsafePointer<Float>, _ tile: Tile, _ body: (UnsafePointer<Float>) -> Void
  ) {
    guard let dropout else { return body(weights) }
    let kept = Tensor(uninitialized: [tile.queryCount * tile.keyCount])
    ck_dropout(
      kept.freshPointer, weights, kept.count, dropout.key, UInt64(tile.weightOffset),
      dropout.probability)
    body(kept.readPointer)
    withExtendedLifetime(kept) {}
  }
}
