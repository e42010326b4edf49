import Testing

@testable import MusicCaptioner

/// The expected numbers are those of scipy 1.17's `binomtest` and `norm`.
@Suite struct PreferenceStatisticsTests {
  @Test(arguments: [
    (0, 10, 0.0, 0.277_532_799_862_889_26),
    (7, 10, 0.396_778_147_461_145_26, 0.892_208_732_593_699),
    (60, 100, 0.502_002_586_791_061_8, 0.690_598_713_567_541_1),
    (10, 10, 0.722_467_200_137_110_7, 1.0),
  ])
  func intervalsAreWilsons(_ wins: Int, _ count: Int, _ lower: Double, _ upper: Double) throws {
    let found = try #require(PreferenceStatistics.wilson(wins, of: count))
    #expect(abs(found.lower - lower) < 1e-12 && abs(found.upper - upper) < 1e-12)
  }

  @Test func nothingHasNoInterval() { #expect(PreferenceStatistics.wilson(0, of: 0) == nil) }

  @Test(arguments: [
    (0, 0, 1.0), (5, 5, 1.0), (1, 0, 1.0), (0, 10, 0.001_953_125), (7, 3, 0.343_75),
    (60, 40, 0.056_887_933_640_980_89), (550, 450, 0.001_730_536_084_976_302_7),
    (5200, 4800, 6.593_515_598_672_343e-05),
  ])
  func theSignTestIsExact(_ wins: Int, _ losses: Int, _ expected: Double) {
    #expect(abs(PreferenceStatistics.signTest(wins, losses) / expected - 1) < 1e-9)
    #expect(
      PreferenceStatistics.signTest(losses, wins) == PreferenceStatistics.signTest(wins, losses))
  }

  @Test(arguments: [(0.05, 783), (0.1, 194), (0.15, 85), (0.01, 19620), (0.4, 10)])
  func sampleSizesAreThoseOfTheNormalApproximation(_ difference: Double, _ expected: Int) {
    #expect(PreferenceStatistics.sampleSize(difference: difference) == expected)
  }

  /// 4,000 studies of the size asked for: about 80 % of them find the difference.
  @Test func aStudyOfThatSizeHasThePower() {
    let size = PreferenceStatistics.sampleSize(difference: 0.1)
    var found = 0
    for study in 0..<4000 {
      var random = RandomSource(seed: 7, stream: "study", index: UInt64(study))
      let wins = (0..<size).count { _ in random.uniform() < 0.6 }
      let z = (Double(wins) - Double(size) / 2) / (Double(size) / 4).squareRoot()
      if abs(z) > 1.96 { found += 1 }
    }
    #expect((0.78...0.84).contains(Double(found) / 4000))
  }
}
