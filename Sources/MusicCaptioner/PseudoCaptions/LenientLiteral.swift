/// A value as Python or JSON would write it.
indirect enum LenientLiteral: Equatable {
  struct Entry: Equatable {
    var key: String
    var value: LenientLiteral
  }

  case text(String)
  case list([LenientLiteral])
  case dictionary([Entry])
  case nothing
}

/// Parses the dictionaries that language models write: Python, JSON or typographic quotes,
/// unescaped apostrophes, trailing commas, tuples, missing closing braces. A text that breaks off
/// is rejected: half a sentence is not a caption.
///
/// A text may be read from several starts, and in part more than once from each. All reading together is
/// limited to a multiple of the text's length, so that no text takes long: past that, nothing more is found.
struct LenientLiteralReader {
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var stepsLeft: Int
  private static let maximumDepth = 16
  /// Real answers are read about twice.
  private static let stepsPerScalar = 32

  init(_ scalars: [Unicode.Scalar]) {
    self.scalars = scalars
    stepsLeft = Self.stepsPerScalar * scalars.count
  }

  /// Whether it stopped before its end: what it returned may be cut.
  var isExhausted: Bool { stepsLeft <= 0 }

  /// Goes to where a literal may begin.
  mutating func start(at position: Int) { self.position = position }

  private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  /// Goes on by some scalars, or to the end once too many have been read.
  private mutating func advance(by count: Int = 1) {
    stepsLeft -= count
    position = isExhausted ? scalars.count : position + count
  }

  /// A dictionary, starting at its opening brace, or nil. The closing brace may be missing at the
  /// end.
  mutating func braces(depth: Int) -> [LenientLiteral.Entry]? {
    guard depth < Self.maximumDepth, current == "{" else { return nil }
    advance()
    var entries: [LenientLiteral.Entry] = []
    while true {
      skipBlank(andCommas: true)
      guard let scalar = current else { return entries }
      if scalar == "}" {
        advance()
        return entries
      }
      guard let entry = entry(depth: depth, endsAtLine: false) else { return nil }
      entries.append(entry)
    }
  }

  /// Names and values without braces: `new_attribute: […]`, a line break, `description: …`.
  mutating func entriesWithoutBraces() -> [LenientLiteral.Entry] {
    var entries: [LenientLiteral.Entry] = []
    while current != nil {
      skipBlank(andCommas: true)
      while let scalar = current, "-*#".unicodeScalars.contains(scalar) || scalar == " " {
        advance()
      }
      let start = position
      if let entry = entry(depth: 0, endsAtLine: true) {
        entries.append(entry)
      } else {
        // Prose in between: skip to the next line.
        position = start
        while let scalar = current, scalar != "\n" { advance() }
      }
    }
    return entries
  }

  private mutating func entry(depth: Int, endsAtLine: Bool) -> LenientLiteral.Entry? {
    guard let key = key() else { return nil }
    skipBlank(andCommas: false)
    while current == "*" { advance() }  // **description**: …
    guard current == ":" || current == "=" else { return nil }
    advance()
    while current == "*" { advance() }
    skipBlank(andCommas: false)
    guard let value = value(depth: depth + 1, endsAtLine: endsAtLine) else { return nil }
    return LenientLiteral.Entry(key: key, value: value)
  }

  private mutating func key() -> String? {
    if let scalar = current, Self.closing(of: scalar) != nil { return quoted() }
    var name = String.UnicodeScalarView()
    while let scalar = current, name.count < 40 {
      guard scalar.properties.isAlphabetic || scalar == "_" || scalar == " " || scalar == "-"
      else { break }
      name.append(scalar)
      advance()
    }
    return name.isEmpty ? nil : String(name).trimmingASCIIWhitespace()
  }

  private mutating func value(depth: Int, endsAtLine: Bool) -> LenientLiteral? {
    guard let scalar = current, depth < Self.maximumDepth else { return nil }
    switch scalar {
    case "[", "(": return list(depth: depth, closing: scalar == "[" ? "]" : ")")
    case "{":
      if startsSet() { return list(depth: depth, closing: "}") }
      return braces(depth: depth).map(LenientLiteral.dictionary)
    default:
      if Self.closing(of: scalar) != nil { return texts() }
      return bare(endsAtLine: endsAtLine)
    }
  }

  /// Whether what is in braces has no name before its first value. Then it is a set, as some models write lists.
  private mutating func startsSet() -> Bool {
    let start = position
    defer { if !isExhausted { position = start } }
    advance()
    skipBlank(andCommas: true)
    guard current != nil, current != "}" else { return false }
    guard key() != nil else { return true }
    skipBlank(andCommas: false)
    return current != ":" && current != "="
  }

  private mutating func list(depth: Int, closing: Unicode.Scalar) -> LenientLiteral? {
    advance()
    var elements: [LenientLiteral] = []
    while true {
      skipBlank(andCommas: true)
      guard let scalar = current else { return .list(elements) }
      if scalar == closing {
        advance()
        return .list(elements)
      }
      if scalar == "}" || scalar == "]" || scalar == ")" { return .list(elements) }
      guard let element = value(depth: depth + 1, endsAtLine: true) else { return nil }
      if element != .nothing { elements.append(element) }
    }
  }

