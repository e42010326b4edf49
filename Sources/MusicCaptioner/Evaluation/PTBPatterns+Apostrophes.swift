/// Clitics, and words with apostrophes.
extension PTBPatterns {
  /// A token that begins with an apostrophe: a clitic, or a word that has lost its beginning.
  func apostrophe(at position: Int) -> Int? {
    let start = position + 1
    if let end = clitic(position) { return end }
    for word in ["em", "til", "till", "cause"] where has(word, at: start) {
      let end = start + word.utf8.count
      if !isAlphanumeric(end) { return end }
    }
    if text[position] == "'" {
      for word in ["tis", "twas"] where has(word, at: start) {
        let end = start + word.utf8.count
        if !isAlphanumeric(end) { return end }
      }
    }
    if at(start) == "n" || at(start) == "N" {
      if isApostrophe(start + 1) { return start + 2 }
      if !isAlphanumeric(start + 1) { return start + 1 }
    }
    if isDigit(start), isDigit(start + 1), at(start + 2)?.isSpace ?? true { return start + 2 }
    guard let tens = at(start), ("2"..."9").contains(tens), at(start + 1) == "0",
      has("s", at: start + 2)
    else { return nil }
    return start + 3
  }

  /// The end of "'s", "'ll" and the like.
  func clitic(_ position: Int) -> Int? {
    guard isApostrophe(position) else { return nil }
    for clitic in ["ll", "re", "ve", "s", "m", "d"] where has(clitic, at: position + 1) {
      let end = position + 1 + clitic.utf8.count
      // A curly apostrophe can't be a quotation mark that opens.
      if !isAlphanumeric(end) || text[position] != "'" { return end }
    }
    return nil
  }

  func isClitic(_ position: Int) -> Bool { clitic(position) != nil }

  /// A word with an apostrophe inside: "don't", "o'clock", "ma'am".
  func withApostrophe(_ position: Int) -> Int? {
    guard isLetter(position) else { return nil }
    let end = run(position) { isLetter($0) }
    guard isApostrophe(end), !isClitic(end) else { return nil }
    let letters = run(end + 1) { isLetter($0) }
    let count = letters - end - 1
    let last = text[end - 1]
    if count == 1, last == "n" || last == "N", has("t", at: end + 1), !isDigit(letters) {
      return letters
    }
    let isSingle = end == position + 1
    if isSingle, "oOdDlL".unicodeScalars.contains(last), count >= 2 { return hyphenated(letters) }
    if isSingle, count >= 2, "ABCDEFGHJKLMNOPQRSTUVWXZn".unicodeScalars.contains(last) {
      return letters
    }
    for word in [
      "c'mon", "ev'ry", "li'l", "nat'l", "nor'easter", "s'mores", "e'en", "o'er", "e'er",
    ] {
      let parts = word.split(separator: "'")
      if has(String(parts[0]), at: position), end == position + parts[0].utf8.count,
        has(String(parts[1]), at: end + 1), count == parts[1].utf8.count
      {
        return letters
      }
    }
    if end > position, count >= 1, "aeiouyAEIOUY".unicodeScalars.contains(last),
      isUpper(end + 1) || "aeiou".unicodeScalars.contains(text[end + 1]), !isSingle
    {
      return letters
    }
    for word in ["ol", "somethin", "dunkin"]
    where has(word, at: position) && end == position + word.utf8.count {
      return end + 1
    }
    // "y'all", "j'ai"
    if isSingle, "lLdDjJ".unicodeScalars.contains(last) { return end + 1 }
    if isSingle, last == "y" || last == "Y", count > 0 { return end + 1 }
    return nil
  }

  /// Where a word is divided in two: "do|n't", "can|not".
  func split(of range: Range<Int>) -> Int? {
    let count = range.count
    if count > 3, isApostrophe(range.upperBound - 2), has("t", at: range.upperBound - 1),
      has("n", at: range.upperBound - 3)
    {
      return range.upperBound - 3
    }
    for (word, middle) in Self.joined
    where count == word.utf8.count && has(word, at: range.lowerBound) {
      return range.lowerBound + middle
    }
    return nil
  }

  private static let joined = [
    ("cannot", 3), ("gonna", 3), ("gotta", 3), ("lemme", 3), ("gimme", 3), ("wanna", 3),
    ("'tis", 2), ("'twas", 2),
  ]
}
