/// y = a + b. Gradient: da = db = dy.
public func add(_ a: Variable, _ b: Variable) -> Variable {
  Variable(Kernels.add(a.value, b.value), from: [a, b]) { dy in [dy, dy] }
}

/// y = factor · x. Gradient: dx = factor · dy.
public func scale(_ x: Variable, by factor: Float) -> Variable {
  Variable(Kernels.scale(x.value, by: factor), from: [x]) { dy in
    [Kernels.scale(dy, by: factor)]
  }
}

/// y = x · Φ(x) with the normal distribution's Φ (the exact form, through erf).
/// Gradient: dx = dy · (Φ(x) + x · φ(x)).
public func gelu(_ x: Variable) -> Variable {
  Variable(Kernels.gelu(x.value), from: [x]) { [x = x.value] dy in
    [Kernels.geluPullback(dy, x: x)]
  }
}

/// Which elements dropout zeroes: a function of a key and an element's place, so that the mask itself is
/// never stored.
struct DropoutMask: Sendable {
  /// Of an element to be zeroed, from 0 to below 1.
  let probability: Float
  let key: UInt64
}

/// y = x with elements zeroed at random, the others divided by the probability to stay.
/// Gradient: the same mask and factor on dy.
func dropout(_ x: Variable, mask: DropoutMask) -> Variable {
  Variable(Kernels.dropout(x.value, mask), from: [x]) { dy in [Kernels.dropout(dy, mask)] }
}

/// y = residual + dropout(x), the end of a sub-layer, in one pass over memory.
/// Gradient: dresidual = dy, dx = dropout(dy) under the same mask.
func dropoutAdd(_ x: Variable, residual: Variable, mask: DropoutMask) -> Variable {
  let y = Kernels.dropoutAdd(
    x.value, residual: residual.value, probability: mask.probability, key: mask.key)
  return Variable(y, from: [x, residual]) { dy in [Kernels.dropout(dy, mask), dy] }
}

extension Kernels {
  fileprivate static func dropout(_ x: Tensor, _ mask: DropoutMask) -> Tensor {
    dropout(x, probability: mask.probability, key: mask.key)
  }
}
