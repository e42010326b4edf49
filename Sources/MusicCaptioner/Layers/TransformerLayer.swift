/// The settings of encoder and decoder layers.
struct TransformerLayerOptions: Sendable {
  var width: Int
  var headCount: Int
  var innerWidth: Int
  /// Dropout of each sub-layer's output.
  var dropout: Float
  var attentionDropout: Float
  /// Dropout after the feed-forward's GELU.
  var activationDropout: Float
  /// LayerNorm before each sub-layer (pre-norm) instead of after its residual sum (BART).
  var normalizesBefore: Bool
  /// Standard deviation of the first weights.
  var std: Float

  fileprivate var attention: MultiHeadAttention {
    MultiHeadAttention(
      width: width, headCount: headCount, dropout: attentionDropout, std: std)
  }

  fileprivate var feedForward: FeedForward {
    FeedForward(
      width: width, innerWidth: innerWidth, dropout: activationDropout, std: std)
  }

  /// One sub-layer with its residual: norm(x + f(x)), or x + f(norm(x)) where that comes first.
  fileprivate func residual(
    _ x: Variable, norm: LayerNorm, in pass: ForwardPass, _ sublayer: (Variable) -> Variable
  ) -> Variable {
    let dropout = Dropout(dropout)
    if normalizesBefore {
      return dropout(sublayer(norm(x, in: pass)), addedTo: x, in: pass)
    }
    return norm(dropout(sublayer(x), addedTo: x, in: pass), in: pass)
  }
}

/// Self-attention and a feed-forward network.
struct EncoderLayer: Layer {
  let options: TransformerLayerOptions
  let selfAttention: MultiHeadAttention
  let selfAttentionNorm: LayerNorm
  let feedForward: FeedForward
  let finalNorm: LayerNorm

  init(_ options: TransformerLayerOptions) {
    self.options = options
    selfAttention = options.attention
    selfAttentionNorm = LayerNorm(width: options.width)
    feedForward = options.feedForward
    finalNorm = LayerNorm(width: options.width)
  }

  func callAsFunction(
    _ x: Variable, layout: SequenceLayout, in pass: ForwardPass
  ) -> Variable {  // [rows, model] → same
    let x = options.residual(x, norm: selfAttentionNorm, in: pass) { x in
      selfAttention(x, layout: layout, memory: x, memoryLayout: layout, in: pass)
    }
    return options.residual(x, norm: finalNorm, in: pass) { feedForward($0, in: pass) }
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("self_attn", selfAttention)
    visit("self_attn_layer_norm", selfAttentionNorm)
    visit("fc1", feedForward.expand)
    visit("fc2", feedForward.contract)
    visit("final_layer_norm", finalNorm)
  }
}

/// Causal self-attention, cross-attention to the encoded clip, and a feed-forward network.
struct DecoderLayer: Layer {
  let options: TransformerLayerOptions
  let selfAttention: MultiHeadAttention
  let selfAttentionNorm: LayerNorm
  let crossAttention: MultiHeadAttention
  let crossAttentionNorm: LayerNorm
  let feedForward: FeedForward
  let finalNorm: LayerNorm

  init(_ options: TransformerLayerOptions) {
    self.options = options
    selfAttention = options.attention
    selfAttentionNorm = LayerNorm(width: options.width)
    crossAttention = options.attention
    crossAttentionNorm = LayerNorm(width: options.width)
    feedForward = options.feedForward
    finalNorm = LayerNorm(width: options.width)
  }

  /// All positions of all captions at once, as in training.
  ///
  /// - Parameters:
  ///   - x: `[token rows, model]`
  ///   - memory: `[memory rows, model]`
  func callAsFunction(
    _ x: Variable, layout: SequenceLayout, memory: Variable, memoryLayout: SequenceLayout,
    in pass: ForwardPass
  ) -> Variable {
    flow(x, in: pass) { x in
      selfAttention(
        x, layout: layout, memory: x, memoryLayout: layout, mask: .causal, in: pass)
    } crossAttend: { x in
      crossAttention(
        x, layout: layout, memory: memory, memoryLayout: memoryLayout, in: pass)
    }
  }

  /// One new position in each row, as in decoding.
  ///
  /// - Parameter x: `[rows, model]`
  func callAsFunction(
    _ x: Variable, cache: inout SelfAttentionCache, memory: CrossAttentionCache, clips: [Int],
    in pass: ForwardPass
  ) -> Variable {
    flow(x, in: pass) { x in
      selfAttention(x, extending: &cache, in: pass)
    } crossAttend: { x in
      crossAttention(x, over: memory, clips: clips, in: pass)
    }
  }

  private func flow(
    _ x: Variable, in pass: ForwardPass, selfAttend: (Variable) -> Variable,
    crossAttend: (Variable) -> Variable
  ) -> Variable {
    var x = options.residual(x, norm: selfAttentionNorm, in: pass, selfAttend)
    x = options.residual(x, norm: crossAttentionNorm, in: pass, crossAttend)
    return options.residual(x, norm: finalNorm, in: pass) { feedForward($0, in: pass) }
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("self_attn", selfAttention)
    visit("self_attn_layer_norm", selfAttentionNorm)
    visit("encoder_attn", crossAttention)
    visit("encoder_attn_layer_norm", crossAttentionNorm)
    visit("fc1", feedForward.expand)
    visit("fc2", feedForward.contract)
    visit("final_layer_norm", finalNorm)
  }
}
