/// Scaled dot-product attention in several heads, with linear layers before and after it.
struct MultiHeadAttention: Layer {
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  let headCount: Int
  /// Of the attention weights.
  let dropout: Float

  init(width: Int, headCount: Int, dropout: Float, std: Float) {
    query = Linear(from: width, to: width, std: std)
    key = Linear(from: width, to: width, std: std)
    value = Linear(from: width, to: width, std: std)
    output = Linear(from: width, to: width, std: std)
    self.headCount = headCount
    self.dropout = dropout
  }

  /// Self-attention where `memory` is `x`, cross-attention where it is another.
  ///
  /// - Parameters:
  ///   - x: `[query rows, model]`
  ///   - memory: `[key rows, model]`
  /// - Returns: `[query rows, model]`
  func callAsFunction(
    _ x: Variable, layout: SequenceLayout, memory: Variable, memoryLayout: SequenceLayout,
    mask: AttentionMask = .none, in pass: ForwardPass
  ) -> Variable {
    let attended = attend(
      query: query(x, in: pass), key: key(memory, in: pass), value: value(memory, in: pass),
      queryLayout: layout, keyLayout: memoryLayout, headCount: headCount, mask: mask,
      dropout: pass.dropoutMask(dropout))
    return output(attended, in: pass)
  }

  /// Self-attention of one new position in each row, over the positions in `cache`.
  ///
  /// - Parameter x: `[rows, model]`
  func callAsFunction(
    _ x: Variable, extending cache: inout SelfAttentionCache, in pass: ForwardPass
  ) -> Variable {
    let projections = Linear.apply([query, key, value], to: x, in: pass).map(\.value)
    cache.append(keys: projections[1], values: projections[2])
    return output(Variable(cache.attend(projections[0])), in: pass)
  }

  /// Cross-attention of one position in each row, over keys and values computed before.
  ///
  /// - Parameter x: `[rows, model]`
  func callAsFunction(
    _ x: Variable, over cache: CrossAttentionCache, clips: [Int], in pass: ForwardPass
  ) -> Variable {
    let attended = cache.attend(query(x, in: pass).value, clips: clips)
    return output(Variable(attended), in: pass)
  }

  /// Keys and values for cross-attention, computed once for all decoding steps.
  ///
  /// - Parameter memory: `[memory rows, model]`
  func cache(
    memory: Tensor, layout: SequenceLayout, in pass: ForwardPass
  ) -> CrossAttentionCache {
    let projections = Linear.apply([key, value], to: Variable(memory), in: pass).map(\.value)
    return CrossAttentionCache(
      keys: projections[0], values: projections[1], layout: layout, headCount: headCount,
      precision: pass.precision)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("k_proj", key)
    visit("v_proj", value)
    visit("q_proj", query)
    visit("out_proj", output)
  }
}
