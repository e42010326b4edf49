/// A whole clip in one row: its sound (the mean and the standard deviation over time of the first
/// convolution's outputs) and its rhythm, each mapped to the model's width and added. The encoder receives it
/// as one more position.
///
/// Not part of the official model. How the bands vary over the whole clip shows which instrument plays, and
/// the distances between its notes show the tempo, better than any single moment does; a decoder learns
/// sooner from one place that has both.
struct ClipSummary: Layer {
  let sound: StandardizedMap  // [2 · channels → model]
  let rhythm: StandardizedMap  // [groups · lags → model]
  let norm: LayerNorm
  private let onsetRhythm: OnsetRhythm

  init(
    channels: Int, frameCount: Int, width: Int, dropout: Float, std: Float
  ) {
    onsetRhythm = OnsetRhythm(frameCount: frameCount)
    sound = StandardizedMap(
      from: 2 * channels, to: width, dropout: dropout, std: std)
    rhythm = StandardizedMap(
      from: onsetRhythm.width, to: width, dropout: dropout, std: std)
    norm = LayerNorm(width: width)
  }

  /// The numbers that describe a clip.
  struct Statistics {
    let sound: Variable  // [batch, 2 · channels]
    let rhythm: Variable  // [batch, groups · lags], without a gradient
  }

  /// - Parameters:
  ///   - early: The first convolution's outputs, `[batch, time + 2, channels]`
  ///   - logMel: `[batch, frames, mels]`
  func statistics(of early: Variable, logMel: Tensor) -> Statistics {
    Statistics(sound: summarizeOverTime(early), rhythm: Variable(onsetRhythm(logMel)))
  }

  /// - Returns: `[batch, model]`
  func callAsFunction(_ statistics: Statistics, in pass: ForwardPass) -> Variable {
    norm(add(sound(statistics.sound, in: pass), rhythm(statistics.rhythm, in: pass)), in: pass)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("sound", sound)
    visit("rhythm", rhythm)
    visit("norm", norm)
  }
}

/// Statistics brought to mean 0 and standard deviation 1 over the training set, and mapped to another
/// width.
struct StandardizedMap: Layer {
  let mean: Parameter  // [inputs], a constant measured before training
  let deviation: Parameter  // [inputs], a constant measured before training
  let map: Linear  // [inputs → outputs]
  let dropout: Dropout

  init(from inputs: Int, to outputs: Int, dropout: Float, std: Float) {
    mean = Parameter([inputs], .constant(0), isTrained: false)
    deviation = Parameter([inputs], .constant(1), isTrained: false)
    map = Linear(from: inputs, to: outputs, std: std)
    self.dropout = Dropout(dropout)
  }

  /// - Parameter x: `[batch, inputs]`
  /// - Returns: `[batch, outputs]`
  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    let standardized = standardize(x, mean: mean.value, std: deviation.value)
    return map(dropout(standardized, in: pass), in: pass)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("mean", mean)
    visit("deviation", deviation)
    visit("map", map)
  }
}
