/// Splits a text into sentences like NLTK 3.8.1's Punkt with its model of English, on which METEOR's
/// words depend: only the period at a sentence's end is a word of its own.
enum SentenceSplitter {
  private static let enders: Set<Unicode.Scalar> = [".", "?", "!"]
  private static let punctuation: Set<Unicode.Scalar> = [
    ")", "\"", ";", "}", "]", "*", ":", "@", "'", "(", "{", "[", "!", "?",
  ]
  private static let notAtWordStart: Set<Unicode.Scalar> = [
    "(", "\"", "`", "{", "[", ":", ";", "&", "#", "*", "@", ")", "}", "]", "-", ",",
  ]
  private static let closers: Set<Unicode.Scalar> = ["\"", "'", ")", "]", "}"]
  fileprivate static let neverAfterBreak: Set<Unicode.Scalar> = [";", ":", ",", ".", "!", "?"]

  static func sentences(in text: Scalars) -> [Scalars] {
    var slices: [Range<Int>] = []
    var start = 0
    for candidate in candidates(in: text) where breaks(text[candidate.context]) {
      slices.append(start..<candidate.position + 1)
      start = candidate.nextSentence
    }
    slices.append(start..<max(start, text.trimmedAtEnd.count))
    return realigned(slices, in: text).filter { !$0.isEmpty }.map { Array(text[$0]) }
  }

  // MARK: Where a sentence may end

  private struct Candidate {
    /// The position of the period, question mark or exclamation mark.
    let position: Int
    /// From the word before it to the text after it.
    let context: Range<Int>
    let nextSentence: Int
  }

  /// Marks before punctuation or another word; only the last mark of each word.
  private static func candidates(in text: Scalars) -> [Candidate] {
    var kept: [Candidate] = []
    var previous: Candidate?
    for position in text.indices where enders.contains(text[position]) {
      guard let (end, nextSentence) = tail(of: position, in: text) else { continue }
      var wordStart = previous?.context.lowerBound ?? 0
      let from = previous?.position ?? 0
      if let space = text[from..<position].lastIndex(where: isASCIISpace), space > from {
        wordStart = space + 1
      }
      if let previous, previous.position <= wordStart { kept.append(previous) }
      previous = Candidate(
        position: position, context: wordStart..<end, nextSentence: nextSentence)
    }
    if let previous { kept.append(previous) }
    return kept
  }

  /// The end of what follows the mark, and the start of the next sentence; nil if nothing follows
  /// that allows a sentence to end.
  private static func tail(of position: Int, in text: Scalars) -> (end: Int, nextSentence: Int)? {
    let next = position + 1
    guard next < text.count else { return nil }
    if punctuation.contains(text[next]) { return (next + 1, next) }
    guard text[next].isSpace, let word = text[next...].firstIndex(where: { !$0.isSpace }) else {
      return nil
    }
    return (text[word...].firstIndex(where: \.isSpace) ?? text.count, word)
  }

