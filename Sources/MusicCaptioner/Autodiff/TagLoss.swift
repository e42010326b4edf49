import Foundation

/// Binary cross-entropy of logits against tags: weighted, and summed over tags and clips.
///
/// Gradient: dx = w·(σ(x) − t).
///
/// - Parameters:
///   - logits: `[clips, tags]`
///   - targets: `[clips, tags]`, 1 where the clip has the tag, else 0
///   - weights: `[tags]`, how much each tag counts
/// - Returns: The sum of the clips' losses, one number.
func tagLoss(_ logits: Variable, targets: Tensor, weights: Tensor) -> Variable {
  let tagCount = weights.count
  precondition(
    logits.value.count == targets.count && logits.value.width == tagCount,
    "logits \(logits.shape) and targets \(targets.shape) for \(tagCount) tags")
  var sum = 0.0
  let gradient = Tensor(uninitialized: logits.shape)
  for index in 0..<targets.count {
    let (x, t) = (Double(logits.value.readPointer[index]), Double(targets.readPointer[index]))
    let weight = Double(weights.readPointer[index % tagCount])
    // log(1 + e^−|x|) keeps the exponential from overflowing.
    sum += weight * (max(x, 0) - x * t + log1p(exp(-abs(x))))
    gradient.freshPointer[index] = Float(weight * (1 / (1 + exp(-x)) - t))
  }
  return Variable(Tensor(scalar: Float(sum)), from: [logits]) { dy in
    [Kernels.scale(gradient, by: dy.scalar)]
  }
}
