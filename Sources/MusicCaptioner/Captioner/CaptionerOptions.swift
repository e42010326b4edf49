/// How files are captioned.
package struct CaptionerOptions: Sendable, Equatable {
  package var decoding: DecodingOptions
  /// Chunks, of whatever files, that are captioned together. More use more memory, and the first
  /// caption comes later. The captions are the same.
  package var batchSize = 8
  /// Leaves out a last partial chunk, as the official code does.
  package var dropPartial = false
  package var precision = ComputePrecision.float32

  package init(decoding: DecodingOptions = DecodingOptions()) {
    self.decoding = decoding
  }

  /// The largest batch that is taken: an hour of music.
  static let maximumBatchSize = 360

  /// - Throws: `CaptionerError` or `DecodingOptionsError` with the first value that makes no sense.
  package func validate() throws {
    guard (1...Self.maximumBatchSize).contains(batchSize) else {
      throw CaptionerError.option(
        "--batch-size", found: "\(batchSize)",
        expected: "a number from 1 to \(Self.maximumBatchSize)")
    }
    try decoding.validate()
  }
}
