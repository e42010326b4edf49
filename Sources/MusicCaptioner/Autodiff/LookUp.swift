/// Rows of a table, by number. Gradient: dtable[i] = Σ of dy over the rows that took row i.
///
/// - Parameters:
///   - table: `[classes, model]`
///   - indices: Row numbers, each in `0..<classes`.
///   - paddingIndex: A row that receives no gradient, as PyTorch's `padding_idx`.
/// - Returns: `[indices, model]`
func lookUp(_ indices: [Int], in table: Variable, paddingIndex: Int? = nil) -> Variable {
  let width = table.value.width
  let classCount = table.value.shape[0]
  let y = Tensor(uninitialized: [indices.count, width])
  for (row, index) in indices.enumerated() {
    precondition(index >= 0 && index < classCount, "row \(index) of a table of \(classCount)")
    (y.freshPointer + row * width).update(
      from: table.value.readPointer + index * width, count: width)
  }
  return Variable(y, from: table) { dy, gradient in
    gradient.withUnsafeMutableBufferPointer { target in
      // One after another: rows that occur twice must add up in the same order every time.
      for (row, index) in indices.enumerated() where index != paddingIndex {
        for column in 0..<width {
          target[index * width + column] += dy.readPointer[row * width + column]
        }
      }
    }
  }
}

/// The mean of each sequence's rows. Gradient: dx = dy / length in every row of the sequence.
///
/// - Parameter x: `[rows, model]`, the sequences of `layout` one after another
/// - Returns: `[sequences, model]`
public func meanOverTime(_ x: Variable, layout: SequenceLayout) -> Variable {
  precondition(x.value.rowCount == layout.rowCount, "\(x.shape) is not what the layout describes")
  let width = x.value.width
  var y = Tensor(zeros: [layout.count, width])
  y.withUnsafeMutableBufferPointer { target in
    for sequence in 0..<layout.count {
      let factor = 1 / Float(max(1, layout[sequence].count))
      for row in layout[sequence] {
        for column in 0..<width {
          target[sequence * width + column] += factor * x.value.readPointer[row * width + column]
        }
      }
    }
  }
  return Variable(y, from: [x]) { dy in
    let dx = Tensor(uninitialized: [layout.rowCount, width])
    for sequence in 0..<layout.count {
      let factor = 1 / Float(max(1, layout[sequence].count))
      for row in layout[sequence] {
        for column in 0..<width {
          dx.freshPointer[row * width + column] =
            factor * dy.readPointer[sequence * width + column]
        }
      }
    }
    return [dx]
  }
}
