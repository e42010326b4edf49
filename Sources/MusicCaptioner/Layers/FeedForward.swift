/// Two linear layers with a GELU between them, applied at each position alone.
struct FeedForward: Sendable {
  let expand: Linear  // [model → inner]
  let contract: Linear  // [inner → model]
  /// Between the two, after the GELU.
  let dropout: Dropout

  init(width: Int, innerWidth: Int, dropout: Float, std: Float) {
    expand = Linear(from: width, to: innerWidth, std: std)
    contract = Linear(from: innerWidth, to: width, std: std)
    self.dropout = Dropout(dropout)
  }

  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {  // [rows, model] → same
    contract(dropout(expand(x, activation: .gelu, in: pass), in: pass), in: pass)
  }
}