  private static func isASCIISpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || (0x09...0x0D).contains(scalar.value)
  }

  // MARK: Whether it ends there

  private static func breaks(_ context: ArraySlice<Unicode.Scalar>) -> Bool {
    let tokens = context.split(separator: "\n").flatMap { Self.tokens(of: Array($0)) }
    return zip(tokens, tokens.dropFirst()).contains { token, next in
      endsSentence(token, before: next)
    }
  }

  /// Whether a sentence ends with `token`, by its own look and by the word after it (Kiss and Strunk
  /// 2006, section 4).
  private static func endsSentence(_ token: Scalars, before next: Scalars) -> Bool {
    if token.count == 1, enders.contains(token[0]) { return true }
    guard token.last == "." else { return false }
    let isEllipsis = token.allSatisfy { $0 == "." }
    let isNumber = isNumber(token)
    let word = text(token.dropLast()).lowercased()
    let isAbbreviation = isAbbreviation(word)
    let follower = Follower(next, type: type(of: next))
    if PunktEnglish.collocations.contains((isNumber ? "#" : word) + "/" + follower.type) {
      return false
    }
    let isInitial = token.count == 2 && token[0].isWordScalar && !token[0].isDecimalDigit
    if isAbbreviation || isEllipsis, !isInitial { return follower.beginsSentence }
    guard !isAbbreviation, !token.hasSuffix([".", "."]) else { return false }
    guard isInitial || isNumber else { return true }
    return !(follower.continuesSentence || isInitial && follower.isName)
  }

  /// A word after a period.
  private struct Follower {
    let type: String
    private let isPunctuation: Bool
    private let isUpper: Bool
    private let isLower: Bool

    init(_ token: Scalars, type: String) {
      self.type = type
      isPunctuation = token.count == 1 && SentenceSplitter.neverAfterBreak.contains(token[0])
      isUpper = token[0].properties.isUppercase
      isLower = token[0].properties.isLowercase
    }

    private var isCommon: Bool { PunktEnglish.commonWords.contains(type) }

    /// Whether it is capitalized because a sentence begins.
    var beginsSentence: Bool {
      isUpper && !isPunctuation && (isCommon || PunktEnglish.sentenceStarters.contains(type))
    }

    /// Whether it can't begin a sentence.
    var continuesSentence: Bool {
      isPunctuation || isLower && !PunktEnglish.lowerCaseStarters.contains(type)
    }

    /// Whether it is always capitalized.
    var isName: Bool { isUpper && !isCommon && !PunktEnglish.wordsAndNames.contains(type) }
  }

  private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  /// The word that a token stands for: in lower case, without the period that ends a sentence, and
  /// "#" for a number.
  private static func type(of token: Scalars) -> String {
    if isNumber(token) { return "#" }
    let lower = token.lowercased
    guard token.count > 1, token.last == ".", !token.hasSuffix([".", "."]) else {
      return text(lower)
    }
    let word = text(lower.dropLast())
    return isAbbreviation(word) ? word + "." : word
  }

  /// Whether a word keeps its period: itself, or what follows its last hyphen.
  private static func isAbbreviation(_ word: String) -> Bool {
    let last = word.split(separator: "-", omittingEmptySubsequences: false).last ?? ""
    // A spaced ellipsis, ". . .", counts as one too.
    return word == ". . " || PunktEnglish.abbreviations.contains(word)
      || PunktEnglish.abbreviations.contains(String(last))
  }

  /// `-?[.,]?\d[\d,.-]*`
  private static func isNumber(_ token: Scalars) -> Bool {
    var position = token.first == "-" ? 1 : 0
    if position < token.count, token[position] == "." || token[position] == "," { position += 1 }
    guard position < token.count, token[position].isDecimalDigit else { return false }
    return token[position...].allSatisfy {
      $0.isDecimalDigit || $0 == "," || $0 == "." || $0 == "-"
    }
  }

  private static func tokens(of line: Scalars) -> [Scalars] {
    var tokens: [Scalars] = []
    var position = 0
    while position < line.count {
      guard !line[position].isSpace else {
        position += 1
        continue
      }
      var end = position + max(1, runLength(at: position, in: line))
      if end == position + 1, !notAtWordStart.contains(line[position]) {
        end = wordEnd(from: position, in: line)
      }
      tokens.append(Array(line[position..<end]))
      position = end
    }
    return tokens
  }

  /// The length of a run of several hyphens, of several periods, or of periods separated by spaces;
  /// 0 if there is none.
  private static func runLength(at position: Int, in line: Scalars) -> Int {
    guard position < line.count, line[position] == "-" || line[position] == "." else { return 0 }
    var end = position
    while end < line.count, line[end] == line[position] { end += 1 }
    if end - position >= 2 { return end - position }
    guard line[position] == "." else { return 0 }
    end = position
    while end + 1 < line.count, line[end] == ".", line[end + 1].isSpace { end += 2 }
    if end < line.count, line[end] == ".", end - position >= 4 { return end + 1 - position }
    // The last "period, space" may have to give its period to the end of the run.
    return end - position >= 6 ? end - 1 - position : 0
  }

  private static func wordEnd(from start: Int, in line: Scalars) -> Int {
    func ends(at position: Int) -> Bool {
      position == line.count || line[position].isSpace || punctuation.contains(line[position])
        || runLength(at: position, in: line) > 0
    }
    var position = start + 1
    while !ends(at: position), !(line[position] == "," && ends(at: position + 1)) { position += 1 }
    return position
  }

  // MARK: Closing marks belong to the sentence before

  private static func realigned(_ slices: [Range<Int>], in text: Scalars) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var skipped = 0
    for (index, slice) in slices.enumerated() {
      let start = min(slice.lowerBound + skipped, slice.upperBound)
      skipped = 0
      var end = slice.upperBound
      if index + 1 < slices.count {
        let next = slices[index + 1]
        let run = text[next].prefix { closers.contains($0) }.endIndex
        if run > next.lowerBound {
          let spaces = text[run..<next.upperBound].prefix(while: \.isSpace).endIndex
          if spaces > run || run == next.upperBound
            || Array(text[next]).has(["-", "-"], at: run - next.lowerBound)
          {
            end = run
            skipped = spaces - next.lowerBound
          }
        }
      }
      result.append(start..<end)
    }
    return result
  }
}
