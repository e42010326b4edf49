/// The name that was probably meant, or nil where nothing is near. Capitals, `_`, `-` and spaces
/// count for nothing, so `layerCount` finds `layer_count`; else about one slip in three letters.
package func nearestName(to name: String, among candidates: [String]) -> String? {
  // Longer than any name of ours: nothing can be near, and the table below stays small.
  guard name.utf8.count <= 100 else { return nil }
  let bare = bareLetters(name)
  var best: (name: String, distance: Int)?
  for candidate in candidates where candidate.utf8.count <= 100 {
    let other = bareLetters(candidate)
    let distance = editDistance(bare, other)
    let limit = max(1, max(bare.count, other.count) / 3)
    // One slip in a two-letter name makes any other: `lr` is not near `id`.
    guard distance == 0 || (distance <= limit && distance < min(bare.count, other.count)) else {
      continue
    }
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

private func bareLetters(_ name: String) -> [Unicode.Scalar] {
  name.lowercased().unicodeScalars.filter { !["_", "-", " "].contains($0) }
}

/// Insertions, deletions, replacements and swaps of neighbors (optimal string alignment).
func editDistance<Element: Equatable>(_ a: [Element], _ b: [Element]) -> Int {
  if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
  var rows = [Array(0...b.count)]
  for i in 1...a.count {
    var row = [i] + Array(repeating: 0, count: b.count)
    for j in 1...b.count {
      let replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      row[j] = min(replaced, rows[i - 1][j] + 1, row[j - 1] + 1)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        row[j] = min(row[j], rows[i - 2][j - 2] + 1)
      }
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
