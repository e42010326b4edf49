/// The sizes of a tensor's axes, outermost first.
///
/// The axis words used in documentation, in the order in which data meets them:
/// - `batch`: clips or captions worked on together
/// - `time`: positions of a sequence; `frames` where they are log-mel frames
/// - `mels`: mel bands; `channels`: features of a convolution
/// - `model`: the transformer's width; `heads`: attention heads; `inner`: feed-forward width
/// - `vocabulary`: token classes
/// - `rows`: positions of all sequences of a batch one after another, without padding
public typealias Shape = [Int]

extension Array where Element == Int {
  /// The number of elements of a tensor with these axes; `nil` if it doesn't fit an `Int` or an
  /// axis is negative. For shapes that come from files.
  var checkedElementCount: Int? {
    var count = 1
    for size in self {
      guard size >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      count = product
    }
    return count
  }

  /// The number of elements of a tensor with these axes.
  var elementCount: Int { reduce(1, *) }
}
