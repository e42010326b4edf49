/// Where each sequence of a batch lies among rows that hold them one after another, without
/// padding between them.
///
/// Sequences of different length need no mask in this form: what would be masked doesn't exist.
public struct SequenceLayout: Sendable, Equatable {
  /// Row indices: sequence `i` covers `offsets[i]..<offsets[i + 1]`.
  public let offsets: [Int]

  /// Sequences of the given lengths, in order.
  public init(lengths: [Int]) {
    var offsets = [0]
    offsets.reserveCapacity(lengths.count + 1)
    for length in lengths { offsets.append(offsets[offsets.count - 1] + length) }
    self.offsets = offsets
  }

  /// `count` sequences of the same length.
  public init(count: Int, length: Int) {
    self.init(lengths: Array(repeating: length, count: count))
  }

  /// The number of sequences.
  public var count: Int { offsets.count - 1 }
  /// The rows of all sequences together.
  public var rowCount: Int { offsets[offsets.count - 1] }

  public subscript(sequence: Int) -> Range<Int> { offsets[sequence]..<offsets[sequence + 1] }
}
