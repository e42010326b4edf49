/// A caption split into words, for the filters.
struct FoldedWords {
  private let text: String
  private let written: [String]
  private let words: [String]

  init(_ text: String) {
    self.text = text
    // An apostrophe is part of its word, so that "can't" is one.
    written = text.replacing("\u{2019}", with: "'")
      .split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
    words = written.map { $0.lowercased() }
  }

  var count: Int { words.count }

  var lowercased: [String] { words }

  /// Whether any run of `run` consecutive words of `other` occurs here.
  func repeats(_ other: FoldedWords, run: Int) -> Bool {
    guard words.count >= run, other.words.count >= run else { return false }
    let runs = Set((0...other.words.count - run).map { other.words[$0..<$0 + run] })
    return (0...words.count - run).contains { runs.contains(words[$0..<$0 + run]) }
  }

  /// Whether a name occurs as whole words. A single word must match its capitalization: a band may
  /// be called "Air".
  func names(_ name: String) -> Bool {
    let other = FoldedWords(name)
    switch other.count {
    case 0: return false
    case 1: return written.dropFirst().contains(other.written[0])
    default:
      guard words.count >= other.count else { return false }
      return (0...words.count - other.count).contains {
        words[$0..<$0 + other.count].elementsEqual(other.words)
      }
    }
  }

  var isRefusal: Bool {
    let lowered = " " + words.joined(separator: " ") + " "
    return Self.refusals.contains { lowered.contains(" \($0) ") }
  }

  private static let refusals = [
    "as an ai", "language model", "i'm sorry", "i am sorry", "i apologize", "i cannot", "i can't",
    "i'm unable", "i am unable", "i'm not able", "i do not have", "i don't have", "cannot fulfill",
    "can't fulfill", "unable to provide", "i won't",
  ]

  /// Whether most letters are Latin, and a longer text has some common short English words.
  var isEnglish: Bool {
    let letters = text.unicodeScalars.filter(\.properties.isAlphabetic)
    let foreign = letters.count { $0.value > 0x24F }
    guard foreign * 5 <= letters.count else { return false }
    guard words.count >= 6 else { return true }
    return words.count { Self.smallWords.contains($0) } * 12 >= words.count
  }

  private static let smallWords: Set<String> = [
    "a", "an", "the", "and", "of", "with", "is", "are", "this", "that", "it", "its", "in", "on",
    "to", "for", "by", "from", "as", "at", "has", "features", "featuring", "song", "music", "while",
  ]

  /// The fraction of the tags of which at least one word occurs, compared by stem.
  func coverage(of tags: [String]) -> Double {
    guard !tags.isEmpty else { return 1 }
    let stems = Set(words.map(Self.stem))
    let covered = tags.count { tag in
      let words = FoldedWords(tag).words.filter { !Self.smallWords.contains($0) }
      return words.isEmpty || words.contains { stems.contains(Self.stem($0)) }
    }
    return Double(covered) / Double(tags.count)
  }

  /// Without the most common endings: "energetic" and "energetically", "drum" and "drums" are
  /// equal.
  private static func stem(_ word: String) -> String {
    var word = word
    for ending in ["ically", "ies", "ing", "ly", "ed", "es", "ic", "s", "y", "e"]
    where word.count - ending.count >= 3 && word.hasSuffix(ending) {
      word.removeLast(ending.count)
      break
    }
    return word
  }
}
