extension String {
  /// The text as a terminal may show it. What steers a terminal, or turns the order of its text around, becomes a JSON
  /// escape such as `\u001b`, so that what is JSON stays the same JSON.
  ///
  /// - Parameter keepsLines: Whether line feeds and tabs stay; otherwise they and all other breaks of lines become
  ///   spaces.
  package func printable(keepsLines: Bool) -> String {
    if utf8.allSatisfy(Self.isPlain) { return self }
    var text = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n", "\t": text += keepsLines ? String(scalar) : " "
      case "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}":
        text += keepsLines ? Self.escape(scalar) : " "
      // Embeddings, overrides and isolates; the marks of direction that names are written with are harmless.
      case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": text += Self.escape(scalar)
      default:
        if scalar.properties.generalCategory == .control {
          text += Self.escape(scalar)
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    return text
  }

  /// Whether the byte is not part of anything that is replaced.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F && byte != 0xC2 && byte != 0xE2
  }

  /// All that are replaced have four digits at most.
  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
