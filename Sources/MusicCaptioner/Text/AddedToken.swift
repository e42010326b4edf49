/// A token that is matched in the text before anything else, and never split or merged.
///
/// The fields are those of `added_tokens` in a Hugging Face `tokenizer.json`.
struct AddedToken: Equatable, Sendable {
  /// The token's text, as UTF-8.
  var content: [UInt8]
  var id: Int
  /// Matches only where no word character touches it.
  var isSingleWord = false
  /// Also consumes the white space on its left (right).
  var stripsLeft = false
  var stripsRight = false
  /// Matched in the normalized text, after the tokens that are matched in the raw text.
  var isNormalized = true
  /// Left out when decoding without special tokens.
  var isSpecial = true
}

/// Finds added tokens in text, as `AddedVocabulary` of the `tokenizers` library does.
struct AddedTokenMatcher: Sendable {
  enum Segment: Equatable {
    case text(Range<Int>)
    case token(Int)
  }

  /// For each byte, the tokens that begin with it, the longest first.
  private typealias Table = [[AddedToken]]
  /// Tokens of the raw text win over those of the normalized text.
  private let rawTable, normalizedTable: Table?
  private let normalizer: TextNormalizer

  /// - Parameter normalizer: What it makes of a token is what is matched in normalized text.
  init(_ tokens: [AddedToken], normalizer: TextNormalizer) {
    self.normalizer = normalizer
    rawTable = Self.table(tokens.filter { !$0.isNormalized })
    normalizedTable = Self.table(
      tokens.filter(\.isNormalized).map { token in
        var token = token
        token.content = normalizer(token.content)
        return token
      })
  }

  private static func table(_ tokens: [AddedToken]) -> Table? {
    guard !tokens.isEmpty else { return nil }
    var table = Table(repeating: [], count: 256)
    for token in tokens.sorted(by: { $0.content.count > $1.content.count }) {
      if let first = token.content.first { table[Int(first)].append(token) }
    }
    return table
  }

  /// Splits a text at the added tokens, and normalizes what lies between those of the raw text. Empty stretches
  /// are left out.
  ///
  /// - Parameter body: Called with each segment in order, and with the bytes that ranges of text refer to.
  func forEachSegment(of text: [UInt8], _ body: (Segment, [UInt8]) -> Void) {
    guard !text.isEmpty else { return }
    for segment in Self.split(text, text.indices, by: rawTable) {
      guard case .text(let range) = segment else {
        body(segment, text)
        continue
      }
      let piece = normalizer.isEmpty ? text : normalizer(Array(text[range]))
      let pieceRange = normalizer.isEmpty ? range : piece.indices
      for segment in Self.split(piece, pieceRange, by: normalizedTable) { body(segment, piece) }
    }
  }

  private static func split(_ bytes: [UInt8], _ range: Range<Int>, by table: Table?) -> [Segment] {
    guard let table else { return range.isEmpty ? [] : [.text(range)] }
    var segments: [Segment] = []
    var textStart = range.lowerBound
    var position = range.lowerBound
    while position < range.upperBound {
      let rest = bytes[position..<range.upperBound]
      let found = table[Int(bytes[position])].first { rest.starts(with: $0.content) }
      guard let token = found else {
        position += 1
        continue
      }
      var start = position
      var end = position + token.content.count
      // A refused match is skipped as a whole.
      position = end
      if token.isSingleWord, touchesWord(bytes, range, start..<end) { continue }
      if token.stripsLeft {
        while let (scalar, first) = UTF8Text.scalar(in: bytes, endingAt: start, after: textStart),
          ScalarClass(scalar) == .space
        {
          start = first
        }
      }
      if token.stripsRight {
        while end < range.upperBound,
          let (scalar, next) = UTF8Text.scalar(in: bytes, at: end, before: range.upperBound),
          ScalarClass(scalar) == .space
        {
          end = next
        }
      }
      if textStart < start { segments.append(.text(textStart..<start)) }
      segments.append(.token(token.id))
      textStart = end
    }
    if textStart < range.upperBound { segments.append(.text(textStart..<range.upperBound)) }
    return segments
  }

  private static func touchesWord(
    _ bytes: [UInt8], _ range: Range<Int>, _ match: Range<Int>
  ) -> Bool {
    if let (scalar, _) = UTF8Text.scalar(
      in: bytes, endingAt: match.lowerBound, after: range.lowerBound), isWordScalar(scalar)
    {
      return true
    }
    guard match.upperBound < range.upperBound,
      let (scalar, _) = UTF8Text.scalar(
        in: bytes, at: match.upperBound, before: range.upperBound)
    else { return false }
    return isWordScalar(scalar)
  }

  /// `\w` of Unicode Technical Standard 18.
  private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark:
      return true
    default: return properties.isAlphabetic || properties.isJoinControl
    }
  }
}
