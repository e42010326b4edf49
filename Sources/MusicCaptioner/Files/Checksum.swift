import Foundation

/// XXH64 (seed 0) of a stream of bytes, the same as `xxh64sum` prints. It is several times as fast
/// as a CRC and 64 bits wide. It detects damage but is no protection against an attacker.
///
/// Written from the specification: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
/// Uses unsafe pointers because the loop is all that counts here.
package struct Checksum64: Sendable {
  private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
  private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
  private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
  private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

  private var lanes: (UInt64, UInt64, UInt64, UInt64) = (
    prime1 &+ prime2, prime2, 0, 0 &- prime1
  )
  private var byteCount: UInt64 = 0
  /// Bytes that don't fill a block of 32 yet.
  private var tail: [UInt8] = []

  package init() {}

  /// The checksum of the bytes given so far.
  package var value: UInt64 {
    var hash: UInt64
    if byteCount >= 32 {
      hash =
        Self.rotate(lanes.0, 1) &+ Self.rotate(lanes.1, 7) &+ Self.rotate(lanes.2, 12)
        &+ Self.rotate(lanes.3, 18)
      for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
        hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
      }
    } else {
      hash = Self.prime5
    }
    hash = hash &+ byteCount
    var rest = ByteCursor(tail)
    while rest.remaining >= 8, let word = rest.integer(UInt64.self) {
      hash = Self.rotate(hash ^ Self.round(0, word), 27) &* Self.prime1 &+ Self.prime4
    }
    if rest.remaining >= 4, let word = rest.integer(UInt32.self) {
      hash = Self.rotate(hash ^ UInt64(word) &* Self.prime1, 23) &* Self.prime2 &+ Self.prime3
    }
    while let byte = rest.byte() {
      hash = Self.rotate(hash ^ UInt64(byte) &* Self.prime5, 11) &* Self.prime1
    }
    hash = (hash ^ hash >> 33) &* Self.prime2
    hash = (hash ^ hash >> 29) &* Self.prime3
    return hash ^ hash >> 32
  }

  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var start = 0
    if !tail.isEmpty {
      start = min(32 - tail.count, bytes.count)
      tail += bytes[0..<start]
      guard tail.count == 32 else { return }
      let block = tail
      block.withUnsafeBytes { consume($0, from: 0, blocks: 1) }
      tail.removeAll(keepingCapacity: true)
    }
    let blocks = (bytes.count - start) / 32
    consume(bytes, from: start, blocks: blocks)
    tail += bytes[(start + 32 * blocks)...]
  }

  private mutating func consume(_ bytes: UnsafeRawBufferPointer, from start: Int, blocks: Int) {
    var (a, b, c, d) = lanes
    var offset = start
    for _ in 0..<blocks {
      a = Self.round(a, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      b = Self.round(b, bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
      c = Self.round(c, bytes.loadUnaligned(fromByteOffset: offset &+ 16, as: UInt64.self))
      d = Self.round(d, bytes.loadUnaligned(fromByteOffset: offset &+ 24, as: UInt64.self))
      offset = offset &+ 32
    }
    lanes = (a, b, c, d)
  }

  @inline(__always)
  private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value &<< bits | value &>> (64 &- bits)
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input.littleEndian &* prime2, 31) &* prime1
  }
}

extension Checksum64 {
  /// The checksum and the length of a file.
  ///
  /// - Throws: `FileError` if the file can't be read.
  package static func ofFile(_ url: URL) throws(FileError) -> (value: UInt64, byteCount: Int) {
    let file = try MappedFile(url)
    let value = try file.withBytes(0..<file.count) { bytes in
      var checksum = Checksum64()
      checksum.update(bytes)
      return checksum.value
    }
    return (value, file.count)
  }
}
