/// Log-mel frames to encoder inputs: width-3 convolutions with a GELU after each, then sinusoids.
struct ConvolutionFrontEnd: Layer {
  let first: Convolution  // mels → model
  let rest: [Convolution]  // model → model
  let positions: Parameter  // [time, model], a constant kept with the model

  init(_ configuration: ModelConfiguration, melCount: Int, frameCount: Int) {
    let strides = configuration.convolutionStrides
    first = Convolution(from: melCount, to: configuration.width, stride: strides[0])
    rest = strides.dropFirst().map {
      Convolution(from: configuration.width, to: configuration.width, stride: $0)
    }
    positions = Parameter(
      [configuration.positionCount(frames: frameCount), configuration.width], .sinusoids,
      isTrained: false)
  }

  /// - Parameter logMel: `[batch, frames, mels]`
  /// - Returns: `[batch · time, model]`
  func callAsFunction(_ logMel: Tensor, in pass: ForwardPass) -> Variable {
    var x = gelu(first(Variable(padOverTime(logMel)), in: pass))
    for convolution in rest { x = gelu(convolution(x, in: pass)) }
    return add(unpadOverTime(x), Variable(repeatedPositions(batch: logMel.shape[0])))
  }

  private func repeatedPositions(batch: Int) -> Tensor {
    let table = positions.value
    let repeated = Tensor(uninitialized: [batch * table.rowCount, table.width])
    for clip in 0..<batch {
      (repeated.freshPointer + clip * table.count).update(
        from: table.readPointer, count: table.count)
    }
    return repeated
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("positional_embedding", positions)
    visit("conv1", first)
    visit("conv_stack", rest)
  }
}
