import Testing

@testable import MusicCaptioner

struct KeyValueCacheTests {
  /// One whole vector, less than one, and an odd width, whose last bfloat16 number has no neighbor.
  private static let headWidths = [64, 6, 7]
  private static let headCount = 3

  /// What three steps of three rows give, with rows exchanged between them and more slots made.
  private static func outcomes(
    headWidth: Int, _ precision: ComputePrecision, _ change: (Tensor) -> Tensor
  ) -> [Tensor] {
    let width = headWidth * headCount
    var cache = SelfAttentionCache(
      width: width, headCount: headCount, capacity: 4, precision: precision)
    return (0..<3).map { step in
      let tensors = (0..<3).map { randomTensor([3, width], seed: UInt64(10 * step + $0)) }
      cache.append(keys: change(tensors[0]), values: change(tensors[1]))
      defer { cache.reorder(by: [2, 0, 0]) }
      return cache.attend(tensors[2])
    }
  }

  @Test(arguments: headWidths, [ComputePrecision.bfloat16, .int8])
  func aNarrowPassSeesItsKeysAndValuesRoundedToBFloat16(
    _ headWidth: Int, _ precision: ComputePrecision
  ) {
    let found = Self.outcomes(headWidth: headWidth, precision) { $0 }
    let expected = Self.outcomes(headWidth: headWidth, .float32, roundedToBFloat16)
    for (found, expected) in zip(found, expected) { #expect(found.isIdentical(to: expected)) }
  }

  @Test(arguments: headWidths, ComputePrecision.allCases)
  func encodedClipsAreReadByTheRowsThatDescribeThem(
    _ headWidth: Int, _ precision: ComputePrecision
  ) {
    // A clip of one position gives that position's value, whatever the query.
    let width = headWidth * Self.headCount
    let values = randomTensor([3, width], seed: 2)
    let cache = CrossAttentionCache(
      keys: randomTensor([3, width], seed: 1), values: values,
      layout: SequenceLayout(count: 3, length: 1), headCount: Self.headCount,
      precision: precision)
    let kept = precision == .float32 ? values : roundedToBFloat16(values)
    let clips = [1, 2, 0, 2]
    let found = cache.attend(randomTensor([4, width], seed: 3), clips: clips)
    for (row, clip) in clips.enumerated() {
      #expect(found.rows(row..<row + 1).isIdentical(to: kept.rows(clip..<clip + 1)))
    }
  }

  @Test(arguments: ComputePrecision.allCases)
  func attentionKeepsWhatItLooksUpInThePrecisionOfThePass(_ precision: ComputePrecision) {
    let attention = MultiHeadAttention(width: 12, headCount: 2, dropout: 0, std: 1)
    attention.initialize(seed: 1)
    let cache = attention.cache(
      memory: randomTensor([1, 12], seed: 4), layout: SequenceLayout(count: 1, length: 1),
      in: .inference(precision))
    let values = cache.attend(randomTensor([1, 12], seed: 5), clips: [0])
    #expect(values.isIdentical(to: roundedToBFloat16(values)) == (precision != .float32))
  }
}
