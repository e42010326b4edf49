import CKernels
import Foundation

/// AdamW with the semantics of `torch.optim.AdamW`: decay decoupled from the gradient, bias
/// corrections, epsilon outside the root.
public final class AdamW {
  /// PyTorch's hyperparameters, with Swift names.
  public struct Options: Sendable, Equatable {
    public var beta1 = 0.9
    public var beta2 = 0.999
    public var epsilon = 1e-8
    public var weightDecay = 0.01
    /// Whether weight decay also applies to biases and normalization scales, as in PyTorch's
    /// default groups.
    public var decaysVectors = true

    public init() {}
  }

  public let options: Options
  private let parameters: [NamedParameter]
  private var firstMoments: [Tensor]
  private var secondMoments: [Tensor]
  /// The steps of each parameter: one without a gradient skips a step, as in PyTorch.
  private var steps: [Int]

  /// Makes an optimizer for all trained parameters of a layer, such as a whole model.
  public init(_ layer: some Layer, options: Options = Options()) {
    self.options = options
    parameters = layer.namedParameters.filter(\.parameter.isTrained)
    firstMoments = parameters.map { Tensor(zeros: $0.parameter.shape) }
    secondMoments = firstMoments
    steps = parameters.map { _ in 0 }
  }

  /// Takes one step with the accumulated gradients and clears them.
  ///
  /// - Parameters:
  ///   - gradientScale: Multiplies every gradient first, which turns the gradient of a sum into
  ///     that of a mean.
  ///   - maximumNorm: If the norm of all gradients together is larger, they are scaled down to it,
  ///     as in PyTorch's `clip_grad_norm_`.
  /// - Returns: The norm of all scaled gradients together, before clipping. If it is not finite,
  ///   the parameters aren't either.
  @discardableResult
  public func takeStep(
    learningRate: Double, gradientScale: Double = 1, maximumNorm: Double? = nil
  ) -> Double {
    guard let maximumNorm else {
      return update(learningRate: learningRate, gradientScale: gradientScale) * gradientScale
    }
    // Clipping needs the norm first; without clipping, a pass over all gradients is saved.
    let norm = gradientNorm * gradientScale
    _ = update(
      learningRate: learningRate,
      gradientScale: gradientScale * Self.clippingFactor(norm, maximum: maximumNorm))
    return norm
  }

  /// What scales gradients of norm `norm` down to `maximum`, as PyTorch's `clip_grad_norm_` does.
  static func clippingFactor(_ norm: Double, maximum: Double) -> Double {
    min(1, maximum / max(norm, 1e-12))
  }

  /// The norm of all accumulated gradients together.
  var gradientNorm: Double {
    parameters.reduce(0) { sum, named in
      sum + (named.parameter.gradient.map(Kernels.sumOfSquares) ?? 0)
    }.squareRoot()
  }

  /// Drops the accumulated gradients.
  public func clearGradients() {
    for named in parameters { named.parameter.clearGradient() }
  }

  /// - Returns: The norm of all gradients together, before scaling.
  private func update(learningRate: Double, gradientScale: Double) -> Double {
    var sumOfSquares = 0.0
    for (index, named) in parameters.enumerated() where named.parameter.gradient != nil {
      steps[index] += 1
      var kernel = kernelOptions(
        for: named.parameter, step: Double(steps[index]), learningRate: learningRate,
        gradientScale: gradientScale)
      named.parameter.update { value, gradient in
        value.withUnsafeMutableBufferPointer { value in
          firstMoments[index].withUnsafeMutableBufferPointer { first in
            secondMoments[index].withUnsafeMutableBufferPointer { second in
              guard let p = value.baseAddress, let m = first.baseAddress,
                let v = second.baseAddress
              else { return }
              sumOfSquares += Kernels.sumOverBlocks(of: value.count) { range in
                let start = range.lowerBound
                return ck_adamw(
                  p + start, m + start, v + start, gradient.readPointer + start, range.count,
                  &kernel)
              }
            }
          }
        }
      }
      named.parameter.clearGradient()
    }
    return sumOfSquares.squareRoot()
  }

  private func kernelOptions(
    for parameter: Parameter, step: Double, learningRate: Double, gradientScale: Double
  ) -> ck_adamw_options {
    let decays = options.decaysVectors || parameter.shape.count > 1
    return ck_adamw_options(
      learning_rate: learningRate, beta1: options.beta1, beta2: options.beta2,
      epsilon: options.epsilon, weight_decay: decays ? options.weightDecay : 0,
      bias_correction1: 1 - pow(options.beta1, step),
      bias_correction2: 1 - pow(options.beta2, step), gradient_scale: gradientScale)
  }

  // MARK: Checkpoints

  /// Moments and step counts by parameter name, for a checkpoint.
  public var state: NamedTensors {
    var state = NamedTensors()
    for (index, named) in parameters.enumerated() {
      state["exp_avg." + named.name] = firstMoments[index]
      state["exp_avg_sq." + named.name] = secondMoments[index]
      state["step." + named.name] = Tensor([1], [Float(steps[index])])
    }
    return state
  }

  /// Restores the moments of a checkpoint.
  ///
  /// - Throws: `CheckpointError` if they don't match these parameters.
  public func restore(_ state: NamedTensors) throws(CheckpointError) {
    for (index, named) in parameters.enumerated() {
      let shape = named.parameter.shape
      firstMoments[index] = try state.tensor("exp_avg." + named.name, shape: shape)
      secondMoments[index] = try state.tensor("exp_avg_sq." + named.name, shape: shape)
      steps[index] = Int(exactly: try state.tensor("step." + named.name, shape: [1]).scalar) ?? 0
    }
  }
}
