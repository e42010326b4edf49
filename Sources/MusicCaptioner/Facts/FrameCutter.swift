/// Cuts a stream of samples, which comes in blocks of any sizes, into frames that may overlap.
struct FrameCutter {
  let size: Int
  /// Samples from the start of a frame to the start of the next; at most the size.
  let hop: Int
  /// What later frames need, and the frames that ``append(_:)`` found last.
  private(set) var samples: [Float] = []
  private var used = 0

  init(size: Int, hop: Int) {
    self.size = size
    self.hop = hop
  }

  /// Takes in a block.
  ///
  /// - Returns: Where in ``samples`` the frames begin that are complete now.
  mutating func append(_ block: ArraySlice<Float>) -> StrideTo<Int> {
    samples.removeFirst(used)
    samples.append(contentsOf: block)
    let count = samples.count < size ? 0 : (samples.count - size) / hop + 1
    used = count * hop
    return stride(from: 0, to: used, by: hop)
  }

  /// Fills up with silence what no frame began with, so that one more frame is complete.
  mutating func appendSilence() -> StrideTo<Int> {
    let rest = samples.count - used
    return append(ArraySlice(repeating: 0, count: max(0, size - rest)))
  }
}
