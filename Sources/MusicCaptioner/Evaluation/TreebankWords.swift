/// Splits a sentence into words by the Penn Treebank's conventions, with NLTK 3.8.1's improvements.
///
/// The rules rewrite the whole sentence one after another, and their order matters. A rule is
/// skipped if the sentence has none of the scalars it acts on, which is common.
struct TreebankWords {
  private var text: Scalars
  private let occurring: Set<Unicode.Scalar>

  static func words(of sentence: Scalars) -> [Scalars] {
    var words = TreebankWords(text: sentence)
    words.openQuotes()
    words.separatePunctuation()
    words.text.insert(" ", at: 0)
    words.text.append(" ")
    words.closeQuotes()
    words.splitContractions()
    return words.text.words
  }

  private init(text: Scalars) {
    self.text = text
    occurring = Set(text.lazy.filter { Self.triggers.contains($0) })
  }

  private static let triggers = Set("\"`'«“‘„»”’.:,;@#$%&?!*[](){}<>-".unicodeScalars)
  private static let openQuotation: Set<Unicode.Scalar> = ["«", "“", "‘", "„"]
  private static let closeQuotation: Set<Unicode.Scalar> = ["»", "”", "’"]
  private static let separators: Set<Unicode.Scalar> = [";", "@", "#", "$", "%", "&"]
  private static let brackets: Set<Unicode.Scalar> = ["]", "[", "(", ")", "{", "}", "<", ">"]
  private static let beforeOpenQuote: Set<Unicode.Scalar> = [" ", "(", "[", "{", "<"]
  private static let afterFullStop: Set<Unicode.Scalar> = [
    "]", ")", "}", ">", "\"", "'", "»", "”", "’", " ",
  ]
  private static let doubleBacktick = Scalars("``")
  private static let doubleApostrophe = Scalars("''")

  private func has(_ scalars: Unicode.Scalar...) -> Bool {
    scalars.contains { occurring.contains($0) }
  }

  private func hasAny(of set: Set<Unicode.Scalar>) -> Bool { !occurring.isDisjoint(with: set) }

  // MARK: Quotation marks that open

  private mutating func openQuotes() {
    if has("`") || hasAny(of: Self.openQuotation) {
      text = text.rewritten { text, position, output in
        if Self.openQuotation.contains(text[position]) {
          output += [" ", text[position], " "]
          return 1
        }
        let length = text[position...].prefix { $0 == "`" }.count
        if length > 0 { output.appendPadded(text[position..<position + length]) }
        return length
      }
    }
    if text.first == "\"" { text.replaceSubrange(0..<1, with: Self.doubleBacktick) }
    if has("`", "\"") { text = text.replacing("``", with: " `` ") }
    if has("\"", "'") {
      text = text.rewritten { text, position, output in
        guard Self.beforeOpenQuote.contains(text[position]) else { return 0 }
        let isSingle = text.has(["\""], at: position + 1)
        guard isSingle || text.has(Self.doubleApostrophe, at: position + 1) else { return 0 }
        output += [text[position], " ", "`", "`", " "]
        return isSingle ? 2 : 3
      }
    }
    if has("'") {
      text = text.rewritten { text, position, output in
        let letter = position + 1
        guard text[position] == "'", letter < text.count, text[letter].isWordScalar,
          text.isWordBoundary(letter + 1), !Self.beginsClitic(text, at: letter)
        else { return 0 }
        output += ["'", " ", text[letter]]
        return 2
      }
    }
  }

  private static func beginsClitic(_ text: Scalars, at position: Int) -> Bool {
    ["re", "ve", "ll", "m", "t", "s", "d", "n"].contains {
      text.hasIgnoringCase($0, at: position)
    }
  }

  // MARK: Punctuation

  private mutating func separatePunctuation() {
    if has(".") { separateFinalStop() }
    if has(":", ",") {
      text = text.rewritten { text, position, output in
        guard text[position] == ":" || text[position] == ",", position + 1 < text.count,
          !text[position + 1].isDecimalDigit
        else { return 0 }
        output += [" ", text[position], " ", text[position + 1]]
        return 2
      }
      if let last = text.last, last == ":" || last == "," {
        text.removeLast()
        text += [" ", last, " "]
      }
    }
    if has(".") {
      text = text.rewritten { text, position, output in
        let length = text[position...].prefix { $0 == "." }.count
        guard length >= 2 else { return 0 }
        output.appendPadded(text[position..<position + length])
        return length
      }
    }
    if hasAny(of: Self.separators) { text = text.padding { Self.separators.contains($0) } }
    if has("?", "!") { text = text.padding { $0 == "?" || $0 == "!" } }
    if has("'") {
      text = text.rewritten { text, position, output in
        guard text[position] != "'", text.has(["'", " "], at: position + 1) else { return 0 }
        output += [text[position], " ", "'", " "]
        return 3
      }
    }
    if has("*") { text = text.padding { $0 == "*" } }
    if hasAny(of: Self.brackets) { text = text.padding { Self.brackets.contains($0) } }
    if has("-") { text = text.replacing("--", with: " -- ") }
  }

