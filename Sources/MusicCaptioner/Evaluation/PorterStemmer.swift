/// Word stems by Martin Porter's algorithm of 1980 ("An algorithm for suffix stripping", Program
/// 14.3), in the version of NLTK 3.8.1. Comments with `NLTK` mark its changes.
enum PorterStemmer {
  /// The stem of a lower-case word.
  static func stem(of word: Scalars) -> Scalars {
    if let irregular = irregularStems[word] { return irregular }
    guard word.count > 2 else { return word }
    var stem = step1a(word)
    stem = step1b(stem)
    stem = step1c(stem)
    stem = step2(stem)
    stem = apply(step3, to: stem) { $0.measure > 0 }
    stem = step4(stem)
    stem = step5a(stem)
    return step5b(stem)
  }

  /// NLTK.
  private static let irregularStems: [Scalars: Scalars] = {
    let stems = [
      "sky": ["sky", "skies"], "die": ["dying"], "lie": ["lying"], "tie": ["tying"],
      "news": ["news"], "inning": ["inning", "innings"], "outing": ["outing", "outings"],
      "canning": ["canning", "cannings"], "howe": ["howe"], "proceed": ["proceed"],
      "exceed": ["exceed"], "succeed": ["succeed"],
    ]
    var result: [Scalars: Scalars] = [:]
    for (stem, words) in stems {
      for word in words { result[Scalars(word)] = Scalars(stem) }
    }
    return result
  }()

  private struct Rule {
    let suffix: Scalars
    let replacement: Scalars

    init(_ suffix: String, _ replacement: String = "") {
      self.suffix = Scalars(suffix)
      self.replacement = Scalars(replacement)
    }
  }

  /// The first rule whose suffix matches decides: it is applied if its condition holds for the
  /// stem.
  private static func apply(
    _ rules: [Rule], to word: Scalars, where condition: (Stem) -> Bool
  ) -> Scalars {
    for rule in rules where word.hasSuffix(rule.suffix) {
      let stem = Stem(word.dropLast(rule.suffix.count))
      return condition(stem) ? stem.scalars + rule.replacement : word
    }
    return word
  }

  private static let ies = Scalars("ies")
  private static let ied = Scalars("ied")
  private static let eed = Scalars("eed")
  private static let alli = Scalars("alli")
  private static let logi = Scalars("logi")
  private static let ion = Scalars("ion")
  private static let ll = Scalars("ll")

  private static let step1aRules = [
    Rule("sses", "ss"), Rule("ies", "i"), Rule("ss", "ss"), Rule("s"),
  ]

  private static func step1a(_ word: Scalars) -> Scalars {
    if word.count == 4, word.hasSuffix(ies) { return word.dropLast() }  // NLTK
    return apply(step1aRules, to: word) { _ in true }
  }

  private static let pastOrProgressive = [Scalars("ed"), Scalars("ing")]
  private static let step1bRules = [Rule("at", "ate"), Rule("bl", "ble"), Rule("iz", "ize")]

  private static func step1b(_ word: Scalars) -> Scalars {
    if word.hasSuffix(ied) { return word.dropLast(word.count == 4 ? 1 : 2) }  // NLTK
    if word.hasSuffix(eed) {
      return Stem(word.dropLast(3)).measure > 0 ? word.dropLast() : word
    }
    for suffix in pastOrProgressive where word.hasSuffix(suffix) {
      let stem = Stem(word.dropLast(suffix.count))
      guard stem.hasVowel else { continue }
      if step1bRules.contains(where: { stem.scalars.hasSuffix($0.suffix) }) {
        return stem.scalars + ["e"]
      }
      if stem.endsInDoubleConsonant {
        let isKept = stem.scalars.last.map { ["l", "s", "z"].contains($0) } ?? true
        return isKept ? stem.scalars : stem.scalars.dropLast()
      }
      return stem.measure == 1 && stem.endsInShortSyllable ? stem.scalars + ["e"] : stem.scalars
    }
    return word
  }

