/// Looks through the codebooks of a Vorbis stream (Vorbis I specification, 3.2.1) before libvorbis
/// does, which divides by their number of dimensions and loops over it without an end if it is 0.
struct VorbisSetup {
  private let bytes: [UInt8]
  /// In bits.
  private var position = 0
  private var hasEnded = false

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether all codebooks of the third header are complete and have dimensions.
  static func isUsable(_ header: [UInt8]) -> Bool {
    var setup = VorbisSetup(Array(header.dropFirst(7)))
    let count = setup.read(8) + 1
    for _ in 0..<count where !setup.skipCodebook() { return false }
    return !setup.hasEnded
  }

  private mutating func skipCodebook() -> Bool {
    guard read(24) == 0x564342 else { return false }
    let dimensions = read(16)
    let entries = read(24)
    guard dimensions > 0 else { return false }
    if read(1) == 1 {
      // Lengths in ascending order: how many entries have each.
      skip(5)
      var entry = 0
      while entry < entries, !hasEnded { entry += read(Self.bitCount(entries - entry)) }
    } else {
      let isSparse = read(1) == 1
      for _ in 0..<entries where !hasEnded {
        if !isSparse || read(1) == 1 { skip(5) }
      }
    }
    let lookup = read(4)
    if lookup == 1 || lookup == 2 {
      skip(64)
      let valueBits = read(4) + 1
      skip(1)
      let count = lookup == 2 ? entries * dimensions : Self.root(of: entries, dimensions)
      skip(count * valueBits)
    }
    return !hasEnded
  }

  private mutating func read(_ count: Int) -> Int {
    guard position + count <= bytes.count * 8 else {
      hasEnded = true
      return 0
    }
    var value = 0
    for bit in 0..<count {
      value |= Int(bytes[(position + bit) / 8] >> ((position + bit) % 8) & 1) << bit
    }
    position += count
    return value
  }

  private mutating func skip(_ count: Int) {
    position += count
    if position > bytes.count * 8 { hasEnded = true }
  }

  private static func bitCount(_ value: Int) -> Int { Int.bitWidth - value.leadingZeroBitCount }

  /// The largest number whose power of `exponent` isn't above `value`.
  private static func root(of value: Int, _ exponent: Int) -> Int {
    func isWithin(_ base: Int) -> Bool {
      var power = 1
      for _ in 0..<exponent {
        power *= base
        if power > value { return false }
        if base == 1 { return true }
      }
      return true
    }
    if value < 1 { return 0 }
    var (low, high) = (1, value)
    while low < high {
      let middle = (low + high + 1) / 2
      if isWithin(middle) { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
