import Foundation
import Testing

@testable import MusicCaptioner

struct ChecksumTests {
  /// The first line is the specifications' check value; all are those of zlib and of `xxh64sum`.
  @Test(arguments: [
    ("123456789", 0xcbf4_3926 as UInt32, 0x8cb8_41db_40e6_ae83 as UInt64),
    ("", 0, 0xef46_db37_51d8_e999),
    ("a", 0xe8b7_be43, 0xd24e_c4f1_a98c_6e5b),
    ("abc", 0x3524_41c2, 0x44bc_2cf5_ad77_0999),
    (
      "The quick brown fox jumps over the lazy dog", 0x414f_a339, 0x0b24_2d36_1fda_71bc
    ),
  ])
  func checksumsAreThoseOfTheirSpecifications(text: String, crc: UInt32, hash: UInt64) {
    let bytes = Array(text.utf8)
    #expect(bytes.withUnsafeBytes { CRC32.of($0) } == crc)
    var checksum = Checksum64()
    checksum.update(bytes)
    #expect(checksum.value == hash)
  }

  @Test func piecesGiveTheChecksumOfTheWhole() {
    let seed: UInt64 = 4
    var random = RandomSource(seed: seed, stream: "pieces")
    let bytes = (0..<1000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    var whole = Checksum64()
    whole.update(bytes)
    for _ in 0..<10 {
      var pieces = Checksum64()
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + random.integer(below: 70))
        pieces.update(Array(bytes[start..<end]))
        start = end
      }
      #expect(pieces.value == whole.value, "seed \(seed)")
    }
  }

  @Test func bitsEverywhereCount() {
    let bytes = (0..<77).map { UInt8($0) }
    func both(_ bytes: [UInt8]) -> (UInt32, UInt64) {
      var checksum = Checksum64()
      checksum.update(bytes)
      return (bytes.withUnsafeBytes { CRC32.of($0) }, checksum.value)
    }
    let right = both(bytes)
    for bit in stride(from: 0, to: 8 * bytes.count, by: 5) {
      var changed = bytes
      changed[bit / 8] ^= 1 << (bit % 8)
      let found = both(changed)
      #expect(found.0 != right.0 && found.1 != right.1, "bit \(bit)")
    }
  }
}
