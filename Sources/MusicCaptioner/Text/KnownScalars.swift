extension RangeReplaceableCollection where Element == Unicode.Scalar {
  /// Rewrites the runs of scalars that a library's tables know. The others stay as they are there, and nothing
  /// is reordered or composed across them.
  func rewritingRuns(
    where isKnown: (Unicode.Scalar) -> Bool, _ rewrite: (String) -> [Unicode.Scalar]
  ) -> Self {
    var result = Self()
    var known = String.UnicodeScalarView()
    func flush() {
      result.append(contentsOf: rewrite(String(known)))
      known = String.UnicodeScalarView()
    }
    for scalar in self {
      if isKnown(scalar) {
        known.append(scalar)
      } else {
        flush()
        result.append(scalar)
      }
    }
    flush()
    return result
  }
}
