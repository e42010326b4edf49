/// Where the elements of a matrix lie in memory: a whole tensor, some rows or columns of one, one head's
/// part of every row, or rows that overlap.
struct MatrixLayout {
  /// The place of the first element.
  private(set) var start: Int
  private(set) var rowCount: Int
  private(set) var columnCount: Int
  /// Elements from one row to the next, or from one column to the next if transposed.
  let stride: Int
  /// Whether the elements of a column, rather than of a row, lie side by side.
  private(set) var isTransposed = false

  /// - Parameter stride: Elements from one row to the next; by default rows follow one another.
  init(_ rowCount: Int, _ columnCount: Int, start: Int = 0, stride: Int? = nil) {
    self.start = start
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.stride = stride ?? columnCount
  }

  var transposed: MatrixLayout {
    var other = self
    (other.rowCount, other.columnCount) = (columnCount, rowCount)
    other.isTransposed.toggle()
    return other
  }

  func rows(_ range: Range<Int>) -> MatrixLayout {
    var part = self
    part.start += range.lowerBound * (isTransposed ? 1 : stride)
    part.rowCount = range.count
    return part
  }

  func columns(_ range: Range<Int>) -> MatrixLayout { transposed.rows(range).transposed }
}
