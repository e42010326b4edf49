/// The answer to `Instruction.attributePrediction`.
package struct AttributePrediction: Equatable, Sendable {
  /// Tags added by the model.
  package var newAttributes: [String]
  /// A sentence with the given and the new tags.
  package var description: String

  package init(newAttributes: [String], description: String) {
    self.newAttributes = newAttributes
    self.description = description
  }
}

extension AttributePrediction {
  /// Parses a model's answer: the requested dictionary in Python or JSON syntax, alone, in a code
  /// fence or surrounded by prose; or the two names with their values and without braces.
  ///
  /// - Returns: nil if there is no complete description, or the text is so entangled that reading it would
  ///   take too long.
  package init?(parsing answer: String) {
    let scalars = Array(answer.unicodeScalars)
    // The answer may begin with reasoning that contains braces: the first dictionary with a
    // description counts.
    var reader = LenientLiteralReader(scalars)
    for start in scalars.indices where scalars[start] == "{" {
      reader.start(at: start)
      let entries = reader.braces(depth: 0)
      if reader.isExhausted { return nil }
      if let found = entries.flatMap(Self.init) {
        self = found
        return
      }
    }
    for start in Self.nameStarts(in: scalars) {
      reader.start(at: start)
      let entries = reader.entriesWithoutBraces()
      if reader.isExhausted { return nil }
      if let found = Self(entries) {
        self = found
        return
      }
    }
    return nil
  }

  private init?(_ entries: [LenientLiteral.Entry]) {
    var attributes: [String]?
    var description: String?
    for entry in entries {
      switch Self.letters(of: entry.key) {
      case "newattribute", "newattributes", "newtag", "newtags": attributes = entry.value.words
      case "description", "descriptions", "caption", "sentence": description = entry.value.sentence
      default: continue
      }
    }
    guard let description, !description.isEmpty else { return nil }
    self.init(newAttributes: attributes ?? [], description: description)
  }

  private static func letters(of key: String) -> String {
    String(key.lowercased().unicodeScalars.filter { ("a"..."z").contains($0) })
  }

  /// The positions of "new attribute" in any spelling, including an opening quote.
  private static func nameStarts(in scalars: [Unicode.Scalar]) -> [Int] {
    let text = Array("new".unicodeScalars)
    return scalars.indices.filter { index in
      guard index + text.count < scalars.count,
        index == 0 || !scalars[index - 1].properties.isAlphabetic
      else { return false }
      return zip(text, scalars[index...]).allSatisfy { $0 == Unicode.Scalar($1.value | 0x20) }
    }
  }
}

extension LenientLiteral {
  /// The texts of a list, or the parts of a text between commas.
  fileprivate var words: [String] {
    switch self {
    case .text(let text):
      text.split { $0 == "," || $0 == ";" || $0 == "\n" }.map { $0.trimmingASCIIWhitespace() }
        .filter { !$0.isEmpty }
    case .list(let elements): elements.flatMap { $0.scalarWord.map { [$0] } ?? $0.words }
    case .dictionary(let entries): entries.map(\.key)
    case .nothing: []
    }
  }

  private var scalarWord: String? {
    guard case .text(let text) = self else { return nil }
    return text.trimmingASCIIWhitespace()
  }

  /// The text with its lines joined; nil for anything else.
  fileprivate var sentence: String? {
    switch self {
    case .text(let text):
      text.split(whereSeparator: \.isNewline).map { $0.trimmingASCIIWhitespace() }
        .joined(separator: " ").trimmingASCIIWhitespace()
    case .list(let elements) where elements.count == 1: elements[0].sentence
    default: nil
    }
  }
}
