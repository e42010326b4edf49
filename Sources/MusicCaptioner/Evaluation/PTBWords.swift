/// The words of Stanford's PTBTokenizer 3.4.1, with which coco-caption splits captions for CIDEr-D:
/// in lower case, and without punctuation.
///
/// Written from the tokenizer's behavior, not from its source: at each place, the longest token that
/// begins there counts. Docs/Fidelity.md lists the known differences.
struct PTBWords {
  private let text: Scalars
  private let pattern: PTBPatterns
  private var words: [Scalars] = []

  static func words(of text: Scalars) -> [Scalars] {
    var reader = PTBWords(text: text)
    var position = 0
    while position < text.count { position = reader.takeToken(at: position) }
    return reader.words
  }

  private init(text: Scalars) {
    self.text = text
    pattern = PTBPatterns(text)
  }

  private static let punctuation = Set(
    ["''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"].map { Scalars($0) })

  private mutating func add(_ word: Scalars) {
    let word = word.lowercased
    if !word.isEmpty, !Self.punctuation.contains(word) { words.append(word) }
  }

  private mutating func add(_ range: Range<Int>) { add(Array(text[range])) }

  /// Adds the token at `position`, if there is one.
  ///
  /// - Returns: The position after it.
  private mutating func takeToken(at position: Int) -> Int {
    let scalar = text[position]
    if scalar == " " { return position + 1 }
    if let (end, words) = pattern.special(at: position) {
      // The pattern of a tag includes spaces, at which coco-caption splits again.
      self.words += words.map(\.lowercased).filter { word in
        words.count > 1 || !Self.punctuation.contains(word)
      }
      return end
    }
    if let end = pattern.address(at: position) ?? pattern.number(at: position) {
      let word = pattern.word(at: position)
      if (word ?? 0) < end {
        for word in Array(text[position..<end]).words { add(word) }
        return end
      }
    }
    if let end = pattern.word(at: position) { return takeWord(position..<end) }
    if let symbol = PTBSymbols.words[scalar] {
      add(symbol)
    } else if PTBSymbols.isKept(scalar) {
      add([scalar])
    }
    return position + 1
  }

  /// Adds a word, or the two that it consists of.
  private mutating func takeWord(_ range: Range<Int>) -> Int {
    let middle = pattern.split(of: range) ?? range.lowerBound
    add(range.lowerBound..<middle)
    var word = Array(text[middle..<range.upperBound])
    if pattern.isClitic(middle) { word[0] = "'" }
    if middle > range.lowerBound, word.count == 3, word[1] == "’" { word[1] = "'" }
    add(word.count > 1 ? word.lowercased.replacing("&amp;", with: "&") : word)
    return range.upperBound
  }
}
