/// Checks that the counts in WordNet's lines fit what follows them, so that looking a word up can rely on
/// them. File formats: wndb(5WN).
enum WordNetLines {
  enum Kind {
    /// lemma pos synset_count pointer_count pointer… sense_count tagged_count offset…
    case index
    /// offset file pos word_count(hexadecimal) word id word id …
    case data
  }

  /// - Throws: `EvaluationError` with the line of the first count that is wrong.
  static func check(_ bytes: [UInt8], _ kind: Kind, file: String) throws(EvaluationError) {
    var line = Line()
    var number = 1
    for byte in bytes {
      if byte != 0x0A {
        line.add(byte)
        continue
      }
      try line.check(kind, file, number)
      line = Line()
      number += 1
    }
    if !line.isEmpty { try line.check(kind, file, number) }
  }

  /// Counts a line's fields and keeps those that are counts themselves.
  private struct Line {
    private(set) var isEmpty = true
    /// The lines of the license begin with spaces.
    private var isLicense = false
    private var fieldCount = 0
    private var wasSpace = true
    /// The third and the fourth field, as far as they are hexadecimal digits.
    private var third = Digits()
    private var fourth = Digits()

    mutating func add(_ byte: UInt8) {
      let isSpace = byte == 0x20 || byte == 0x0D
      if isEmpty { (isEmpty, isLicense) = (false, isSpace) }
      if wasSpace && !isSpace { fieldCount += 1 }
      wasSpace = isSpace
      guard !isSpace else { return }
      if fieldCount == 3 { third.add(byte) }
      if fieldCount == 4 { fourth.add(byte) }
    }

    func check(_ kind: Kind, _ file: String, _ number: Int) throws(EvaluationError) {
      if isEmpty || isLicense { return }
      switch kind {
      case .index:
        let (synsets, pointers) = (third.decimal, fourth.decimal)
        guard let synsets, let pointers, fieldCount == 6 + synsets + pointers else {
          throw wrong("counts of synsets and pointers", file, number)
        }
      case .data:
        guard let words = fourth.hexadecimal, words > 0, fieldCount >= 4 + 2 * words else {
          throw wrong("a count of words", file, number)
        }
      }
    }

    private func wrong(_ count: String, _ file: String, _ number: Int) -> EvaluationError {
      EvaluationError(
        .malformedTable(
          line: number,
          problem:
            "found \(fieldCount) fields; expected \(count) that these fit, as in WordNet 3.0's files"
        ),
        file: file)
    }
  }

  /// A field's value, if it has few enough digits for a count.
  private struct Digits {
    private var values: [UInt8] = []
    private var isNumber = true

    mutating func add(_ byte: UInt8) {
      let digit: UInt8? =
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
      guard let digit, values.count < 6 else { return isNumber = false }
      values.append(digit)
    }

    var decimal: Int? { values.allSatisfy { $0 < 10 } ? value(radix: 10) : nil }
    var hexadecimal: Int? { value(radix: 16) }

    private func value(radix: Int) -> Int? {
      guard isNumber, !values.isEmpty else { return nil }
      return values.reduce(0) { $0 * radix + Int($1) }
    }
  }
}
