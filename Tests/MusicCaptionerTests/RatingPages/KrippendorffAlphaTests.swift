import Testing

@testable import MusicCaptioner

@Suite struct KrippendorffAlphaTests {
  /// A text for each rater, a letter for each unit, "." for no answer.
  private func alpha(_ raters: [String]) -> KrippendorffAlpha {
    let rows: [[Character]] = raters.map { Array($0) }
    let values = [Character]("12345")
    return KrippendorffAlpha(
      rows[0].indices.map { unit in values.map { value in rows.count { $0[unit] == value } } })
  }

  /// K. Krippendorff's own example, of four observers and twelve units: 0.743.
  @Test func fourObserversAgreeAsInTheTextbook() throws {
    let alpha = alpha(["123321412...", "1233224125.3", ".3332342251.", "12332441251."])
    #expect(alpha.unitCount == 11)
    #expect(abs(try #require(alpha.value) - 0.743_421_052_631_579) < 1e-12)
    let interval = try #require(alpha.interval(ResamplingOptions(sampleCount: 300, seed: 1)))
    #expect(interval.lower < 0.74 && interval.upper > 0.75 && interval.upper <= 1)
  }

  /// Three coders and 15 units, another example of the literature: 0.691 from 26 answers.
  @Test func answersMayBeMissing() throws {
    let alpha = alpha([".....34121133.3", "1.213343.......", "..21344.21133.4"])
    #expect(abs(try #require(alpha.value) - 0.691_358_024_691_358) < 1e-12)
  }

  /// Two raters: "12" and "12" agree, "12" and "21" disagree in 2 of 2. With 4 answers, 2 of each
  /// value: observed 1, expected 2·2·2 / (4·3) = 2/3, so α = 1 - 3/2.
  @Test func agreementIsOneAndOppositionIsBelowZero() {
    #expect(alpha(["12", "12"]).value == 1)
    #expect(alpha(["12", "21"]).value == -0.5)
  }

  @Test func itIsUndefinedWithoutPairsOrWithOneValueOnly() {
    let single = alpha(["12.", "..1"])
    #expect(single.value == nil && single.unitCount == 0 && single.interval() == nil)
    #expect(alpha(["111", "111"]).value == nil)
    #expect(alpha(["", ""]).value == nil)
  }
}
