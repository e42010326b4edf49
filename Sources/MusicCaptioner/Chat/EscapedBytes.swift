/// The bytes of a text whose escapes are resolved level by level, and where each stands in the text.
struct EscapedBytes {
  struct Unit {
    let byte: UInt8
    /// In the text as it came, from the first byte to one past the last.
    let start: UInt32
    let end: UInt32
  }

  private(set) var units: [Unit]

  init(_ bytes: [UInt8]) {
    units = bytes.enumerated().map { index, byte in
      Unit(
        byte: byte, start: UInt32(truncatingIfNeeded: index),
        end: UInt32(truncatingIfNeeded: index + 1))
    }
  }

  /// One level less of escapes: `\u002d`, `\x2d`, `\n`, `%2D`, `&#45;`; nil if there are none.
  func unescaped() -> EscapedBytes? {
    var result: [Unit] = []
    result.reserveCapacity(units.count)
    var position = 0
    var isChanged = false
    while position < units.count {
      guard let (byte, count) = escape(at: position) else {
        result.append(units[position])
        position += 1
        continue
      }
      let last = units[position + count - 1]
      result.append(Unit(byte: byte, start: units[position].start, end: last.end))
      position += count
      isChanged = true
    }
    guard isChanged else { return nil }
    var next = self
    next.units = result
    return next
  }

  /// Whether a byte belongs to a character that can't be seen: spaces of other widths, or none.
  func isInvisible(at index: Int) -> Bool {
    guard units[index].byte >= 0x80 else { return false }
    // The character's first byte is at most two before.
    for first in max(index - 2, 0)...index {
      let bytes = (first..<min(first + 3, units.count)).map { units[$0].byte }
      let count = Self.invisibleCount(bytes)
      if first + count > index { return true }
    }
    return false
  }

  private static func invisibleCount(_ bytes: [UInt8]) -> Int {
    switch (bytes[0], bytes.dropFirst().first ?? 0, bytes.dropFirst(2).first ?? 0) {
    case (0xC2, 0xA0, _), (0xC2, 0xAD, _): 2
    case (0xE2, 0x80, 0x80...0x8F), (0xE2, 0x80, 0xA8...0xAF), (0xE2, 0x81, 0x9F...0xAF),
      (0xE3, 0x80, 0x80), (0xEF, 0xBB, 0xBF), (0xEF, 0xB8, 0x80...0x8F):
      3
    default: 0
    }
  }

  /// The byte that an escape stands for, and the escape's length.
  private func escape(at position: Int) -> (UInt8, Int)? {
    switch units[position].byte {
    case UInt8(ascii: "\\"):
      switch byte(position + 1) {
      case UInt8(ascii: "u"): number(position + 2, 4).flatMap(Self.asByte).map { ($0, 6) }
      case UInt8(ascii: "x"): number(position + 2, 2).map { (UInt8($0), 4) }
      case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): (0x20, 2)
      default: nil
      }
    case UInt8(ascii: "%"): number(position + 1, 2).map { (UInt8($0), 3) }
    case UInt8(ascii: "&"): entity(at: position)
    default: nil
    }
  }

  private func byte(_ position: Int) -> UInt8 {
    position < units.count ? units[position].byte : 0
  }

  private func number(_ position: Int, _ count: Int) -> UInt32? {
    guard position + count <= units.count else { return nil }
    let digits = units[position..<position + count].map(\.byte)
    guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else {
      return nil
    }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }

  /// ASCII as it is, and what can't be seen as a blank.
  private static func asByte(_ code: UInt32) -> UInt8? {
    if code < 0x80 { return UInt8(code) }
    let isInvisible = Unicode.Scalar(code).map { invisibleCount(Array(String($0).utf8)) > 0 }
    return isInvisible ?? false ? 0x20 : nil
  }

  private static let entities: [String: UInt8] = [
    "amp": 0x26, "lt": 0x3C, "gt": 0x3E, "quot": 0x22, "apos": 0x27, "sol": 0x2F, "plus": 0x2B,
    "equals": 0x3D, "lowbar": 0x5F, "period": 0x2E, "nbsp": 0x20, "shy": 0x20, "Tab": 0x20,
    "NewLine": 0x20, "hyphen": 0x2D, "dash": 0x2D,
  ]

  private func entity(at position: Int) -> (UInt8, Int)? {
    let name = units[(position + 1)...].prefix(10).map(\.byte).prefix { $0 != UInt8(ascii: ";") }
    guard !name.isEmpty, byte(position + 1 + name.count) == UInt8(ascii: ";") else { return nil }
    let text = String(decoding: name, as: UTF8.self)
    let value: UInt8? =
      if text.hasPrefix("#x") || text.hasPrefix("#X") {
        UInt32(text.dropFirst(2), radix: 16).flatMap(Self.asByte)
      } else if text.hasPrefix("#") {
        UInt32(text.dropFirst()).flatMap(Self.asByte)
      } else {
        Self.entities[text]
      }
    return value.map { ($0, name.count + 2) }
  }
}