  /// Adjacent texts are joined, as in Python.
  private mutating func texts() -> LenientLiteral? {
    guard var text = quoted() else { return nil }
    while true {
      let end = position
      skipBlank(andCommas: false)
      guard let scalar = current, Self.closing(of: scalar) != nil, let more = quoted() else {
        position = end
        return .text(text)
      }
      text += more
    }
  }

  /// A number, a word for null, or unquoted words.
  private mutating func bare(endsAtLine: Bool) -> LenientLiteral? {
    var text = String.UnicodeScalarView()
    let isInList = !endsAtLine
    while let scalar = current, scalar != "}", scalar != "]" {
      if scalar == "\n" && endsAtLine || isInList && scalar == "," { break }
      text.append(scalar)
      advance()
    }
    let word = String(text).trimmingASCIIWhitespace()
    if ["None", "null", "nan", "[]"].contains(word) { return .nothing }
    return word.isEmpty ? nil : .text(word)
  }

  private static func closing(of quote: Unicode.Scalar) -> Set<Unicode.Scalar>? {
    switch quote {
    case "\"": ["\""]
    case "'": ["'"]
    case "`": ["`"]
    case "\u{201C}", "\u{201D}": ["\u{201C}", "\u{201D}"]
    case "\u{2018}", "\u{2019}": ["\u{2018}", "\u{2019}"]
    default: nil
    }
  }

  private mutating func quoted() -> String? {
    guard let quote = current, let closing = Self.closing(of: quote) else { return nil }
    let isTriple =
      position + 2 < scalars.count && scalars[position + 1] == quote
      && scalars[position + 2] == quote
    advance(by: isTriple ? 3 : 1)
    var text = String.UnicodeScalarView()
    while let scalar = current {
      if scalar == "\\" {
        advance()
        text.append(contentsOf: escape().unicodeScalars)
        continue
      }
      advance()
      guard closing.contains(scalar) else {
        text.append(scalar)
        continue
      }
      if isTriple {
        if position + 1 < scalars.count, scalars[position] == quote, scalars[position + 1] == quote
        {
          advance(by: 2)
          return String(text)
        }
      } else if endsText(at: position) {
        return String(text)
      }
      text.append(scalar)
    }
    return nil
  }

  /// Whether a quote before `index` closes its text: what follows must continue the dictionary,
  /// unlike the letter after an apostrophe.
  private mutating func endsText(at index: Int) -> Bool {
    var index = index
    let start = index
    func skip() {
      while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
    }
    defer { stepsLeft -= index - start }
    let touches = index
    skip()
    guard index < scalars.count else { return true }
    switch scalars[index] {
    case "]", "}", ")", ":", "=", "`": return true
    case ",":
      index += 1
      skip()
      guard index < scalars.count else { return true }
      return "]})[{(`".unicodeScalars.contains(scalars[index])
        || Self.closing(of: scalars[index]) != nil
        || startsName(at: index)
    default:
      // An adjacent text, or a forgotten comma.
      return index > touches
        && (Self.closing(of: scalars[index]) != nil || scalars[touches] == "\n")
    }
  }

  /// Whether a word and a colon follow: an unquoted key.
  private mutating func startsName(at index: Int) -> Bool {
    var index = index
    let start = index
    defer { stepsLeft -= index - start }
    while index < scalars.count, scalars[index].properties.isAlphabetic || scalars[index] == "_" {
      index += 1
    }
    return index < scalars.count && scalars[index] == ":"
  }

  private mutating func escape() -> String {
    guard let scalar = current else { return "\\" }
    advance()
    switch scalar {
    case "n", "r", "t": return " "
    case "u": return unicodeEscape()
    case "\\", "\"", "'", "/", "_": return String(Character(scalar))
    case "\n": return ""
    default: return "\\" + String(Character(scalar))
    }
  }

  private mutating func unicodeEscape() -> String {
    guard let unit = codeUnit() else { return "\u{FFFD}" }
    return textOfEscapes(unit) {
      guard position + 1 < scalars.count, scalars[position] == "\\", scalars[position + 1] == "u"
      else { return nil }
      advance(by: 2)
      return codeUnit()
    }
  }

  private mutating func codeUnit() -> UInt32? {
    guard scalars.count - position >= 4 else { return nil }
    var digits = String.UnicodeScalarView()
    digits.append(contentsOf: scalars[position..<position + 4])
    guard let code = UInt32(String(digits), radix: 16) else { return nil }
    advance(by: 4)
    return code
  }

  private mutating func skipBlank(andCommas: Bool) {
    while let scalar = current,
      scalar.properties.isWhitespace || andCommas && (scalar == "," || scalar == ";")
    {
      advance()
    }
  }
}
