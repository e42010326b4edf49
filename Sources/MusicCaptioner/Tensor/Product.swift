/// What an input is multiplied by in `product`: weights, `[out, in]`.
enum ProductWeight: Sendable {
  /// As they lie in memory: in training, where each step changes them. A library packs what a block of
  /// the result needs (``MatrixProduct``).
  case plain(ProductOperand)
  /// Packed once and used again and again: in inference (``PackedProduct``).
  case packed(PackedWeight)
}

/// What becomes of a product's elements.
enum Activation: Sendable {
  case identity, gelu
}

/// activation(x · weightᵀ + bias): the one way to products with weights, in training and inference.
///
/// - Parameters:
///   - x: `[rows, in]`, in the precision of the weights
///   - weight: `[out, in]`
///   - bias: `[out]`
/// - Returns: `[rows, out]`
func product(
  _ x: ProductOperand, _ weight: ProductWeight, bias: Tensor? = nil,
  activation: Activation = .identity
) -> Tensor {
  switch weight {
  case .packed(let weight):
    let bias = bias ?? Tensor(zeros: [weight.outputCount])
    return products(x, [(weight, bias)], activation: activation)[0]
  case .plain(let weight):
    let y = product(x, weight, transposing: .right)
    if let bias { Kernels.addBias(bias, toFresh: y) }
    return activation == .gelu ? Kernels.gelu(y) : y
  }
}

/// Products of one input with several packed weights of the same precision, which threads work on side
/// by side: each as `product` computes it alone.
func products(
  _ x: ProductOperand, _ weights: [(PackedWeight, bias: Tensor)],
  activation: Activation = .identity
) -> [Tensor] {
  guard case .float32 = x, x.rowCount > PackedProduct.fewRows else {
    return PackedProduct.multiply(x, weights, activation: activation)
  }
  // float32 weights lie as they do in training, and many rows make up for a library's packing.
  return weights.map { weight, bias in
    guard case .float32(let weight) = weight else {
      preconditionFailure("the operands of a product have the same precision")
    }
    return product(x, .plain(.float32(weight)), bias: bias, activation: activation)
  }
}

/// Which matrix of a product is used transposed.
enum Transposition: Sendable {
  case neither, left, right
}

/// left · right, `[m, k]` · `[k, n]` → `[m, n]` after the transposition asked for: what gradients are made
/// of.
func product(
  _ left: ProductOperand, _ right: ProductOperand, transposing: Transposition = .neither
) -> Tensor {
  let (a, b) = (MatrixView(left), MatrixView(right))
  return product(
    transposing == .left ? a.transposed : a, transposing == .right ? b.transposed : b)
}

/// The same of two tensors. All axes but the last are run together as rows.
func product(
  _ left: Tensor, _ right: Tensor, transposing: Transposition = .neither
) -> Tensor {
  product(.float32(left), .float32(right), transposing: transposing)
}

private func product(_ left: MatrixView, _ right: MatrixView) -> Tensor {
  let result = Tensor(uninitialized: [left.layout.rowCount, right.layout.columnCount])
  MatrixProduct.multiply(
    left, right, into: result.freshPointer, stride: right.layout.columnCount)
  return result
}
