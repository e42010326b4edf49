/// Splits a caption into words, in each metric's way.
enum CaptionWords {
  /// mteval's `13a`, as BLEU uses it; case is kept.
  static func bleu(_ text: Scalars) -> [Scalars] {
    var text = text.replacing("<skipped>", with: "").replacing("-\n", with: "")
      .replacing("\n", with: " ")
    if text.contains("&") {
      for (entity, mark) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
        text = text.replacing(entity, with: mark)
      }
    }
    text.insert(" ", at: 0)
    text.append(" ")
    text = text.padding { isPaddedBy13a($0) }
    text = text.rewritten { text, position, output in
      guard position + 1 < text.count, isPointOrComma(text[position + 1]),
        !text[position].isASCIIDigit
      else { return 0 }
      output += [text[position], " ", text[position + 1], " "]
      return 2
    }
    text = text.rewritten { text, position, output in
      guard isPointOrComma(text[position]), position + 1 < text.count,
        !text[position + 1].isASCIIDigit
      else { return 0 }
      output += [" ", text[position], " ", text[position + 1]]
      return 2
    }
    text = text.rewritten { text, position, output in
      guard text[position].isASCIIDigit, text.has(["-"], at: position + 1) else { return 0 }
      output += [text[position], " ", "-", " "]
      return 2
    }
    return text.words
  }

  private static func isPointOrComma(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "." || scalar == ","
  }

  /// ASCII punctuation except `'`, `,`, `-` and `.`.
  private static func isPaddedBy13a(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x26, 0x28...0x2B, 0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  /// NLTK's `word_tokenize`, keeping case; METEOR compares these in lower case.
  static func treebank(_ text: Scalars) -> [Scalars] {
    SentenceSplitter.sentences(in: text).flatMap(TreebankWords.words(of:))
  }

  /// ROUGE's words: lower-case runs of ASCII letters and digits.
  static func rouge(_ text: Scalars) -> [Scalars] {
    text.lowercased.split { !(("a"..."z").contains($0) || $0.isASCIIDigit) }.map(Array.init)
  }

  /// The words counted for the vocabulary size.
  static func vocabulary(_ text: Scalars) -> [Scalars] {
    text.lowercased.filter { !isPointOrComma($0) }.words
  }

  /// CIDEr-D's words, made of METEOR's. Those of Stanford's tokenizer are `PTBWords`.
  ///
  /// - Parameter treebank: The text's Treebank words, if already known.
  static func cider(_ text: Scalars, treebank: [Scalars]? = nil) -> [Scalars] {
    let isPlain = !text.contains { typography[$0] != nil }
    let words: [Scalars]
    if isPlain {
      words = treebank ?? Self.treebank(text)
    } else {
      words = Self.treebank(
        text.rewritten { text, position, output in
          guard let plain = typography[text[position]] else { return 0 }
          output += plain
          return 1
        })
    }
    return words.compactMap { word in
      if word.count == 1, let bracket = brackets[word[0]] { return bracket }
      let word = word.lowercased
      return droppedByCIDEr.contains(word) ? nil : word
    }
  }

  private static let typography: [Unicode.Scalar: Scalars] = [
    "’": ["'"], "‘": ["`"], "“": ["`", "`"], "”": ["'", "'"], "–": ["-", "-"], "—": ["-", "-"],
    "…": [".", ".", "."],
  ]

  private static let brackets: [Unicode.Scalar: Scalars] = [
    "(": Scalars("-lrb-"), ")": Scalars("-rrb-"), "{": Scalars("-lcb-"), "}": Scalars("-rcb-"),
    "[": Scalars("-lsb-"), "]": Scalars("-rsb-"),
  ]

  private static let droppedByCIDEr = Set(
    ["''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"].map { Scalars($0) })
}

/// Maps words to numbers, so that metrics compare numbers.
struct WordNumbers {
  private var numbers: [Scalars: Int] = [:]
  private(set) var words: [Scalars] = []

  var count: Int { words.count }

  mutating func number(of word: Scalars) -> Int {
    if let known = numbers[word] { return known }
    numbers[word] = words.count
    words.append(word)
    return words.count - 1
  }

  mutating func numbers(of words: [Scalars]) -> [Int] { words.map { number(of: $0) } }
}

/// Maps n-grams to numbers, and counts them in texts.
struct NGramNumbers {
  /// An n-gram's number, keyed by the number of the n-gram without its last word, and that word.
  private var numbers: [UInt64: Int] = [:]

  private(set) var count = 0

  /// The n-grams of `length` 1, 2, … `longest` in a text, as sorted numbers with their counts.
  mutating func counts(of words: [Int], longest: Int = 4) -> [[(number: Int, count: Int)]] {
    var runs = [Int](repeating: -1, count: words.count)
    return (1...longest).map { length in
      let starts = max(0, words.count - length + 1)
      for start in 0..<starts {
        runs[start] = number(of: runs[start], then: words[start + length - 1])
      }
      return Self.counted(runs[..<starts].sorted())
    }
  }

  private mutating func number(of run: Int, then word: Int) -> Int {
    let key = UInt64(run + 1) << 32 | UInt64(word)
    if let known = numbers[key] { return known }
    numbers[key] = count
    count += 1
    return count - 1
  }

  private static func counted(_ sorted: [Int]) -> [(number: Int, count: Int)] {
    var result: [(number: Int, count: Int)] = []
    result.reserveCapacity(sorted.count)
    for number in sorted {
      if let last = result.last, last.number == number {
        result[result.count - 1].count += 1
      } else {
        result.append((number, 1))
      }
    }
    return result
  }
}

/// Calls `body` for each entry that two sorted lists of counts have in common.
@inline(__always)
func forEachCommon(
  _ first: [(number: Int, count: Int)], _ second: [(number: Int, count: Int)],
  _ body: (_ number: Int, _ firstCount: Int, _ secondCount: Int) -> Void
) {
  var (i, j) = (0, 0)
  while i < first.count, j < second.count {
    if first[i].number == second[j].number {
      body(first[i].number, first[i].count, second[j].count)
      i += 1
      j += 1
    } else if first[i].number < second[j].number {
      i += 1
    } else {
      j += 1
    }
  }
}
