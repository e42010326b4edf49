/// BART's decoder: token embeddings, learned positions, embedding LayerNorm, layers.
struct TransformerDecoder: Layer {
  let positions: LearnedPositions
  let embeddingNorm: LayerNorm?
  let layers: [DecoderLayer]
  let finalNorm: LayerNorm?  // pre-norm models only
  let dropout: Dropout
  let embeddingScale: Float
  let width: Int

  init(_ configuration: ModelConfiguration) {
    width = configuration.width
    positions = LearnedPositions(
      count: configuration.maximumPositionCount, width: width,
      std: configuration.initialStd)
    embeddingNorm = configuration.normalizesEmbedding ? LayerNorm(width: width) : nil
    layers = (0..<configuration.decoderLayerCount).map { _ in
      DecoderLayer(
        configuration.layerOptions(
          headCount: configuration.decoderHeadCount,
          innerWidth: configuration.decoderInnerWidth))
    }
    finalNorm = configuration.normalizesBefore ? LayerNorm(width: width) : nil
    dropout = Dropout(configuration.dropout)
    embeddingScale = configuration.scalesEmbedding ? Float(width).squareRoot() : 1
  }

  /// All positions of all captions at once.
  ///
  /// - Parameters:
  ///   - tokens: The captions' input tokens one after another.
  ///   - layout: Where each caption lies.
  ///   - embedding: The table that encoder, decoder and output share.
  ///   - memory: `[memory rows, model]`, one sequence for each caption
  /// - Returns: `[tokens, model]`
  func callAsFunction(
    _ tokens: [Int], layout: SequenceLayout, embedding: Embedding, memory: Variable,
    memoryLayout: SequenceLayout, in pass: ForwardPass
  ) -> Variable {
    var x = embed(tokens, embedding, positions: positions(layout, in: pass), in: pass)
    for layer in layers {
      x = layer(x, layout: layout, memory: memory, memoryLayout: memoryLayout, in: pass)
    }
    if let finalNorm { x = finalNorm(x, in: pass) }
    return x
  }

  /// The next position of each row.
  ///
  /// - Parameters:
  ///   - tokens: Each row's newest token.
  ///   - cache: The keys and values of the rows so far; grows by one position.
  /// - Returns: `[rows, model]`
  func callAsFunction(
    next tokens: [Int], embedding: Embedding, cache: inout DecoderCache, in pass: ForwardPass
  ) -> Tensor {
    let position = cache.length + LearnedPositions.offset
    let places = positions.table(Array(repeating: position, count: tokens.count), in: pass)
    var x = embed(tokens, embedding, positions: places, in: pass)
    for (index, layer) in layers.enumerated() {
      x = layer(
        x, cache: &cache.layers[index], memory: cache.memory[index], clips: cache.clips,
        in: pass)
    }
    cache.length += 1
    if let finalNorm { x = finalNorm(x, in: pass) }
    return x.value
  }

  /// An empty cache over encoded clips.
  ///
  /// - Parameters:
  ///   - memory: `[rows of all clips, model]`
  ///   - clips: The clip that each row describes.
  func cache(
    memory: Tensor, layout: SequenceLayout, clips: [Int], in pass: ForwardPass
  ) -> DecoderCache {
    DecoderCache(
      layers: layers.map {
        SelfAttentionCache(
          width: width, headCount: $0.selfAttention.headCount, capacity: 32 * clips.count,
          precision: pass.precision)
      },
      memory: layers.map {
        $0.crossAttention.cache(memory: memory, layout: layout, in: pass)
      },
      clips: clips)
  }

  private func embed(
    _ tokens: [Int], _ embedding: Embedding, positions: Variable, in pass: ForwardPass
  ) -> Variable {
    var x = embedding(tokens, in: pass)
    if embeddingScale != 1 { x = scale(x, by: embeddingScale) }
    x = add(x, positions)
    if let embeddingNorm { x = embeddingNorm(x, in: pass) }
    return dropout(x, in: pass)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("embed_positions", positions)
    if let embeddingNorm { visit("layernorm_embedding", embeddingNorm) }
    visit("layers", layers)
    if let finalNorm { visit("layer_norm", finalNorm) }
  }
}

/// Keys and values that a decoder keeps from one position to the next, for the hypotheses that it extends.
struct DecoderCache: Sendable {
  fileprivate var layers: [SelfAttentionCache]
  fileprivate let memory: [CrossAttentionCache]
  /// The clip that each row describes.
  fileprivate(set) var clips: [Int]
  /// Positions decoded so far.
  fileprivate(set) var length = 0

  /// Continues with other rows: new row i is a copy of row `parents[i]`. Rows may be dropped,
  /// repeated and reordered.
  mutating func reorder(by parents: [Int]) {
    guard parents != Array(clips.indices) else { return }
    clips = parents.map { clips[$0] }
    for index in layers.indices where length > 0 { layers[index].reorder(by: parents) }
  }
}
