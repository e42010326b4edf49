/// The 256 printable characters that stand for the 256 bytes in a byte-level vocabulary, so that
/// token files hold no spaces and no control characters.
///
/// Source: `bytes_to_unicode` of GPT-2. Bytes that are printable in Latin-1 stand for themselves;
/// the other 68 are mapped to U+0100 and up, in order. Every character takes one or two bytes in
/// UTF-8.
enum ByteAlphabet {
  /// The character of each byte.
  static let scalars: [Unicode.Scalar] = {
    var spare: UInt32 = 0x100
    return (0..<256).map { byte in
      if isPrintable(byte) { return Unicode.Scalar(UInt8(byte)) }
      defer { spare += 1 }
      return Unicode.Scalar(spare) ?? "\u{FFFD}"
    }
  }()

  /// The character of each byte, as UTF-8.
  static let utf8: [[UInt8]] = scalars.map { Array(String($0).utf8) }

  /// All 256 bytes, ordered by their characters' code points: the order in which Hugging Face's
  /// `BpeTrainer` numbers them.
  static let bytesByScalar: [UInt8] = (0...255).sorted { scalars[Int($0)] < scalars[Int($1)] }

  private static let byteOfScalar: [Int] = {
    var table = [Int](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = byte }
    return table
  }()

  private static func isPrintable(_ byte: Int) -> Bool {
    (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
  }

  /// The text of a token made of `bytes`.
  static func text(of bytes: some Sequence<UInt8>) -> [UInt8] {
    bytes.flatMap { utf8[Int($0)] }
  }

  /// The bytes that a token's text stands for, or nil if one of its characters isn't in the
  /// alphabet.
  static func bytes(of text: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var position = 0
    while position < text.count {
      guard let (scalar, next) = UTF8Text.scalar(in: text, at: position, before: text.count),
        Int(scalar.value) < byteOfScalar.count
      else { return nil }
      let byte = byteOfScalar[Int(scalar.value)]
      guard byte >= 0 else { return nil }
      bytes.append(UInt8(byte))
      position = next
    }
    return bytes
  }
}
