/// The patterns of Stanford's tokens. Each method gives the end of the longest token of its kind that
/// begins at a position, or nil.
struct PTBPatterns {
  let text: Scalars
  /// Whether there may be addresses of mail.
  let hasSign: Bool

  init(_ text: Scalars) {
    self.text = text
    hasSign = text.contains("@")
  }

  func at(_ position: Int) -> Unicode.Scalar? {
    position >= 0 && position < text.count ? text[position] : nil
  }

  static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return scalar.value < 0x1_0000
    case .nonspacingMark, .spacingMark: return marks.contains { $0.contains(scalar.value) }
    default: return scalar == "\u{AD}"
    }
  }

  /// Accents and vowels that don't divide a word.
  private static let marks: [ClosedRange<UInt32>] = [
    0x300...0x36F, 0x483...0x487, 0x591...0x5C7, 0x610...0x65E, 0x900...0x939, 0x93C...0x94E,
    0x962...0x963, 0xE31...0xE4E,
  ]

  func isLetter(_ position: Int) -> Bool { at(position).map(Self.isLetter) ?? false }

  func isDigit(_ position: Int) -> Bool { at(position)?.isDecimalDigit ?? false }

  func isAlphanumeric(_ position: Int) -> Bool { isLetter(position) || isDigit(position) }

  func isUpper(_ position: Int) -> Bool {
    at(position).map { ("A"..."Z").contains($0) } ?? false
  }

  func isApostrophe(_ position: Int) -> Bool {
    at(position) == "'" || at(position) == "’" || at(position) == "\u{92}"
  }

  /// The end of a run.
  func run(_ position: Int, _ isMember: (Int) -> Bool) -> Int {
    var end = position
    while end < text.count, isMember(end) { end += 1 }
    return end
  }

  /// Whether a text in lower-case ASCII stands at a position, in whatever case.
  func has(_ word: String, at position: Int) -> Bool {
    var position = position
    for scalar in word.unicodeScalars {
      guard let found = at(position) else { return false }
      let isUpper = ("A"..."Z").contains(found)
      guard found == scalar || isUpper && found.value | 0x20 == scalar.value else { return false }
      position += 1
    }
    return true
  }

  // MARK: Numbers

  /// A number with its sign, points, commas and colons.
  func number(at position: Int) -> Int? {
    var start = position
    if at(start) == "+" || at(start) == "-" { start += 1 }
    var end = run(start) { isDigit($0) }
    while let mark = at(end), mark == "." || mark == "," || mark == ":", isDigit(end + 1) {
      end = run(end + 1) { isDigit($0) }
    }
    guard end > start, isDigit(end - 1) else { return nil }
    // A number before a comma or colon keeps its period, as abbreviations do.
    if let period = periodBeforeMark(end) { return period }
    // "2 1/2"
    if start == position, at(end) == " ", let fraction = fraction(end + 1),
      text[start..<end].allSatisfy(\.isDecimalDigit)
    {
      return fraction
    }
    // "3.x"
    if start == position, at(end) == ".", has("x", at: end + 1), !isAlphanumeric(end + 2),
      text[start..<end].allSatisfy(\.isDecimalDigit)
    {
      return end + 2
    }
    return end
  }

  /// The end of "-x-y" at a position.
  func hyphenated(_ position: Int) -> Int {
    var end = position
    while isHyphen(end), isAlphanumeric(end + 1) { end = run(end + 1) { isAlphanumeric($0) } }
    return end
  }

  func isHyphen(_ position: Int) -> Bool {
    at(position) == "-" || at(position) == "\u{2010}" || at(position) == "\u{2011}"
  }

  /// The end of a period that is followed by a comma, a colon or a semicolon.
  func periodBeforeMark(_ end: Int) -> Int? {
    guard at(end) == ".", let mark = at(end + 1), mark == "," || mark == ";" || mark == ":" else {
      return nil
    }
    return end + 1
  }

  // MARK: Words

  /// A word with the hyphens, slashes, points and apostrophes that belong to it.
  func word(at position: Int) -> Int? {
    if isApostrophe(position) { return apostrophe(at: position) }
    if isUpper(position) {
      let letters = run(position) { isUpper($0) }
      if at(letters) == "$" { return letters + 1 }
      if let end = ampersand(position, letters) { return end }
    }
    guard isAlphanumeric(position) else { return nil }
    let single = withApostrophe(position) ?? thing(position)
    let length = single - position
    if length == 1, "CFcf".unicodeScalars.contains(text[position]), at(single) == "#" {
      return single + 1
    }
    if length == 1, "Cc".unicodeScalars.contains(text[position]), at(single) == "+",
      at(single + 1) == "+"
    {
      return single + 2
    }
    var ends = [single]
    if let end = slashed(position) { ends.append(end) }
    if let end = fraction(position) { ends.append(end) }
    if let end = dotted(position) { ends.append(end) }
    if let end = exclaimed(position) { ends.append(end) }
    if let end = compound(position) { ends.append(end) }
    if let end = abbreviation(position, single) { ends.append(end) }
    let end = ends.max() ?? single
    return periodBeforeMark(end).flatMap { end == single ? $0 : nil } ?? end
  }

  /// "R&B"
  func ampersand(_ position: Int, _ letters: Int) -> Int? {
    guard at(letters) == "&" else { return nil }
    let start = has("&amp;", at: letters) ? letters + 5 : letters + 1
    let end = run(start) { isUpper($0) }
    return end > start ? ampersand(position, end) ?? end : nil
  }

  /// Letters and digits, with hyphens and underscores between them.
  func thing(_ position: Int) -> Int {
    var end = run(position) { isAlphanumeric($0) }
    while isHyphen(end) || at(end) == "_", isAlphanumeric(end + 1) {
      end = run(end + 1) { isAlphanumeric($0) }
    }
    return end
  }

  /// "rock/pop/jazz": two or three words.
  func slashed(_ position: Int) -> Int? {
    func part(_ position: Int) -> Int? {
      let end = run(position) { isAlphanumeric($0) && text[$0].isASCII }
      guard end > position else { return nil }
      var longer = end
      while at(longer) == "-", isLetter(longer + 1) {
        longer = run(longer + 1) { isAlphanumeric($0) && text[$0].isASCII }
      }
      return longer
    }
    guard var end = part(position) else { return nil }
    var count = 1
    while count < 3, at(end) == "/", let next = part(end + 1) {
      end = next
      count += 1
    }
    return count > 1 ? end : nil
  }

  /// "1-1/2"
  func fraction(_ position: Int) -> Int? {
    let whole = run(position) { isDigit($0) }
    let first = at(whole) == "-" ? run(whole + 1) { isDigit($0) } : whole
    guard whole > position, first != whole + 1, at(first) == "/" else { return nil }
    let end = run(first + 1) { isDigit($0) }
    return end > first + 1 ? end : nil
  }

  /// "wow!great": what the tokenizer takes for a name.
  func exclaimed(_ position: Int) -> Int? {
    var end = run(position) { isLetter($0) }
    guard end > position, at(end) == "!" || at(end) == "?" else { return nil }
    var last: Int?
    while at(end) == "!" || at(end) == "?" || at(end) == ".", isLetter(end + 1) {
      end = run(end + 1) { isLetter($0) }
      last = end
    }
    return last
  }

  /// "low,non-tertian", "1,000-year", "J.-S": points and commas before the first hyphen.
  func compound(_ position: Int) -> Int? {
    var end = run(position) { isAlphanumeric($0) }
    var count = 1
    // A longer list is none, and a text that consists of one takes linear time.
    while count < 32, at(end) == "." || at(end) == ",", isAlphanumeric(end + 1) {
      end = run(end + 1) { isAlphanumeric($0) }
      count += 1
    }
    if at(end) == "." { end += 1 }
    let longer = hyphenated(end)
    return longer > end ? longer : nil
  }

  /// "song.The", "U.S.", "a.m.", "J.S.Bach"
  func dotted(_ position: Int) -> Int? {
    guard isLetter(position) else { return nil }
    var end = run(position) { isAlphanumeric($0) }
    var count = 1
    var isAcronym = end == position + 1
    while at(end) == ".", isLetter(end + 1) {
      let next = run(end + 1) { isAlphanumeric($0) }
      if next > end + 2 { isAcronym = false }
      end = next
      count += 1
    }
    guard count > 1 else { return nil }
    let isDegree = ["ph.d.", "ed.d.", "sc.d."].contains {
      end == position + 4 && has($0, at: position)
    }
    guard isAcronym || isDegree, at(end) == "." else { return end }
    // "a.m.-p.m."
    if isHyphen(end + 1), isLetter(end + 2), at(end + 3) == ".", let other = dotted(end + 2) {
      return other
    }
    return end + 1
  }

  /// A word with a period, if that belongs to it.
  func abbreviation(_ position: Int, _ end: Int) -> Int? {
    guard at(end) == ".", text[position..<end].allSatisfy(Self.isLetter) else { return nil }
    let word = String(String.UnicodeScalarView(text[position..<end])).lowercased()
    if PTBAbbreviations.always.contains(word) { return end + 1 }
    if PTBAbbreviations.beforeNumbers.contains(word) {
      let next = run(end + 1) { text[$0].isSpace }
      return isDigit(next) ? end + 1 : nil
    }
    guard end == position + 1, text[position].isASCII else { return nil }
    // A single letter is an initial unless a sentence begins after it.
    let next = run(end + 1) { text[$0].isSpace }
    let nextEnd = run(next) { isLetter($0) }
    guard next > end + 1, next < text.count else { return end + 1 }
    let isStarter =
      text[next] == "<" && tag(at: next) != nil
      || at(nextEnd)?.isSpace ?? true
        && PTBAbbreviations.starters.contains(
          String(String.UnicodeScalarView(text[next..<nextEnd])))
    return isStarter ? nil : end + 1
  }
}
