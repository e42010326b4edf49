extension SpokenText {
  /// An answer without the prompt before it, where a server repeats that and has dropped the marks of
  /// the turns but not the names of the roles; any other answer as it is.
  static func withoutUnmarkedPrompt(_ answer: String) -> String {
    let text = answer.trimmingASCIIWhitespace()
    for (question, reply) in [
      ("### Instruction:", "### Response:"), ("### Human:", "### Assistant:"),
      ("### User:", "### Assistant:"), ("USER:", "ASSISTANT:"), ("User:", "Assistant:"),
      ("Human:", "Assistant:"),
    ] {
      // An introduction comes first in some templates.
      let isFirst = text.hasPrefix(question)
      guard isFirst || question == "### Instruction:",
        let asked = text.firstRange(of: question),
        let begun = text[asked.upperBound...].firstRange(of: reply)
      else { continue }
      let rest = text[begun.upperBound...]
      // A model that doesn't stop makes up the next question.
      return String(rest[..<(rest.firstRange(of: question)?.lowerBound ?? rest.endIndex)])
    }
    return withoutRoleLines(text) ?? answer
  }

  /// What follows a line "assistant" after a first line "user" or "system".
  private static func withoutRoleLines(_ text: String) -> String? {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    func role(_ line: Substring?) -> String {
      line.map { $0.utf8.count < 32 ? String($0).trimmingASCIIWhitespace().lowercased() : "" } ?? ""
    }
    guard ["user", "system"].contains(role(lines.first)),
      let reply = lines.firstIndex(where: { ["assistant", "model"].contains(role($0)) })
    else { return nil }
    let rest = lines[(reply + 1)...].prefix { role($0) != "user" }
    return rest.joined(separator: "\n")
  }

  /// A text whose "<" and ">" are no longer escaped as in HTML or JSON.
  static func withBrackets(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "\\") }) else {
      return text
    }
    return text.replacing("&lt;", with: "<").replacing("&gt;", with: ">")
      .replacing("\\u003c", with: "<").replacing("\\u003e", with: ">")
  }
}
