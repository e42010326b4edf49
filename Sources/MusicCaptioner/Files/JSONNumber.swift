/// The grammar of numbers in RFC 8259: no "2.", "+1" or "01", which Swift's own conversion takes.
enum JSONNumber {
  static func isValid(_ text: some Collection<UInt8>) -> Bool {
    var rest = text[...]
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    func takeDigits() -> Int {
      let digits = rest.prefix(while: isDigit).count
      rest = rest.dropFirst(digits)
      return digits
    }
    func take(_ signs: Set<UInt8>) -> Bool {
      guard let first = rest.first, signs.contains(first) else { return false }
      rest.removeFirst()
      return true
    }
    _ = take([UInt8(ascii: "-")])
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = takeDigits()
    guard whole > 0, whole == 1 || !startsWithZero else { return false }
    if take([UInt8(ascii: ".")]), takeDigits() == 0 { return false }
    if take([UInt8(ascii: "e"), UInt8(ascii: "E")]) {
      _ = take([UInt8(ascii: "+"), UInt8(ascii: "-")])
      guard takeDigits() > 0 else { return false }
    }
    return rest.isEmpty
  }
}
