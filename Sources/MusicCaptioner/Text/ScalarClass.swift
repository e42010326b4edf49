/// The character classes of GPT-2's split pattern: `\p{L}`, `\p{N}`, `\s`, or none of them.
enum ScalarClass: UInt8 {
  case letter, number, space, other

  /// The Unicode version whose tables Hugging Face's tokenizers use. Characters assigned later are
  /// `other` there, and so here, even if the Swift runtime's tables are newer.
  private static let unicodeVersion = (16, 0)

  private static let ascii: [ScalarClass] = (0..<128).map { classify(Unicode.Scalar(UInt8($0))) }

  @inline(__always)
  init(_ scalar: Unicode.Scalar) {
    self = scalar.value < 128 ? Self.ascii[Int(scalar.value)] : Self.classify(scalar)
  }

  private static func classify(_ scalar: Unicode.Scalar) -> ScalarClass {
    let properties = scalar.properties
    let found: ScalarClass
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      found = .letter
    case .decimalNumber, .letterNumber, .otherNumber:
      found = .number
    default:
      return properties.isWhitespace ? .space : .other
    }
    guard let age = properties.age, (age.major, age.minor) <= unicodeVersion else { return .other }
    return found
  }
}
