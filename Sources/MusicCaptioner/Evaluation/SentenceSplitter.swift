/// Splits a text into sentences like NLTK 3.8.1's Punkt with an untrained model.
///
/// NLTK normally loads a model trained on English, which differs only after abbreviations, initials
/// and numbers. The official METEOR of captions can be reproduced without it.
enum SentenceSplitter {
  private static let enders: Set<Unicode.Scalar> = [".", "?", "!"]
  private static let punctuation: Set<Unicode.Scalar> = [
    ")", "\"", ";", "}", "]", "*", ":", "@", "'", "(", "{", "[", "!", "?",
  ]
  private static let notAtWordStart: Set<Unicode.Scalar> = [
    "(", "\"", "`", "{", "[", ":", ";", "&", "#", "*", "@", ")", "}", "]", "-", ",",
  ]
  private static let closers: Set<Unicode.Scalar> = ["\"", "'", ")", "]", "}"]
  private static let neverAfterBreak: Set<Unicode.Scalar> = [";", ":", ",", ".", "!", "?"]

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

  private static func endsSentence(_ token: Scalars, before next: Scalars) -> Bool {
    if token.count == 1, enders.contains(token[0]) { return true }
    guard token.last == ".", !token.hasSuffix([".", "."]) else { return false }
    let isInitial = token.count == 2 && token[0].isWordScalar && !token[0].isDecimalDigit
    guard isInitial || isNumber(token) else { return true }
    if next.count == 1, neverAfterBreak.contains(next[0]) { return false }
    let properties = next[0].properties
    return !(properties.isLowercase || isInitial && properties.isUppercase)
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
