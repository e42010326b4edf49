import CKernels

/// Cross-entropy with label smoothing of hidden · tableᵀ + bias, as a sum over the rows:
/// (1 − s) · (−log p[target]) + s · (mean over the vocabulary of −log p), the loss of PyTorch's
/// `CrossEntropyLoss(label_smoothing: s, reduction: "sum")`. Sums of parts of a batch add up to that of
/// the batch; means, whose parts may have different numbers of rows, do not.
///
/// The logits of all rows together would be the largest tensor of a training step. They are made,
/// used and dropped in blocks of rows; the gradients are computed along with the loss, and the backward
/// pass only scales them, if it doesn't start here: dhidden = dlogits · table, dtable = dlogitsᵀ · hidden.
///
/// - Parameters:
///   - hidden: `[rows, model]`
///   - table: The embedding table, `[vocabulary, model]`
///   - bias: `[vocabulary]`, added to the logits; a constant
///   - targets: The right class of each row.
///   - precision: Of the three products; the loss is float32.
/// - Returns: The sum of the rows' losses, one number.
func vocabularyLoss(
  hidden: Variable, table: Variable, bias: Tensor, targets: [Int], labelSmoothing: Float,
  precision: ComputePrecision = .float32
) -> Variable {
  let rowCount = hidden.value.rowCount
  precondition(rowCount == targets.count && rowCount > 0, "one target for each of the rows")
  let wantsGradient = hidden.requiresGradient || table.requiresGradient
  let classes = targets.map(Int32.init)
  let dhidden = wantsGradient ? Tensor(uninitialized: hidden.shape) : nil
  let dtable = wantsGradient ? Tensor(uninitialized: table.shape) : nil
  let width = table.value.width
  let rows = hidden.value.reshaped(to: [rowCount, width])
  let weight = ProductOperand(table.value, precision)
  var sum = 0.0
  for first in stride(from: 0, to: rowCount, by: vocabularyLossRows) {
    let range = first..<min(rowCount, first + vocabularyLossRows)
    let input = ProductOperand(rows.rows(range), precision)
    let logits = product(input, .plain(weight), bias: bias)
    sum += rowwiseCrossEntropy(logits, classes[range], labelSmoothing: labelSmoothing)
    guard let dhidden, let dtable else { continue }
    let dlogits = MatrixView(ProductOperand(logits, precision))
    MatrixProduct.multiply(
      dlogits, MatrixView(weight), into: dhidden.freshPointer + range.lowerBound * width,
      stride: width)
    MatrixProduct.multiply(
      dlogits.transposed, MatrixView(input), into: dtable.freshPointer, stride: width,
      beta: first == 0 ? 0 : 1)
  }
  return Variable(Tensor(scalar: Float(sum)), from: [hidden, table]) { dy in
    let factor = dy.scalar
    return [dhidden, dtable].map { $0.map { factor == 1 ? $0 : Kernels.scale($0, by: factor) } }
  }
}

/// Rows of logits worked on at a time. More of them read the table less often, but take more memory:
/// 51 MB at a vocabulary of 50,265. Half as many cost bfloat16 1 % of a step.
let vocabularyLossRows = 256

/// The sum of the rows' losses; the logits become its gradient.
private func rowwiseCrossEntropy(
  _ logits: Tensor, _ classes: ArraySlice<Int32>, labelSmoothing: Float
) -> Double {
  let width = logits.width
  let losses = Tensor(uninitialized: [classes.count])
  classes.withUnsafeBufferPointer { classes in
    guard let base = classes.baseAddress else { return }
    WorkPool.shared.forEach(classes.count) { row in
      losses.freshPointer[row] = Float(
        ck_cross_entropy(
          logits.freshPointer + row * width, base + row, 1, width, labelSmoothing))
    }
  }
  return ck_sum(losses.readPointer, losses.count)
}
