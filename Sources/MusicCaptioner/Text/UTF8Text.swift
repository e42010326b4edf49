/// Text as UTF-8 bytes.
///
/// All code below the tokenizer's API works on bytes and scalars: Swift's `String` and `Character`
/// treat canonically equivalent text as equal (é and e + ◌́), while Hugging Face's tokenizers keep
/// it apart.
enum UTF8Text {
  /// The scalar that begins at `position`, and where the next one begins; nil if the bytes aren't
  /// valid UTF-8 (truncated, overlong, surrogate or beyond U+10FFFF).
  @inline(__always)
  static func scalar(
    in bytes: [UInt8], at position: Int, before end: Int
  ) -> (scalar: Unicode.Scalar, next: Int)? {
    let first = bytes[position]
    if first < 0x80 { return (Unicode.Scalar(first), position + 1) }
    let length: Int
    var value: UInt32
    let smallest: UInt32
    switch first {
    case 0xC2...0xDF: (length, value, smallest) = (2, UInt32(first & 0x1F), 0x80)
    case 0xE0...0xEF: (length, value, smallest) = (3, UInt32(first & 0x0F), 0x800)
    case 0xF0...0xF4: (length, value, smallest) = (4, UInt32(first & 0x07), 0x10000)
    default: return nil
    }
    guard end - position >= length else { return nil }
    for offset in 1..<length {
      let byte = bytes[position + offset]
      guard byte & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    guard value >= smallest, let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, position + length)
  }

  /// The position of the first byte that isn't valid UTF-8, or nil if all are valid.
  static func firstInvalidByte(in bytes: [UInt8]) -> Int? {
    var position = 0
    while position < bytes.count {
      guard let (_, next) = scalar(in: bytes, at: position, before: bytes.count) else {
        return position
      }
      position = next
    }
    return nil
  }

  /// The scalar that ends just before `position`, and where it begins.
  static func scalar(
    in bytes: [UInt8], endingAt position: Int, after start: Int
  ) -> (scalar: Unicode.Scalar, start: Int)? {
    var first = position - 1
    while first > start, bytes[first] & 0xC0 == 0x80 { first -= 1 }
    guard first >= start,
      let (scalar, next) = scalar(in: bytes, at: first, before: position), next == position
    else { return nil }
    return (scalar, first)
  }

  /// `bytes` with each occurrence of `pattern` replaced, left to right without overlaps.
  static func replacing(_ pattern: StaticString, with replacement: String, in bytes: [UInt8])
    -> [UInt8]
  {
    replacing(Array(pattern.description.utf8), with: Array(replacement.utf8), in: bytes)
  }

  static func replacing(
    _ pattern: [UInt8], with replacement: [UInt8], in bytes: [UInt8]
  ) -> [UInt8] {
    guard let first = pattern.first else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      if bytes[position] == first, bytes[position...].starts(with: pattern) {
        result.append(contentsOf: replacement)
        position += pattern.count
      } else {
        result.append(bytes[position])
        position += 1
      }
    }
    return result
  }
}
