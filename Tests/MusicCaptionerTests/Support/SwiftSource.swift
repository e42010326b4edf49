import Foundation

/// What a Swift file declares and mentions, as far as its words tell: no compiler, but comments and
/// strings are left out, and code inside `\(…)` is not.
struct SwiftSource {
  let folder: String
  let name: String
  let text: String
  let lineCount: Int
  /// Types that the file declares outside of others and lets the rest of the module see.
  private(set) var sharedTypes: Set<String> = []
  /// All types that the file declares, those inside of others too.
  private(set) var allTypes: Set<String> = []
  /// Capitalized words that do not follow a dot: the types that it mentions, among others.
  private(set) var mentions: Set<String> = []
  /// Every word, such as `import` and `unchecked`.
  private(set) var words: [String] = []
  /// The modules that it imports.
  private(set) var imports: Set<String> = []

  init(folder: String, name: String, text: String) {
    self.folder = folder
    self.name = name
    self.text = text
    lineCount =
      text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .count - (text.hasSuffix("\n") ? 1 : 0)
    var scanner = SwiftScanner(text)
    scanner.scanCode(untilParenthesis: false)
    take(scanner.tokens)
  }

  private mutating func take(_ tokens: [SwiftScanner.Token]) {
    let declarers: Set = ["struct", "class", "enum", "protocol", "actor", "typealias"]
    var isPrivate = false
    for (index, token) in tokens.enumerated() {
      words.append(token.word)
      if token.word.first?.isUppercase == true, !token.followsDot { mentions.insert(token.word) }
      guard index > 0 else { continue }
      let before = tokens[index - 1].word
      if before == "import" { imports.insert(token.word) }
      if before == "private" || before == "fileprivate" { isPrivate = token.depth == 0 }
      guard declarers.contains(before), token.word.first?.isUppercase == true else { continue }
      allTypes.insert(token.word)
      if token.depth == 0, !isPrivate { sharedTypes.insert(token.word) }
      isPrivate = false
    }
  }

  /// The files of a folder of folders, by path.
  static func files(in root: URL) throws -> [SwiftSource] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path).sorted()
    return try paths.filter { $0.hasSuffix(".swift") }.map { path in
      let parts = path.split(separator: "/")
      return SwiftSource(
        folder: parts.dropLast().joined(separator: "/"), name: String(parts.last ?? ""),
        text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }
  }
}

/// Cuts Swift text into words.
struct SwiftScanner {
  struct Token {
    let word: String
    let followsDot: Bool
    /// How many braces are open.
    let depth: Int
  }

  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0
  private(set) var tokens: [Token] = []

  init(_ text: String) { bytes = Array(text.utf8) }

  private func byte(_ offset: Int = 0) -> UInt8 {
    place + offset < bytes.count ? bytes[place + offset] : 0
  }

  private func sees(_ text: StaticString) -> Bool {
    (0..<text.utf8CodeUnitCount).allSatisfy { byte($0) == text.utf8Start[$0] }
  }

  /// Takes code, to the end or, inside a string, to the parenthesis that ends the insertion.
  mutating func scanCode(untilParenthesis: Bool) {
    var open = 0
    while place < bytes.count {
      let character = byte()
      if sees("//") {
        while place < bytes.count, byte() != UInt8(ascii: "\n") { place += 1 }
      } else if character == UInt8(ascii: "\"") || startsRawString {
        scanString()
      } else if isWordByte(character) {
        scanWord()
      } else {
        if character == UInt8(ascii: "{") { depth += 1 }
        if character == UInt8(ascii: "}") { depth -= 1 }
        if character == UInt8(ascii: "(") { open += 1 }
        if character == UInt8(ascii: ")") { open -= 1 }
        place += 1
        if untilParenthesis, open < 0 { return }
      }
    }
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte >= 0x80
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private mutating func scanWord() {
    let start = place
    while place < bytes.count, isWordByte(byte()) { place += 1 }
    let followsDot = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
    tokens.append(
      Token(
        word: String(decoding: bytes[start..<place], as: UTF8.self), followsDot: followsDot,
        depth: depth))
  }

  /// `#"`, `##"` and so on.
  private var startsRawString: Bool {
    guard byte() == UInt8(ascii: "#") else { return false }
    var offset = 1
    while byte(offset) == UInt8(ascii: "#") { offset += 1 }
    return byte(offset) == UInt8(ascii: "\"")
  }

  private mutating func scanString() {
    var hashes = 0
    while byte() == UInt8(ascii: "#") {
      hashes += 1
      place += 1
    }
    let quotes = sees("\"\"\"") ? 3 : 1
    place += quotes
    while place < bytes.count {
      if byte() == UInt8(ascii: "\\"), hasHashes(hashes, from: 1) {
        place += 1 + hashes
        let isInsertion = byte() == UInt8(ascii: "(")
        place += 1
        if isInsertion { scanCode(untilParenthesis: true) }
      } else if (0..<quotes).allSatisfy({ byte($0) == UInt8(ascii: "\"") }),
        hasHashes(hashes, from: quotes)
      {
        place += quotes + hashes
        return
      } else {
        place += 1
      }
    }
  }

  private func hasHashes(_ count: Int, from offset: Int) -> Bool {
    (0..<count).allSatisfy { byte(offset + $0) == UInt8(ascii: "#") }
  }
}
