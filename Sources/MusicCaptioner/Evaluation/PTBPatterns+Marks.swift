/// Tags, smileys, entities and runs of marks.
extension PTBPatterns {
  /// Tags, smileys, entities and runs of marks, with their words.
  func special(at position: Int) -> (end: Int, words: [Scalars])? {
    switch text[position] {
    case "<": return tag(at: position) ?? smiley(at: position) ?? face(at: position)
    case ">", ":", ";", "=", "^", "-", "~": return smiley(at: position) ?? face(at: position)
    case "&":
      for (entity, words) in Self.entities where has(entity, at: position) {
        return (position + entity.utf8.count, words)
      }
      guard at(position + 1) == "#" else { return nil }
      let end = run(position + 2) { isDigit($0) }
      return end > position + 2 && at(end) == ";"
        ? (end + 1, [Array(text[position...end])]) : nil
    case "'" where at(position + 1) == "'": return (position + 2, [])
    case "-" where at(position + 1) == "-": return (run(position) { text[$0] == "-" }, [])
    case "‘", "’", "“", "”":
      let end = run(position) { Self.quotes[text[$0]] != nil }
      return end > position + 1
        ? (end, [text[position..<end].flatMap { Self.quotes[$0] ?? [] }]) : nil
    case "-" where has("lrb-", at: position + 1) || has("rrb-", at: position + 1):
      return (position + 5, [Array(text[position..<position + 5])])
    case "!", "?":
      let end = run(position) { at($0) == "!" || at($0) == "?" }
      return (end, [Array(text[position..<end])])
    case "*", "_":
      let end = run(position) { text[$0] == text[position] }
      return (end, [Array(text[position..<end])])
    default: return nil
    }
  }

  private static let quotes: [Unicode.Scalar: Scalars] = [
    "‘": ["`"], "’": ["'"], "“": ["`", "`"], "”": ["'", "'"],
  ]

  private static let entities: [(String, [Scalars])] = [
    ("&amp;", [["&"]]), ("&lt;", [["<"]]), ("&gt;", [[">"]]), ("&quot;", []), ("&apos;", []),
    ("&nbsp;", []),
  ]

  func tag(at position: Int) -> (Int, [Scalars])? {
    var start = position + 1
    if let mark = at(start), mark == "/" || mark == "!" || mark == "?" { start += 1 }
    guard isLetter(start) || at(position + 1) == "!" && at(start) == "-" else { return nil }
    let limit = start + 1_024
    let end = run(start) { $0 < limit && (isAlphanumeric($0) || Self.inTags.contains(text[$0])) }
    guard at(end) == ">" else { return nil }
    return (end + 1, Scalars(text[position...end]).words)
  }

  private static let inTags = Set(" _:.-=/\"'?".unicodeScalars)

  func smiley(at position: Int) -> (Int, [Scalars])? {
    var eyes = position
    if at(eyes) == "<" || at(eyes) == ">" { eyes += 1 }
    guard let eye = at(eyes), eye == ":" || eye == ";" || eye == "=" else { return nil }
    var mouth = eyes + 1
    if let nose = at(mouth), nose == "-" || nose == "o" || nose == "*" || nose == "'" {
      if Self.mouths.contains(at(mouth + 1) ?? " ") { mouth += 1 }
    }
    guard let found = at(mouth), Self.mouths.contains(found) else { return nil }
    // "tempo:(slow)" has none.
    if isAlphanumeric(mouth + 1) { return nil }
    let word = text[position...mouth].flatMap {
      $0 == "(" || $0 == ")" ? PTBSymbols.words[$0] ?? [$0] : [$0]
    }
    return (mouth + 1, [word])
  }

  private static let mouths = Set("()DPOdp\\{@|]".unicodeScalars)

  /// "^_^", and the double signs "<<" and ">>".
  func face(at position: Int) -> (Int, [Scalars])? {
    if text[position] == "<" || text[position] == ">", at(position + 1) == text[position] {
      return (position + 2, [Array(text[position...position + 1])])
    }
    let eyes = Set("-^=~<>".unicodeScalars)
    guard at(position + 1) == "_", let second = at(position + 2), eyes.contains(second) else {
      return nil
    }
    return (position + 3, [Array(text[position...position + 2])])
  }
}
