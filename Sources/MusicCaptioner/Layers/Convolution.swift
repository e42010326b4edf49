/// A convolution of width 3 over time. Clips carry one row of zeros at either end, in and out.
struct Convolution: Layer {
  let weight: Parameter  // [out, in, 3]
  let bias: Parameter  // [out]
  let stride: Int

  init(from inputChannels: Int, to outputChannels: Int, stride: Int) {
    // PyTorch's start for convolutions: uniform within 1/√fan-in, weights and biases alike.
    let bound = 1 / Float(inputChannels * 3).squareRoot()
    weight = Parameter([outputChannels, inputChannels, 3], .uniform(bound: bound))
    bias = Parameter([outputChannels], .uniform(bound: bound))
    self.stride = stride
  }

  /// `[batch, time + 2, in]` → `[batch, ⌈time / stride⌉ + 2, out]`
  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    // There is no 8-bit form, and no packed one: convolutions are a small part of captioning.
    let precision = pass.precision == .float32 ? .float32 : ComputePrecision.bfloat16.inTraining
    return convolve(
      x, weight: pass(weight), bias: pass(bias), stride: stride, precision: precision)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", weight)
    visit("bias", bias)
  }
}
