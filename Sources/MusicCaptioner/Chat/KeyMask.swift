import Foundation

/// Removes the API key from what a server says, however the server writes it: whole or a part of it,
/// with escapes of JSON, of addresses or of HTML (also twice), broken by blanks, in other case, or in
/// base64. Of keys that are made of words, only the whole is masked.
struct KeyMask: Sendable {
  /// Runs of this many characters of the key are masked, wherever they begin. A shorter key is only
  /// masked as a whole, as it may well be a word.
  private static let length = 8
  /// What servers that need no key are given.
  private static let placeholders: Set<String> = [
    "anything", "dummy", "empty", "fake", "key", "none", "null", "ollama", "placeholder", "test",
    "token", "unused", "x",
  ]
  /// A server may escape what it quotes twice.
  private static let escapeLevels = 3

  /// All runs of `length` characters of the key in its forms, each packed into a number.
  private let runs: Set<UInt64>
  /// The key, where it is masked as a whole.
  private let whole: [UInt8]
  /// Whether the whole key, made of words, counts only as a word of its own, not as a part of "film-studio".
  private let isWord: Bool

  /// A key that is made of words, such as "sk-no-key-required", is masked as a whole only.
  ///
  /// - Parameter sparesWords: Whether such a key counts only as a word of its own, and not at all if it is one that
  ///   servers without keys are given: for answers, which are full of words.
  init(_ key: String, sparesWords: Bool = false) {
    var runs: Set<UInt64> = []
    let bytes = Array(key.utf8)
    isWord = sparesWords && Self.isMadeOfWords(bytes)
    guard !Self.isMadeOfWords(bytes) else {
      // Nobody's secret, and words of captions.
      let isSpared = sparesWords && Self.placeholders.contains(key.lowercased())
      (self.runs, whole) = ([], isSpared ? [] : bytes)
      return
    }
    // A key may have something in it that looks like an escape, which a text then loses.
    var level = EscapedBytes(bytes)
    for _ in 0...Self.escapeLevels {
      Self.addRuns(of: level.units.map(\.byte), to: &runs)
      guard let next = level.unescaped() else { break }
      level = next
    }
    whole = runs.isEmpty ? bytes : []
    if !runs.isEmpty {
      // In base64, the same bytes look different after one or two others.
      for (before, lost) in [(0, 0), (1, 2), (2, 3)] {
        let encoded = Data(repeating: 0, count: before) + Data(bytes)
        let text = encoded.base64EncodedString().utf8.dropFirst(lost)
        Self.addRuns(of: Array(text), to: &runs)
        // The alphabet for addresses.
        let other = text.map { byte -> UInt8 in
          switch byte {
          case UInt8(ascii: "+"): UInt8(ascii: "-")
          case UInt8(ascii: "/"): UInt8(ascii: "_")
          default: byte
          }
        }
        Self.addRuns(of: other, to: &runs)
      }
    }
    self.runs = runs
  }

  func masked(_ text: String) -> String {
    guard !runs.isEmpty || !whole.isEmpty else { return text }
    let bytes = Array(text.utf8)
    var isKey = [Bool](repeating: false, count: bytes.count)
    var isFound = false
    var level = EscapedBytes(bytes)
    for _ in 0...Self.escapeLevels {
      if !runs.isEmpty, markRuns(level, &isKey) { isFound = true }
      if !whole.isEmpty, markWhole(level, &isKey) { isFound = true }
      guard let next = level.unescaped() else { break }
      level = next
    }
    guard isFound else { return text }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    for (index, byte) in bytes.enumerated() {
      if !isKey[index] {
        output.append(byte)
      } else if index == 0 || !isKey[index - 1] {
        output += "***".utf8
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func addRuns(of bytes: [UInt8], to runs: inout Set<UInt64>) {
    var run: UInt64 = 0
    var count = 0
    for byte in bytes where !isSkipped(byte) {
      run = run << 8 | UInt64(lowercase(byte))
      count += 1
      if count >= length { runs.insert(run) }
    }
  }

  /// Whether there are only words between hyphens: no digits, capitals only at the beginning or throughout, and
  /// no more letters than a word has. What nobody can guess has one of these.
  private static func isMadeOfWords(_ key: [UInt8]) -> Bool {
    let separators = Array("-_ .".utf8)
    return key.split { separators.contains($0) }.allSatisfy { word in
      let isCapital = word.map { (0x41...0x5A).contains($0) }
      let rest = isCapital.dropFirst()
      return word.count <= 12 && word.allSatisfy { isLetterOrDigit($0) && $0 > 0x39 }
        && (!rest.contains(true) || !isCapital.contains(false))
    }
  }

  /// Marks the places of all runs. Whatever may break the key doesn't count.
  private func markRuns(_ text: EscapedBytes, _ isKey: inout [Bool]) -> Bool {
    var run: UInt64 = 0
    /// The places of the last characters, in a ring.
    var starts = [Int](repeating: 0, count: Self.length)
    var count = 0
    var markedEnd = 0
    for (index, unit) in text.units.enumerated()
    where !Self.isSkipped(unit.byte) && !text.isInvisible(at: index) {
      run = run << 8 | UInt64(Self.lowercase(unit.byte))
      starts[count % Self.length] = Int(unit.start)
      count += 1
      guard count >= Self.length, runs.contains(run) else { continue }
      let end = Int(unit.end)
      for place in max(starts[count % Self.length], markedEnd)..<max(end, markedEnd) {
        isKey[place] = true
      }
      markedEnd = max(end, markedEnd)
    }
    return markedEnd > 0
  }

  private func markWhole(_ text: EscapedBytes, _ isKey: inout [Bool]) -> Bool {
    let units = text.units
    var isFound = false
    var position = 0
    while position + whole.count <= units.count {
      guard units[position].byte == whole[0],
        zip(units[position...], whole).allSatisfy({ $0.byte == $1 }),
        !isWord || isFree(units, position..<position + whole.count)
      else {
        position += 1
        continue
      }
      let end = Int(units[position + whole.count - 1].end)
      for place in Int(units[position].start)..<end { isKey[place] = true }
      isFound = true
      position += whole.count
    }
    return isFound
  }

  /// Whether neither a letter nor a digit touches the place.
  private func isFree(_ units: [EscapedBytes.Unit], _ place: Range<Int>) -> Bool {
    !(place.lowerBound > 0 && Self.isLetterOrDigit(units[place.lowerBound - 1].byte))
      && !(place.upperBound < units.count && Self.isLetterOrDigit(units[place.upperBound].byte))
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(lowercase(byte))
  }

  /// Blanks and control characters; what stands for a blank in addresses; what escapes others.
  private static func isSkipped(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "\\")
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }
}
