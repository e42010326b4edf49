import Foundation

/// What BERT's tokenizer does to a text before splitting it: `BertNormalizer` of the `tokenizers`
/// library.
struct BERTNormalizer: Equatable, Sendable {
  /// Drops control characters and turns all white space into spaces.
  var cleansText = true
  /// Puts spaces around CJK ideographs, so that each is a word of its own.
  var separatesIdeographs = true
  var stripsAccents = true
  var lowercases = true

  func callAsFunction(_ text: String) -> [Unicode.Scalar] {
    var scalars = Array(text.unicodeScalars)
    if cleansText { scalars = Self.cleaned(scalars) }
    if separatesIdeographs {
      scalars = scalars.flatMap { $0.isIdeograph ? [" ", $0, " "] : [$0] }
    }
    if stripsAccents { scalars = Self.withoutAccents(scalars) }
    if lowercases {
      // Scalar by scalar, so Σ at the end of a word becomes σ too.
      scalars = scalars.flatMap { scalar in
        scalar.isASCII
          ? [("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar]
          : Array(scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return scalars
  }

  private static func cleaned(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    scalars.compactMap { scalar in
      if ["\t", "\n", "\r"].contains(scalar) { return " " }
      if scalar == "\u{FFFD}" || scalar.category8.isControl { return nil }
      return scalar.properties.isWhitespace ? " " : scalar
    }
  }

  /// Removes the accents that canonical decomposition splits off.
  private static func withoutAccents(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard scalars.contains(where: { !$0.isASCII }) else { return scalars }
    return scalars.rewritingRuns(where: { $0.isASCII || $0.category8 != .unassigned }) { text in
      text.decomposedStringWithCanonicalMapping.unicodeScalars
        .filter { $0.category8 != .nonspacingMark }
    }
  }
}

extension Unicode.Scalar {
  /// The category in Unicode 8.0, whose tables the `tokenizers` library uses for BERT: scalars
  /// assigned later are unassigned there, and so here.
  var category8: Unicode.GeneralCategory {
    switch self {
    // Scalars whose category changed after Unicode 8.0, where it matters.
    case "\u{166D}", "\u{111C9}": return .otherPunctuation
    case "\u{1734}", "\u{1171E}": return .nonspacingMark
    case "\u{1885}", "\u{1886}": return .otherLetter
    case "\u{A9BD}": return .spacingMark
    default: break
    }
    let properties = properties
    let category = properties.generalCategory
    if isASCII || category == .privateUse { return category }
    guard let age = properties.age, age.major <= 8 else { return .unassigned }
    return category
  }

  /// What BERT splits off as a word of its own.
  var isBERTPunctuation: Bool {
    if isASCII {
      switch self {
      case "!"..."/", ":"..."@", "["..."`", "{"..."~": return true
      default: return false
      }
    }
    switch category8 {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return true
    default: return false
    }
  }

  /// BERT's "Chinese characters"; its list lacks U+2B820…2B91F.
  fileprivate var isIdeograph: Bool {
    switch value {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
      0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}

extension Unicode.GeneralCategory {
  fileprivate var isControl: Bool {
    switch self {
    case .control, .format, .privateUse: true
    default: false
    }
  }
}
