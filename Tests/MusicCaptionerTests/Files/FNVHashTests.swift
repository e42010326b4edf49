import Testing

@testable import MusicCaptioner

@Suite struct FNVHashTests {
  /// The check values of the algorithm's authors (draft-eastlake-fnv, appendix C).
  @Test(arguments: [
    ("", 0xcbf2_9ce4_8422_2325 as UInt64), ("a", 0xaf63_dc4c_8601_ec8c),
    ("foobar", 0x8594_4171_f739_67e8),
  ])
  func hashesAreThoseOfTheSpecification(text: String, value: UInt64) {
    var hash = FNVHash()
    hash.add(text)
    #expect(hash.value == value)
  }

  @Test func textsDoNotRunTogether() {
    #expect(Fingerprint("ab", "c") != Fingerprint("a", "bc"))
    #expect(Fingerprint("ab") != Fingerprint("ab", ""))
  }

  @Test func thereAreAlwaysSixteenDigits() {
    for text in 0..<200 { #expect(Fingerprint("\(text)").description.count == 16) }
  }
}
