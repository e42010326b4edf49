/// Writes values of tables as JSON on one line.
enum JSONText {
  /// An object with its fields in the given order.
  static func object(_ fields: [(String, FieldValue)]) -> String {
    var text = "{"
    for (index, (name, value)) in fields.enumerated() {
      if index > 0 { text += ", " }
      append(quoted: name, to: &text)
      text += ": "
      append(value, to: &text)
    }
    return text + "}"
  }

  private static func append(_ value: FieldValue, to text: inout String) {
    switch value {
    case .null: text += "null"
    case .truth(let truth): text += truth ? "true" : "false"
    case .number(let number):
      // An id such as 00123 is no number of JSON.
      if isJSONNumber(number) { text += number } else { append(quoted: number, to: &text) }
    case .text(let content): append(quoted: content, to: &text)
    case .list(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += ", " }
        append(element, to: &text)
      }
      text += "]"
    case .object(let fields):
      text += object(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
  }

  private static func isJSONNumber(_ text: String) -> Bool {
    var rest = Substring(text)
    func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
    func takeDigits() -> Int {
      let digits = rest.prefix(while: isDigit).count
      rest = rest.dropFirst(digits)
      return digits
    }
    if rest.first == "-" { rest.removeFirst() }
    let startsWithZero = rest.first == "0"
    let whole = takeDigits()
    guard whole > 0, whole == 1 || !startsWithZero else { return false }
    if rest.first == "." {
      rest.removeFirst()
      guard takeDigits() > 0 else { return false }
    }
    if rest.first == "e" || rest.first == "E" {
      rest.removeFirst()
      if rest.first == "+" || rest.first == "-" { rest.removeFirst() }
      guard takeDigits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  private static func append(quoted string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // Besides control characters, the two line ends that some readers of lines split at.
      case "\u{0}"..."\u{1f}", "\u{7f}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
