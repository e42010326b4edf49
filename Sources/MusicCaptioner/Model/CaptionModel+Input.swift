extension CaptionModel {
  /// The encoder's output, for layers of one's own on top of it. In a training pass the gradients of what
  /// is computed from it reach the model's parameters.
  ///
  /// - Parameter logMel: `[batch, frames, mels]`
  /// - Returns: `[batch · positions, width]`
  /// - Throws: `ModelError` for log-mels of other sizes than this model's.
  public func encoderOutput(
    _ logMel: Tensor, in pass: ForwardPass
  ) throws(ModelError) -> Variable {
    try check(logMel)
    return encode(logMel, in: pass).rows
  }

  /// - Throws: `ModelError` where log-mels are not `[batch, frames, mels]` of this model's sizes.
  func check(_ logMel: Tensor) throws(ModelError) {
    let shape = logMel.shape
    guard shape.count == 3, shape[1] == frameCount, shape[2] == melCount else {
      throw ModelError(
        .input(
          found: "log-mels of shape \(shape)", expected: "[batch, \(frameCount), \(melCount)]"),
        file: "model")
    }
  }

  /// - Throws: `ModelError` where a caption is empty, too long, or of another vocabulary.
  func check(_ captions: [[Int]]) throws(ModelError) {
    let limit = configuration.maximumPositionCount
    for caption in captions {
      guard (1...limit).contains(caption.count) else {
        throw ModelError(
          .input(found: "a caption of \(caption.count) tokens", expected: "1 to \(limit)"),
          file: "model")
      }
      if let strange = caption.first(where: { !(0..<configuration.vocabularySize).contains($0) }) {
        throw ModelError(
          .input(
            found: "the token id \(strange)",
            expected: "ids from 0 to \(configuration.vocabularySize - 1)"), file: "model")
      }
    }
  }
}
