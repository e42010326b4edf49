/// BART's encoder over the front end's outputs: learned positions, embedding LayerNorm, layers.
struct TransformerEncoder: Layer {
  let positions: LearnedPositions
  let embeddingNorm: LayerNorm?
  let layers: [EncoderLayer]
  let finalNorm: LayerNorm?  // pre-norm models only
  let dropout: Dropout
  let embeddingScale: Float

  init(_ configuration: ModelConfiguration) {
    let width = configuration.width
    positions = LearnedPositions(
      count: configuration.maximumPositionCount, width: width,
      std: configuration.initialStd)
    embeddingNorm = configuration.normalizesEmbedding ? LayerNorm(width: width) : nil
    layers = (0..<configuration.encoderLayerCount).map { _ in
      EncoderLayer(
        configuration.layerOptions(
          headCount: configuration.encoderHeadCount,
          innerWidth: configuration.encoderInnerWidth))
    }
    finalNorm = configuration.normalizesBefore ? LayerNorm(width: width) : nil
    dropout = Dropout(configuration.dropout)
    embeddingScale = configuration.scalesEmbedding ? Float(width).squareRoot() : 1
  }

  /// - Parameter inputs: `[rows, model]`, the clips' positions one after another
  /// - Returns: `[rows, model]`
  func callAsFunction(
    _ inputs: Variable, layout: SequenceLayout, in pass: ForwardPass
  ) -> Variable {
    var x = embeddingScale == 1 ? inputs : scale(inputs, by: embeddingScale)
    x = add(x, positions(layout, in: pass))
    if let embeddingNorm { x = embeddingNorm(x, in: pass) }
    x = dropout(x, in: pass)
    for layer in layers { x = layer(x, layout: layout, in: pass) }
    if let finalNorm { x = finalNorm(x, in: pass) }
    return x
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("embed_positions", positions)
    if let embeddingNorm { visit("layernorm_embedding", embeddingNorm) }
    visit("layers", layers)
    if let finalNorm { visit("layer_norm", finalNorm) }
  }
}
