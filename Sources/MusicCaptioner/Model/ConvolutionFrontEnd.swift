/// Log-mel frames to encoder inputs: width-3 convolutions with a GELU after each, then sinusoids.
struct ConvolutionFrontEnd: Layer {
  let whitening: Parameter?  // [mels, mels], a constant measured before training
  let first: Convolution  // mels → model
  let rest: [Convolution]  // model → model
  let positions: Parameter  // [time, model], a constant kept with the model
  let summary: ClipSummary?

  init(_ configuration: ModelConfiguration, melCount: Int, frameCount: Int) {
    let strides = configuration.convolutionStrides
    whitening =
      configuration.whitensInput
      ? Parameter([melCount, melCount], .identity, isTrained: false) : nil
    let widths =
      (configuration.convolutionWidths.isEmpty
        ? strides.dropFirst().map { _ in configuration.width } : configuration.convolutionWidths)
      + [configuration.width]
    first = Convolution(from: melCount, to: widths[0], stride: strides[0])
    rest = strides.indices.dropFirst().map {
      Convolution(from: widths[$0 - 1], to: widths[$0], stride: strides[$0])
    }
    positions = Parameter(
      [configuration.convolvedCount(frames: frameCount), configuration.width], .sinusoids,
      isTrained: false)
    summary =
      configuration.summarizesClip
      ? ClipSummary(
        channels: widths[0], frameCount: frameCount, width: configuration.width,
        dropout: configuration.summaryDropout, std: configuration.initialStd) : nil
  }

  /// The encoder's input, and what tags can be predicted from.
  struct Output {
    let positions: Variable  // [batch · positions, model]
    let convolved: Variable  // [batch · time, model]
    let summary: Variable?  // [batch, model]
  }

  /// - Parameter logMel: `[batch, frames, mels]`
  func callAsFunction(_ logMel: Tensor, in pass: ForwardPass) -> Output {
    let early = gelu(first(Variable(padOverTime(whitened(logMel))), in: pass))
    var x = early
    for convolution in rest { x = gelu(convolution(x, in: pass)) }
    let convolved = add(
      unpadOverTime(x), Variable(repeatedPositions(batch: logMel.shape[0])))
    guard let summary else {
      return Output(positions: convolved, convolved: convolved, summary: nil)
    }
    let summaryRow = summary(summary.statistics(of: early, logMel: logMel), in: pass)
    return Output(
      positions: appendRow(summaryRow, toEachClipOf: convolved), convolved: convolved,
      summary: summaryRow)
  }

  /// First to last.
  var convolutions: [Convolution] { [first] + rest }

  /// `[batch, frames, mels]` → the same
  func whitened(_ logMel: Tensor) -> Tensor {
    guard let whitening else { return logMel }
    return product(logMel, whitening.value, transposing: .right).reshaped(to: logMel.shape)
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
    if let summary { visit("summary", summary) }
  }
}
