import Foundation

/// Binary cross-entropy of logits against tags, as a mean over all: the loss of PyTorch's
/// `BCEWithLogitsLoss(pos_weight:)`.
///
/// Gradient: dx = (w·t + 1 − t)·σ(x) − w·t, over the number of elements.
///
/// - Parameters:
///   - logits: `[batch, tags]`
///   - targets: `[batch, tags]`, 1 where the clip has the tag, else 0
///   - positiveWeight: How much a present tag counts against an absent one.
/// - Returns: The mean loss, one number.
func tagLoss(_ logits: Variable, targets: Tensor, positiveWeight: Float) -> Variable {
  precondition(logits.value.count == targets.count, "\(logits.shape) against \(targets.shape)")
  var sum = 0.0
  let count = targets.count
  let gradient = Tensor(uninitialized: logits.shape)
  for index in 0..<count {
    let (x, t) = (Double(logits.value.readPointer[index]), Double(targets.readPointer[index]))
    let weight = Double(positiveWeight) * t
    // log(1 + e^−|x|) keeps the exponential from overflowing.
    let softplus = log1p(exp(-abs(x)))
    sum += weight * (max(-x, 0) + softplus) + (1 - t) * (max(x, 0) + softplus)
    gradient.freshPointer[index] = Float((weight + 1 - t) / (1 + exp(-x)) - weight)
  }
  return Variable(Tensor(scalar: Float(sum / Double(count))), from: [logits]) { dy in
    [Kernels.scale(gradient, by: dy.scalar / Float(count))]
  }
}
