/// The beginning of a text from a file, for messages.
package func excerpt(_ text: String) -> String {
  // By scalars: a letter with a thousand marks is one Character.
  let head = text.unicodeScalars.prefix(60)
  return head.endIndex == text.endIndex ? text : String(head) + "…"
}

extension StringProtocol {
  /// Without spaces, tabs and line breaks at either end.
  package func trimmingASCIIWhitespace() -> String {
    let text = String(self)
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    guard let first = text.utf8.firstIndex(where: { !isBlank($0) }),
      let last = text.utf8.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(text[first...last])
  }
}
