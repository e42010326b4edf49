/// How a product's result is cut into blocks, by its sizes alone.
///
/// A library packs the rows and columns that a block needs before it multiplies them, so blocks are as
/// nearly square as they can be: that packs least.
struct BlockGrid {
  let count: Int
  private let m: Int
  private let n: Int
  private let rowSize: Int
  private let columnSize: Int
  private let columnBlocks: Int

  /// - Parameters:
  ///   - m: Rows of the result.
  ///   - n: Columns of the result.
  ///   - k: Multiplications for one element.
  init(m: Int, n: Int, k: Int) {
    self.m = m
    self.n = n
    let work = m * n * max(k, 1)
    let most = max(Self.maximumCount / 2, min(Self.maximumCount, work / Self.largeWork))
    let wanted = max(1, min(most, m * n / Self.smallestBlock, work / Self.smallestWork))
    // Of all grids of about that many blocks, the one whose blocks have the shortest edges.
    var best = (rows: 1, columns: wanted)
    var rows = 2
    while rows <= wanted {
      let candidate = (rows: rows, columns: wanted / rows)
      if m / candidate.rows + n / candidate.columns < m / best.rows + n / best.columns {
        best = candidate
      }
      rows *= 2
    }
    rowSize = Self.blockSize(m, best.rows)
    columnSize = Self.blockSize(n, best.columns)
    columnBlocks = (n + columnSize - 1) / columnSize
    count = (m + rowSize - 1) / rowSize * columnBlocks
  }

  subscript(index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let row = index / columnBlocks * rowSize
    let column = index % columnBlocks * columnSize
    return (row..<min(m, row + rowSize), column..<min(n, column + columnSize))
  }

  /// Enough blocks to keep 16 threads busy. With half as many, a training step takes some 3 % less time; so
  /// there are more only where each is still large.
  private static let maximumCount = 16
  /// Multiplications of a block that is large.
  private static let largeWork = 1 << 27
  /// Elements of the result below which packing takes too much of a block's time.
  private static let smallestBlock = 96 * 192
  /// Below this many multiplications a block costs more to hand out than it saves.
  private static let smallestWork = 1 << 18

  /// A multiple of 16, so that blocks end where the vector kernels' tiles do.
  private static func blockSize(_ size: Int, _ blockCount: Int) -> Int {
    max(16, ((size + blockCount - 1) / blockCount + 15) / 16 * 16)
  }
}
