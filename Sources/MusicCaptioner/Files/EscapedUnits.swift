/// The text of an escape such as `\ud83d\ude00`: JSON and Python escape characters beyond U+FFFF as
/// surrogate pairs. An unpaired surrogate becomes U+FFFD.
///
/// - Parameters:
///   - unit: The value of the first escape.
///   - next: Consumes an escape that follows immediately and returns its value; nil if there is
///     none.
func textOfEscapes<Failure: Error>(
  _ unit: UInt32, next: () throws(Failure) -> UInt32?
) throws(Failure) -> String {
  var unit = unit
  var text = ""
  while (0xD800..<0xDC00).contains(unit) {
    guard let second = try next() else { return text + "\u{FFFD}" }
    if (0xDC00..<0xE000).contains(second) {
      unit = 0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00)
    } else {
      text += "\u{FFFD}"
      unit = second
    }
  }
  text.unicodeScalars.append(Unicode.Scalar(unit) ?? "\u{FFFD}")
  return text
}
