/// Log-mel frames to encoder inputs: width-3 convolutions with a GELU after each, then sinusoids.
struct ConvolutionFrontEnd: Layer {
  let whitening: Parameter?  // [mels, mels], a constant measured before training
  let first: Convolution  // mels → model
  let rest: [Convolution]  // model → model
  let positions: Parameter  // [time, model], a constant kept with the model

  init(_ configuration: ModelConfiguration, melCount: Int, frameCount: Int) {
    let strides = configuration.convolutionStrides
    whitening =
      configuration.whitensInput
      ? Parameter([melCount, melCount], .identity, isTrained: false) : nil
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
    var x = Variable(padOverTime(whitened(logMel)))
    for convolution in convolutions { x = gelu(convolution(x, in: pass)) }
    return add(unpadOverTime(x), Variable(repeatedPositions(batch: logMel.shape[0])))
  }

  /// First to last.
  var convolutions: [Convolution] { [first] + rest }

  /// `[batch, frames, mels]` → the same
  func whitened(_ logMel: Tensor) -> Tensor {
    guard let whitening else { return logMel }
    return matrixProduct(logMel, whitening.value, transposing: .right).reshaped(to: logMel.shape)
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
    if let whitening { visit("whitening", whitening) }
    visit("conv1", first)
    visit("conv_stack", rest)
  }
}
