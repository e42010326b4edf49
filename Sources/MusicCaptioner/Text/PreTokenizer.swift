/// Splits text into the words that are merged separately: GPT-2's split pattern, written by hand.
///
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
///
/// Each scalar is looked at a bounded number of times, so the cost is linear for any text.
enum PreTokenizer {
  /// Calls `body` with the range of each word of `bytes[range]`, in order. The ranges are adjacent
  /// and cover all of it. `bytes[range]` must be valid UTF-8.
  static func forEachWord(
    in bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = wordEnd(in: bytes, from: start, before: range.upperBound)
      body(start..<end)
      start = end
    }
  }

  private static let space = UInt8(ascii: " ")
  private static let apostrophe = UInt8(ascii: "'")

  private static func wordEnd(in bytes: [UInt8], from start: Int, before end: Int) -> Int {
    if bytes[start] == apostrophe,
      let length = contractionLength(in: bytes, from: start, before: end)
    {
      return start + length
    }
    let body = bytes[start] == space && start + 1 < end ? start + 1 : start
    let (bodyClass, afterFirst) = classify(bytes, at: body, before: end)
    if bodyClass != .space {
      var position = afterFirst
      while position < end {
        let (nextClass, next) = classify(bytes, at: position, before: end)
        guard nextClass == bodyClass else { break }
        position = next
      }
      return position
    }
    return spaceEnd(in: bytes, from: start, before: end)
  }

  /// `\s+(?!\S)|\s+`: a run of white space leaves its last scalar to the word that follows, unless
  /// the run is a single scalar.
  private static func spaceEnd(in bytes: [UInt8], from start: Int, before end: Int) -> Int {
    var last = start
    var position = start
    while position < end {
      let (nextClass, next) = classify(bytes, at: position, before: end)
      guard nextClass == .space else { return last > start ? last : position }
      last = position
      position = next
    }
    return end
  }

  private static func contractionLength(
    in bytes: [UInt8], from start: Int, before end: Int
  ) -> Int? {
    guard start + 1 < end else { return nil }
    let first = bytes[start + 1]
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
    default: break
    }
    guard start + 2 < end else { return nil }
    switch (first, bytes[start + 2]) {
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return 3
    default: return nil
    }
  }

  @inline(__always)
  private static func classify(
    _ bytes: [UInt8], at position: Int, before end: Int
  ) -> (ScalarClass, next: Int) {
    // The text came from a String, so it is valid; a stray byte would count as one odd character.
    guard let (scalar, next) = UTF8Text.scalar(in: bytes, at: position, before: end) else {
      return (.other, position + 1)
    }
    return (ScalarClass(scalar), next)
  }
}
