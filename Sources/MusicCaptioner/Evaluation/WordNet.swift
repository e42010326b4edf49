import Foundation

/// The synonyms of WordNet 3.0 (Princeton University), read from its database files.
///
/// Debian's package `wordnet-base` installs them in `/usr/share/wordnet`. Words are looked up like
/// NLTK's corpus reader does. File formats: wndb(5WN).
package struct WordNet: Sendable {
  private let partsOfSpeech: [PartOfSpeech]

  /// Where Debian installs the files.
  package static let standardFolder = URL(fileURLWithPath: "/usr/share/wordnet")

  /// Reads `index.POS`, `data.POS` and `POS.exc` of nouns, verbs, adjectives and adverbs.
  ///
  /// - Throws: `EvaluationError` if one of the files is missing.
  package init(folder: URL) throws(EvaluationError) {
    var parts: [PartOfSpeech] = []
    for (name, detachments) in Self.detachments {
      parts.append(try PartOfSpeech(name, detachments: detachments, folder: folder))
    }
    partsOfSpeech = parts
  }

  /// WordNet in Debian's folder.
  ///
  /// - Throws: `EvaluationError` with the reason `noWordNet` if it isn't there, or why its files
  ///   can't be read.
  package static func standard(
    in folder: URL = standardFolder
  ) throws(EvaluationError) -> WordNet {
    guard PathName.exists(folder.path) else {
      throw EvaluationError(.noWordNet, file: folder.path)
    }
    return try WordNet(folder: folder)
  }

  /// Longer than any word in WordNet, and than any word that detaching suffixes could turn into
  /// one.
  private static let longestWord = 256

  /// The words in all synsets of a lower-case word, in any part of speech, and the word itself.
  /// Words keep their case; multi-word entries are left out.
  func synonyms(of word: Scalars) -> Set<Scalars> {
    var synonyms: Set<Scalars> = [word]
    guard word.count <= Self.longestWord else { return synonyms }
    let bytes = Array(String(String.UnicodeScalarView(word)).utf8)
    for part in partsOfSpeech { part.insertSynonyms(of: bytes, into: &synonyms) }
    return synonyms
  }

  fileprivate typealias Detachment = (ending: [UInt8], replacement: [UInt8])

  private static let detachments: [(name: String, [Detachment])] = [
    (
      "noun",
      [
        ("s", ""), ("ses", "s"), ("ves", "f"), ("xes", "x"), ("zes", "z"), ("ches", "ch"),
        ("shes", "sh"), ("men", "man"), ("ies", "y"),
      ]
    ),
    (
      "verb",
      [
        ("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"),
        ("ing", ""),
      ]
    ),
    ("adj", [("er", ""), ("est", ""), ("er", "e"), ("est", "e")]),
    ("adv", []),
  ].map { name, rules in (name, rules.map { (Array($0.0.utf8), Array($0.1.utf8)) }) }
}

/// The files of nouns, verbs, adjectives or adverbs.
private struct PartOfSpeech: Sendable {
  private let index: [UInt8]
  private let data: [UInt8]
  private let exceptions: [[UInt8]: [[UInt8]]]
  private let detachments: [WordNet.Detachment]

  init(
    _ name: String, detachments: [WordNet.Detachment], folder: URL
  ) throws(EvaluationError) {
    func contents(_ file: String) throws(EvaluationError) -> [UInt8] {
      try EvaluationFile.contents(of: folder.appending(path: file), expected: "WordNet 3.0's files")
    }
    index = try contents("index.\(name)")
    try WordNetLines.check(index, .index, file: folder.appending(path: "index.\(name)").path)
    data = try contents("data.\(name)")
    try WordNetLines.check(data, .data, file: folder.appending(path: "data.\(name)").path)
    self.detachments = detachments
    var exceptions: [[UInt8]: [[UInt8]]] = [:]
    for line in try contents("\(name).exc").split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " ")).map(Array.init)
      if let word = words.first { exceptions[word] = Array(words.dropFirst()) }
    }
    self.exceptions = exceptions
  }

  func insertSynonyms(of word: [UInt8], into synonyms: inout Set<Scalars>) {
    for entry in entries(of: word) {
      for offset in Self.offsets(in: entry) { insertWords(ofSynsetAt: offset, into: &synonyms) }
    }
  }

  /// The index lines of a word's base forms.
  private func entries(of word: [UInt8]) -> [ArraySlice<UInt8>] {
    if let bases = exceptions[word] { return ([word] + bases).compactMap(entry) }
    var forms = detached([word])
    var found = ([word] + forms).compactMap(entry)
    while found.isEmpty, !forms.isEmpty {
      forms = detached(forms)
      found = forms.compactMap(entry)
    }
    return found
  }

  private func detached(_ words: [[UInt8]]) -> [[UInt8]] {
    words.flatMap { word in
      detachments.lazy
        .filter { ending, _ in
          word.count >= ending.count && word.suffix(ending.count) == ending[...]
        }
        .map { ending, replacement in Array(word.dropLast(ending.count)) + replacement }
    }
  }

  /// The line of `lemma` in the index, whose lines are sorted by their bytes.
  private func entry(of lemma: [UInt8]) -> ArraySlice<UInt8>? {
    let (space, newline) = (UInt8(ascii: " "), UInt8(ascii: "\n"))
    guard !lemma.isEmpty, !lemma.contains(space) else { return nil }
    var (low, high) = (0, index.count)
    while low < high {
      let middle = (low + high) / 2
      let start = index[low..<middle].lastIndex(of: newline).map { $0 + 1 } ?? low
      let end = index[middle..<high].firstIndex(of: newline) ?? high
      let key = index[start..<end].prefix { $0 != space }
      // The license's lines begin with a space, which sorts before any lemma.
      if key.elementsEqual(lemma) { return index[start..<end] }
      if key.lexicographicallyPrecedes(lemma) { low = end + 1 } else { high = start }
    }
    return nil
  }

  /// lemma pos synset_count … offset offset …
  private static func offsets(in entry: ArraySlice<UInt8>) -> [Int] {
    let fields = entry.split(separator: UInt8(ascii: " "))
    guard fields.count > 2, let count = number(fields[2], radix: 10), count <= fields.count else {
      return []
    }
    return fields.suffix(max(0, count)).compactMap { number($0, radix: 10) }
  }

  /// offset file pos word_count(hex) (word hex_id)…
  private func insertWords(ofSynsetAt offset: Int, into synonyms: inout Set<Scalars>) {
    guard data.indices.contains(offset) else { return }
    let line = data[offset...].prefix { $0 != UInt8(ascii: "\n") }
    let fields = line.split(separator: UInt8(ascii: " "))
    guard fields.count > 4, let count = Self.number(fields[3], radix: 16) else { return }
    for position in stride(from: 4, to: min(4 + 2 * count, fields.count), by: 2) {
      var word = fields[position]
      if word.last == UInt8(ascii: ")"), let mark = word.firstIndex(of: UInt8(ascii: "(")) {
        word = word[..<mark]
      }
      guard !word.contains(UInt8(ascii: "_")) else { continue }
      synonyms.insert(Scalars(String(decoding: word, as: UTF8.self)))
    }
  }

  private static func number(_ field: ArraySlice<UInt8>, radix: Int) -> Int? {
    Int(String(decoding: field, as: UTF8.self), radix: radix)
  }
}
