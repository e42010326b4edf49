import Testing

@testable import MusicCaptioner

struct ElementConversionTests {
  @Test func everyHalfBecomesTheFloatThatTheHardwareTypeSays() {
    var wrong: [UInt16] = []
    for bits in UInt16.min...UInt16.max {
      let ours = Float(half: bits)
      let theirs = Float(Float16(bitPattern: bits))
      let same = theirs.isNaN ? ours.isNaN : ours.bitPattern == theirs.bitPattern
      if !same { wrong.append(bits) }
    }
    #expect(wrong.isEmpty)
  }

  @Test func everyHalfSurvivesTheWayThereAndBack() {
    var wrong: [UInt16] = []
    for bits in UInt16.min...UInt16.max {
      let value = Float(half: bits)
      let back = value.half
      let same = value.isNaN ? back & 0x7fff > 0x7c00 : back == bits
      if !same { wrong.append(bits) }
    }
    #expect(wrong.isEmpty)
  }

  @Test func halfRoundsToNearestEven() {
    var values: [Float] = [
      65_503, 65_519.99, 65_520, 65_536, 0x1p-24, 0x1p-25, 0x1.8p-25, .leastNonzeroMagnitude,
    ]
    // Around every half: the midpoint to the next one, and its neighbors.
    for bits in UInt16(0)..<0x7c00 {
      let middle =
        (Float(half: bits) + Float(half: bits + 1)) / 2
      if middle.isFinite { values += [middle.nextDown, middle, middle.nextUp] }
    }
    let wrong = values.flatMap { [$0, -$0] }.filter {
      $0.half != Float16($0).bitPattern
    }
    #expect(wrong.isEmpty)
    #expect(Float.infinity.half == 0x7c00)
    #expect(Float16(bitPattern: Float.nan.half).isNaN)
    #expect(Float16(bitPattern: (-Float.signalingNaN).half).isNaN)
  }

  @Test func brainRoundsToNearestEven() {
    let seed: UInt64 = 20
    var random = RandomSource(seed: seed, stream: "brain")
    var wrong: [UInt32] = []
    for _ in 0..<20_000 {
      // Half of them on ties, where rounding is decided by the last bit.
      var bits = UInt32(truncatingIfNeeded: random.next())
      if bits & 1 == 0 { bits = bits & 0xffff_0000 | 0x8000 }
      let value = Float(bitPattern: bits)
      let ours = ElementConversion.brain(value)
      if value.isNaN {
        if !Float(bitPattern: UInt32(ours) << 16).isNaN { wrong.append(bits) }
        continue
      }
      let (below, rest) = (bits >> 16, bits & 0xffff)
      let up = rest > 0x8000 || (rest == 0x8000 && below & 1 == 1)
      if UInt32(ours) != below + (up ? 1 : 0) { wrong.append(bits) }
    }
    #expect(wrong.isEmpty, "seed \(seed)")
    #expect(ElementConversion.brain(.greatestFiniteMagnitude) == 0x7f80)
    #expect(ElementConversion.brain(-.infinity) == 0xff80)
    // A NaN whose payload is all in the lower half must not become infinite.
    let lowNaN = ElementConversion.brain(Float(bitPattern: 0x7f80_0001))
    #expect(Float(bitPattern: UInt32(lowNaN) << 16).isNaN)
  }
}
