/// How files are captioned.
public struct CaptionerOptions: Options {
  public var decoding = DecodingOptions()
  /// The number of chunks, from any files, that are captioned together. More chunks need more
  /// memory, and the first caption comes later. The captions are the same.
  public var batchSize = 8
  /// Leaves out a partial chunk at the end, as the official code does.
  public var dropPartial = false
  public var precision = ComputePrecision.float32

  public init() {}

  public init(decoding: DecodingOptions) {
    self.decoding = decoding
  }

  /// The largest allowed batch: an hour of music.
  static let maximumBatchSize = 360

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    checks.check(
      (1...Self.maximumBatchSize).contains(batchSize), .batchSize, batchSize,
      "a number from 1 to \(Self.maximumBatchSize)")
    checks.include(decoding, .decoding)
    return checks.problems
  }
}
