/// How files are captioned.
package struct CaptionerOptions: Sendable, Equatable {
  package var decoding: DecodingOptions
  /// The number of chunks, from any files, that are captioned together. More chunks need more
  /// memory, and the first caption comes later. The captions are the same.
  package var batchSize = 8
  /// Leaves out a partial chunk at the end, as the official code does.
  package var dropPartial = false
  package var precision = ComputePrecision.float32

  package init(decoding: DecodingOptions = DecodingOptions()) {
    self.decoding = decoding
  }

  /// The largest allowed batch: an hour of music.
  static let maximumBatchSize = 360

  /// - Throws: `CaptionerError` or `DecodingOptionsError` for the first invalid value.
  package func validate() throws {
    guard (1...Self.maximumBatchSize).contains(batchSize) else {
      throw CaptionerError.option(
        "--batch-size", found: "\(batchSize)",
        expected: "a number from 1 to \(Self.maximumBatchSize)")
    }
    try decoding.validate()
  }
}
