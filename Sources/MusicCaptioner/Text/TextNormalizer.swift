import Foundation

/// What a tokenizer does to a text before splitting it: the `normalizer` of a `tokenizer.json`.
struct TextNormalizer: Sendable {
  enum Step: Sendable, Equatable {
    case unicode(UnicodeForm)
    /// Scalar by scalar, so Σ at the end of a word becomes σ too.
    case lowercase
    case strip(left: Bool, right: Bool)
    /// Drops all combining marks.
    case stripMarks
    case replace([UInt8], with: [UInt8])
    case prepend(String)
    case bert(BERTNormalizer)
  }

  enum UnicodeForm: String, Sendable, CaseIterable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"
  }

  var steps: [Step] = []
  /// As it stands in the file.
  var json = JSONValue.null

  var isEmpty: Bool { steps.isEmpty }

  /// - Parameter text: Valid UTF-8.
  func callAsFunction(_ text: [UInt8]) -> [UInt8] {
    steps.reduce(text) { text, step in Self.apply(step, to: text) }
  }

  private static func apply(_ step: Step, to text: [UInt8]) -> [UInt8] {
    switch step {
    case .unicode(let form):
      // Most texts have nothing to normalize.
      text.allSatisfy({ $0 < 0x80 }) ? text : utf8(normalized(scalars(text), form))
    case .lowercase: utf8(lowercased(scalars(text)))
    case .strip(let left, let right): stripped(text, left: left, right: right)
    case .stripMarks: utf8(scalars(text).filter { !$0.isMark })
    case .replace(let pattern, let replacement):
      UTF8Text.replacing(pattern, with: replacement, in: text)
    case .prepend(let prefix): text.isEmpty ? text : prefix.utf8 + text
    case .bert(let normalizer): utf8(normalizer(String(decoding: text, as: UTF8.self)))
    }
  }

  private static func scalars(_ text: [UInt8]) -> String.UnicodeScalarView {
    String(decoding: text, as: UTF8.self).unicodeScalars
  }

  private static func utf8(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt8] {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return Array(String(view).utf8)
  }

  private static func lowercased(_ scalars: String.UnicodeScalarView) -> [Unicode.Scalar] {
    scalars.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }
  }

  private static func stripped(_ text: [UInt8], left: Bool, right: Bool) -> [UInt8] {
    var (start, end) = (0, text.count)
    while left, start < end, let (scalar, next) = UTF8Text.scalar(in: text, at: start, before: end),
      scalar.properties.isWhitespace
    {
      start = next
    }
    while right, start < end,
      let (scalar, first) = UTF8Text.scalar(in: text, endingAt: end, after: start),
      scalar.properties.isWhitespace
    {
      end = first
    }
    return Array(text[start..<end])
  }

  // MARK: Unicode's normal forms

  /// As the `tokenizers` library does it, with the tables of its version of Unicode.
  private static func normalized(
    _ scalars: String.UnicodeScalarView, _ form: UnicodeForm
  ) -> String.UnicodeScalarView {
    scalars.rewritingRuns(where: \.isKnownToNormalizers) { text in
      // Foundation leaves a Hangul syllable and the final consonant after it apart, unless both are in pieces.
      let normalized =
        switch form {
        case .nfc: text.decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
        case .nfd: text.decomposedStringWithCanonicalMapping
        case .nfkc:
          text.decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
        case .nfkd: text.decomposedStringWithCompatibilityMapping
        }
      return Array(normalized.unicodeScalars)
    }
  }
}

extension Unicode.Scalar {
  /// Whether it has a meaning in Unicode 9, whose tables the `tokenizers` library normalizes with.
  fileprivate var isKnownToNormalizers: Bool {
    isASCII || properties.age.map { $0.major <= 9 } ?? true
  }

  fileprivate var isMark: Bool {
    guard isKnownToNormalizers else { return false }
    return switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }
}

extension TextNormalizer {
  /// - Parameter file: A `tokenizer.json`.
  /// - Throws: ``TokenizerError`` where its normalizer does something that can't be done here.
  init(_ file: TokenizerFields) throws(TokenizerError) {
    for part in try file.parts("normalizer", list: "normalizers") {
      steps.append(try Self.step(part))
    }
    json = file.json["normalizer"] ?? .null
    // Replacements that lengthen each other's results fill any memory.
    guard growth <= Self.maximumGrowth else {
      throw file.unsupported(
        "normalizer",
        expected: "replacements that lengthen a text \(Self.maximumGrowth) times at most",
        found: "longer ones")
    }
  }

  private static let maximumGrowth = 64

  /// How many times as long a text may become by texts put into it; a bound that is large enough suffices.
  private var growth: Int {
    steps.reduce(1) { product, step in
      let factor =
        switch step {
        case .replace(let pattern, let replacement):
          max(1, (replacement.count + pattern.count - 1) / max(1, pattern.count))
        case .prepend(let prefix): 1 + prefix.utf8.count / 16
        default: 1
        }
      return min(product, maximumStepProduct) * min(factor, maximumStepProduct)
    }
  }

  private var maximumStepProduct: Int { Self.maximumGrowth + 1 }

  private static func step(_ fields: TokenizerFields) throws(TokenizerError) -> Step {
    let type = fields.json["type"]
    if case .text(let name)? = type, let form = UnicodeForm(rawValue: name) {
      return .unicode(form)
    }
    switch type {
    case .text("Lowercase"): return .lowercase
    case .text("Strip"):
      return .strip(left: try fields.flag("strip_left"), right: try fields.flag("strip_right"))
    case .text("StripAccents"): return .stripMarks
    case .text("Replace"):
      guard case .text(let pattern)? = fields.json["pattern"]?["String"] else {
        throw fields.unsupported("pattern", expected: "a text", found: "a regular expression")
      }
      return .replace(Array(pattern.utf8), with: try fields.text("content"))
    case .text("Prepend"):
      return .prepend(String(decoding: try fields.text("prepend"), as: UTF8.self))
    case .text("BertNormalizer"): return .bert(try BERTNormalizer(fields))
    default:
      throw fields.unsupported(
        "type",
        expected: "NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Replace, Prepend, "
          + "BertNormalizer or a Sequence of them", found: type?.kind ?? "missing")
    }
  }
}

extension BERTNormalizer {
  /// - Parameter fields: A normalizer of the type `BertNormalizer`.
  init(_ fields: TokenizerFields) throws(TokenizerError) {
    lowercases = try fields.flag("lowercase")
    cleansText = try fields.flag("clean_text")
    separatesIdeographs = try fields.flag("handle_chinese_chars")
    // In BERT, null means to strip accents if letters are lowercased.
    stripsAccents =
      [nil, .null].contains(fields.json["strip_accents"])
      ? lowercases : try fields.flag("strip_accents")
  }
}
