/// y = x · weightᵀ + bias for every row of x.
///
/// Gradient: dx = dy · weight, dweight = dyᵀ · x, dbias = Σ over rows of dy.
///
/// - Parameters:
///   - x: `[rows, in]`
///   - weight: `[out, in]`, PyTorch's orientation
///   - bias: `[out]`
/// - Returns: `[rows, out]`
func linear(_ x: Variable, weight: Variable, bias: Variable?) -> Variable {
  let y = matrixProduct(x.value, weight.value, transposing: .right)
  if let bias { Kernels.addBias(bias.value, toFresh: y) }
  let needsInput = x.isFollowed
  let (needsWeight, needsBias) = (weight.isFollowed, bias?.isFollowed ?? false)
  return Variable(y, from: [x, weight] + (bias.map { [$0] } ?? [])) {
    [x = x.value, weight = weight.value, hasBias = bias != nil] dy in
    let dx = needsInput ? matrixProduct(dy, weight) : nil
    let dweight = needsWeight ? matrixProduct(dy, x, transposing: .left) : nil
    guard hasBias else { return [dx, dweight] }
    return [dx, dweight, needsBias ? Kernels.columnSum(dy) : nil]
  }
}
