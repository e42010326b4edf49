/// A model that reads captions token by token, many side by side, and scores what comes next.
struct StepDecoder {
  private let model: CaptionModel
  private let pass: ForwardPass
  private var cache: DecoderCache

  /// - Parameter clips: The clip that each row describes.
  init(
    _ model: CaptionModel, _ memory: CaptionModel.Memory, clips: [Int], in pass: ForwardPass
  ) {
    self.model = model
    self.pass = pass
    cache = model.decoder.cache(
      memory: memory.rows.value, layout: memory.layout, clips: clips, in: pass)
  }

  /// Reads the newest token of each row.
  ///
  /// - Returns: `[rows, vocabulary]`, the logits of the next token
  mutating func logits(after newest: [Int]) -> Tensor {
    model.logits(
      model.decoder(next: newest, embedding: model.embedding, cache: &cache, in: pass), in: pass)
  }

  /// Continues with other rows: new row i is a copy of row `parents[i]`.
  mutating func reorder(by parents: [Int]) { cache.reorder(by: parents) }
}
