/// y = x · weightᵀ + bias for every row of x.
///
/// Gradient: dx = dy · weight, dweight = dyᵀ · x, dbias = Σ over rows of dy. Of x and weight, what
/// is kept for it has the numbers of the product.
///
/// - Parameters:
///   - x: `[rows, in]`
///   - weight: `[out, in]`, PyTorch's orientation
///   - bias: `[out]`
///   - precision: Of the three products; sums are float32.
/// - Returns: `[rows, out]`
func linear(
  _ x: Variable, weight: Variable, bias: Variable?, precision: ComputePrecision = .float32
) -> Variable {
  let (input, table) = (ProductOperand(x.value, precision), ProductOperand(weight.value, precision))
  let y = product(input, .plain(table), bias: bias?.value)
  let needsInput = x.requiresGradient
  let (needsWeight, needsBias) = (weight.requiresGradient, bias?.requiresGradient ?? false)
  return Variable(y, from: [x, weight] + (bias.map { [$0] } ?? [])) {
    [hasBias = bias != nil] dy in
    let outputGradient = ProductOperand(dy, precision)
    let dx = needsInput ? product(outputGradient, table) : nil
    let dweight = needsWeight ? product(outputGradient, input, transposing: .left) : nil
    guard hasBias else { return [dx, dweight] }
    return [dx, dweight, needsBias ? Kernels.columnSum(dy) : nil]
  }
}
