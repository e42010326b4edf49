/// A whole clip in one row: the mean and the deviation over time of the first convolution's
/// outputs, brought to mean 0 and deviation 1 over the training set, and mapped to the model's
/// width. The encoder gets it as one position more.
///
/// Not part of the official model. Which instrument plays is told by how the bands vary over the
/// whole clip rather than by any moment of it; a decoder finds that sooner in one place.
struct ClipSummary: Layer {
  let mean: Parameter  // [2 · channels], a constant measured before training
  let deviation: Parameter  // [2 · channels], a constant measured before training
  let map: Linear  // [2 · channels → model]
  let norm: LayerNorm
  let dropout: Float

  init(channels: Int, width: Int, dropout: Float, deviation initialDeviation: Float) {
    mean = Parameter([2 * channels], .constant(0), isTrained: false)
    deviation = Parameter([2 * channels], .constant(1), isTrained: false)
    map = Linear(from: 2 * channels, to: width, deviation: initialDeviation)
    norm = LayerNorm(width: width)
    self.dropout = dropout
  }

  /// - Parameter x: The first convolution's outputs, `[batch, time + 2, channels]`
  /// - Returns: `[batch, model]`
  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    let statistics = standardize(
      summarizeOverTime(x), mean: mean.value, deviation: deviation.value)
    return norm(map(pass.dropout(statistics, dropout), in: pass), in: pass)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("mean", mean)
    visit("deviation", deviation)
    visit("map", map)
    visit("norm", norm)
  }
}
