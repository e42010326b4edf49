import MusicCaptioner

extension AudioInputs.PassedOver {
  /// What folders contain that isn't captioned: `12 files passed over: 10 .jpg, 2 .pdf`. Nil if there is nothing.
  var line: String? {
    var parts: [String] = []
    let fileCount = files.values.reduce(0, +)
    if fileCount > 0 { parts.append("\(count(fileCount, "file")) passed over: \(kinds)") }
    if folders > 0 {
      parts.append("\(count(folders, "folder")) passed over (add --recursive to look into them)")
    }
    if links > 0 { parts.append("\(count(links, "link")) to folders passed over") }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// The most frequent endings; the others are counted together.
  private var kinds: String {
    let sorted = files.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let named = sorted.count > Self.most ? sorted.prefix(Self.most - 1) : sorted[...]
    var words = named.map { ending, count in
      ending.isEmpty ? "\(count) without an ending" : "\(count) .\(ending)"
    }
    let others = sorted.dropFirst(named.count).reduce(0) { $0 + $1.value }
    if others > 0 { words.append("\(others) others") }
    return words.joined(separator: ", ")
  }

  private static let most = 8
}
