/// Texts in double quotes, as in JSON and YAML.
package enum QuotedText {
  /// What is escaped in addition to quotes, backslashes and control characters.
  package enum Style {
    case json
    /// DEL and the two Unicode line separators at which some line readers split.
    case jsonLine
    /// "<", which could end the script element that contains the text.
    case script
    /// All characters that YAML doesn't consider printable, with YAML's longer escapes.
    case yaml
  }

  package static func quoted(_ string: String, _ style: Style = .json) -> String {
    var text = ""
    append(string, to: &text, style)
    return text
  }

  package static func append(_ string: String, to text: inout String, _ style: Style = .json) {
    text += "\""
    if string.utf8.allSatisfy({ isPlain($0, style) }) {
      text += string
    } else {
      for scalar in string.unicodeScalars { append(scalar, to: &text, style) }
    }
    text += "\""
  }

  /// Whether the byte can't be part of anything that is escaped.
  private static func isPlain(_ byte: UInt8, _ style: Style) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20: false
    case UInt8(ascii: "<"): style != .script
    case 0x7F: style != .jsonLine && style != .yaml
    case 0x80...: style != .yaml && (byte != 0xE2 || style != .jsonLine)
    default: true
    }
  }

  private static func append(_ scalar: Unicode.Scalar, to text: inout String, _ style: Style) {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    default:
      if isEscaped(scalar, style) {
        text += escape(scalar, style)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isEscaped(_ scalar: Unicode.Scalar, _ style: Style) -> Bool {
    switch style {
    case .json: return scalar.value < 0x20
    case .jsonLine:
      return scalar.value < 0x20 || ["\u{7F}", "\u{2028}", "\u{2029}"].contains(scalar)
    case .script: return scalar.value < 0x20 || scalar == "<"
    case .yaml:
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        return true
      default: return false
      }
    }
  }

  /// The scalar is at most U+FFFF, except in YAML.
  private static func escape(_ scalar: Unicode.Scalar, _ style: Style) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: style == .yaml)
    let isLong = scalar.value > 0xFFFF
    let zeros = String(repeating: "0", count: (isLong ? 8 : 4) - digits.count)
    return (isLong ? "\\U" : "\\u") + zeros + digits
  }
}
