/// Finds the longest piece at a place in a word by going through its bytes once, whatever the pieces are.
struct PieceIndex: Sendable {
  /// In the order of their bytes, so that those with a common beginning are next to each other, the shortest first.
  private let pieces: [(bytes: ArraySlice<UInt8>, id: Int)]

  /// - Parameter pieces: Without duplicates. Empty ones are never found.
  init(_ pieces: [(bytes: ArraySlice<UInt8>, id: Int)]) {
    self.pieces = pieces.filter { !$0.bytes.isEmpty }.sorted {
      $0.bytes.lexicographicallyPrecedes($1.bytes)
    }
  }

  /// - Returns: The piece's id and its length in bytes; nil if none is there.
  func longest(in word: ArraySlice<UInt8>) -> (id: Int, length: Int)? {
    var candidates = pieces.indices
    var found: (id: Int, length: Int)?
    for (depth, byte) in word.enumerated() {
      // All candidates have the bytes so far; those that end with them come first.
      let first = partition(candidates) { Self.byte($0, depth) < Int(byte) }
      let end = partition(first..<candidates.upperBound) { Self.byte($0, depth) <= Int(byte) }
      guard first < end else { break }
      candidates = first..<end
      if pieces[first].bytes.count == depth + 1 { found = (pieces[first].id, depth + 1) }
    }
    return found
  }

  /// -1 past the end, which comes before all bytes.
  private static func byte(_ bytes: ArraySlice<UInt8>, _ depth: Int) -> Int {
    depth < bytes.count ? Int(bytes[bytes.startIndex + depth]) : -1
  }

  /// The first candidate for which `comesBefore` is false.
  private func partition(
    _ candidates: Range<Int>, _ comesBefore: (ArraySlice<UInt8>) -> Bool
  ) -> Int {
    var (low, high) = (candidates.lowerBound, candidates.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if comesBefore(pieces[middle].bytes) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
