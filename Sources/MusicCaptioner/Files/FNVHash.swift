/// 64-bit FNV-1a: a stable hash for telling texts apart, without protection against attackers.
struct FNVHash: Sendable, Equatable {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

  /// Adds the text's UTF-8 followed by `end`, so that texts don't run together.
  mutating func add(_ text: String, end: UInt8? = nil) {
    for byte in text.utf8 { add(byte) }
    if let end { add(end) }
  }

  /// 16 digits.
  var hexadecimal: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