  /// The period at the end of the sentence, before any closing marks.
  private mutating func separateFinalStop() {
    guard let last = text.lastIndex(where: { !$0.isSpace }),
      let stop = text.lastIndex(where: { !$0.isSpace && !Self.afterFullStop.contains($0) }),
      text[stop] == ".", stop > 0, text[stop - 1] != "."
    else { return }
    let tail = text[(stop + 1)...]
    let closers = tail.prefix { Self.afterFullStop.contains($0) }
    // Other white space may only follow the closing marks.
    guard closers.endIndex > last else { return }
    text = Array(text[..<stop]) + [" ", ".", " "] + Array(closers) + [" "]
  }

  // MARK: Quotation marks that close, and clitics

  private mutating func closeQuotes() {
    if hasAny(of: Self.closeQuotation) {
      text = text.padding { Self.closeQuotation.contains($0) }
    }
    if has("'") { text = text.replacing("''", with: " '' ") }
    if has("\"") { text = text.replacing("\"", with: " '' ") }
    guard has("'") else { return }
    splitClitics(["'s", "'S", "'m", "'M", "'d", "'D", "'"])
    splitClitics(["'ll", "'LL", "'re", "'RE", "'ve", "'VE", "n't", "N'T"])
  }

  /// Before a space, and after anything but an apostrophe or a space.
  private mutating func splitClitics(_ clitics: [String]) {
    let clitics = clitics.map { Scalars($0 + " ") }
    text = text.rewritten { text, position, output in
      guard text[position] != "'", text[position] != " ", position + 1 < text.count,
        let clitic = clitics.first(where: { text.has($0, at: position + 1) })
      else { return 0 }
      output += [text[position], " "] + clitic
      return 1 + clitic.count
    }
  }

  // MARK: Contractions

  private static let contractions: [(first: String, second: String)] = [
    ("can", "not"), ("d", "'ye"), ("gim", "me"), ("gon", "na"), ("got", "ta"), ("lem", "me"),
    ("more", "'n"), ("wan", "na"),
  ]

  private mutating func splitContractions() {
    text = text.rewritten { text, position, output in
      switch text[position] {
      case "c", "C", "d", "D", "g", "G", "l", "L", "m", "M", "w", "W": break
      default: return 0
      }
      guard text.isWordBoundary(position) else { return 0 }
      for (first, second) in Self.contractions {
        let end = position + first.utf8.count + second.utf8.count
        guard text.hasIgnoringCase(first + second, at: position), text.isWordBoundary(end),
          first != "wan" || end < text.count && text[end].isSpace
        else { continue }
        let middle = position + first.utf8.count
        output.appendPadded(text[position..<middle])
        output.appendPadded(text[middle..<end])
        return end - position
      }
      return 0
    }
    guard has("'") else { return }
    for verb in ["is", "was"] {
      text = text.rewritten { text, position, output in
        let end = position + 3 + verb.utf8.count
        guard text[position] == " ", text.hasIgnoringCase("'t" + verb, at: position + 1),
          text.isWordBoundary(end)
        else { return 0 }
        let middle = position + 3
        output.appendPadded(text[position + 1..<middle])
        output.appendPadded(text[middle..<end])
        return end - position
      }
    }
  }
}

extension Scalars {
  fileprivate mutating func appendPadded(_ scalars: ArraySlice<Unicode.Scalar>) {
    append(" ")
    append(contentsOf: scalars)
    append(" ")
  }

  /// Whether a word begins or ends before the scalar at `position`: Python's `\b`.
  fileprivate func isWordBoundary(_ position: Int) -> Bool {
    let before = position > 0 && self[position - 1].isWordScalar
    let after = position < count && self[position].isWordScalar
    return before != after
  }

  /// Whether `letters`, given in lower-case ASCII, occur at `position`, ignoring case.
  fileprivate func hasIgnoringCase(_ letters: String, at position: Int) -> Bool {
    var position = position
    for letter in letters.unicodeScalars {
      guard position < count, self[position].isCase(of: letter) else { return false }
      position += 1
    }
    return true
  }
}

extension Unicode.Scalar {
  /// Compares like Python's `re.IGNORECASE`, which equates ſ with s, and ı and İ with i.
  fileprivate func isCase(of letter: Unicode.Scalar) -> Bool {
    if self == letter { return true }
    if isASCII { return ("A"..."Z").contains(self) && value | 0x20 == letter.value }
    return letter == "s" && self == "ſ" || letter == "i" && (self == "ı" || self == "İ")
  }
}