  /// NLTK: after any consonant that is not the first letter, with or without a vowel before it.
  private static func step1c(_ word: Scalars) -> Scalars {
    guard word.count > 2, word.last == "y", Stem(word.dropLast()).endsInConsonant else {
      return word
    }
    return word.dropLast() + ["i"]
  }

  private static let step2Rules = [
    Rule("ational", "ate"), Rule("tional", "tion"), Rule("enci", "ence"), Rule("anci", "ance"),
    Rule("izer", "ize"), Rule("bli", "ble"), Rule("alli", "al"), Rule("entli", "ent"),
    Rule("eli", "e"), Rule("ousli", "ous"), Rule("ization", "ize"), Rule("ation", "ate"),
    Rule("ator", "ate"), Rule("alism", "al"), Rule("iveness", "ive"), Rule("fulness", "ful"),
    Rule("ousness", "ous"), Rule("aliti", "al"), Rule("iviti", "ive"), Rule("biliti", "ble"),
    Rule("fulli", "ful"),
  ]

  private static func step2(_ word: Scalars) -> Scalars {
    if word.hasSuffix(alli), Stem(word.dropLast(4)).measure > 0 {  // NLTK
      return step2(word.dropLast(2))
    }
    if word.hasSuffix(logi) {  // NLTK
      return Stem(word.dropLast(3)).measure > 0 ? word.dropLast() : word
    }
    return apply(step2Rules, to: word) { $0.measure > 0 }
  }

  private static let step3 = [
    Rule("icate", "ic"), Rule("ative"), Rule("alize", "al"), Rule("iciti", "ic"),
    Rule("ical", "ic"), Rule("ful"), Rule("ness"),
  ]

  private static let step4Rules = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
  ].map { Rule($0) }

  private static func step4(_ word: Scalars) -> Scalars {
    let endsInIon = word.hasSuffix(ion)
    return apply(step4Rules, to: word) { stem in
      stem.measure > 1 && (!endsInIon || stem.scalars.last == "s" || stem.scalars.last == "t")
    }
  }

  private static func step5a(_ word: Scalars) -> Scalars {
    guard word.last == "e" else { return word }
    let stem = Stem(word.dropLast())
    let measure = stem.measure
    return measure > 1 || measure == 1 && !stem.endsInShortSyllable ? stem.scalars : word
  }

  private static func step5b(_ word: Scalars) -> Scalars {
    word.hasSuffix(ll) && Stem(word.dropLast()).measure > 1 ? word.dropLast() : word
  }
}

/// The conditions of Porter's rules on the rest of a word.
private struct Stem {
  let scalars: Scalars
  /// Whether each letter is a consonant: not a, e, i, o or u, and not a y after a consonant.
  private let isConsonant: [Bool]

  init(_ scalars: Scalars) {
    self.scalars = scalars
    var isConsonant: [Bool] = []
    isConsonant.reserveCapacity(scalars.count)
    for scalar in scalars {
      switch scalar {
      case "a", "e", "i", "o", "u": isConsonant.append(false)
      case "y": isConsonant.append(isConsonant.last.map { !$0 } ?? true)
      default: isConsonant.append(true)
      }
    }
    self.isConsonant = isConsonant
  }

  /// Porter's m: how often a consonant follows a vowel.
  var measure: Int { zip(isConsonant, isConsonant.dropFirst()).count { !$0 && $1 } }

  var hasVowel: Bool { isConsonant.contains(false) }

  var endsInConsonant: Bool { isConsonant.last ?? false }

  /// Porter's *d.
  var endsInDoubleConsonant: Bool {
    endsInConsonant && scalars.count >= 2 && scalars.last == scalars[scalars.count - 2]
  }

  /// Porter's *o: consonant, vowel, consonant, where the last is not w, x or y. NLTK also accepts
  /// just vowel and consonant.
  var endsInShortSyllable: Bool {
    let count = scalars.count
    if count == 2 { return !isConsonant[0] && isConsonant[1] }
    guard count >= 3, isConsonant[count - 3], !isConsonant[count - 2], isConsonant[count - 1],
      let last = scalars.last
    else { return false }
    return !["w", "x", "y"].contains(last)
  }
}
