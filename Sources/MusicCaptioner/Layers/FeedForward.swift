/// Two affine maps with a GELU between them, applied at each position alone.
struct FeedForward: Sendable {
  let expand: Linear  // [model → inner]
  let contract: Linear  // [inner → model]
  /// After the GELU.
  let dropout: Float

  init(width: Int, innerWidth: Int, dropout: Float, deviation: Float) {
    expand = Linear(from: width, to: innerWidth, deviation: deviation)
    contract = Linear(from: innerWidth, to: width, deviation: deviation)
    self.dropout = dropout
  }

  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {  // [rows, model] → same
    contract(pass.dropout(expand(x, activation: .gelu, in: pass), dropout), in: pass)
  }
}
