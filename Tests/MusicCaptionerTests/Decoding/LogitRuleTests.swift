import Foundation
import Testing

@testable import MusicCaptioner

struct LogitRuleTests {
  private static let never = -Float.infinity

  /// The scores of one row after rules.
  private func scores(
    _ logits: [Float], after tokens: [Int] = [2, 0], _ rules: any LogitRule...,
    as scale: TokenScores.Scale = .logits
  ) -> [Float] {
    scoreRows(Tensor([1, logits.count], logits), after: [tokens], rules: rules, as: scale) {
      _, scores in logits.indices.map { scores[$0] }
    }[0]
  }

  private func best(
    _ count: Int, of logits: [Float], _ rules: any LogitRule...
  ) -> [Candidate] {
    scoreRows(
      Tensor([1, logits.count], logits), after: [[2, 0]], rules: rules, as: .logProbabilities
    ) { $1.best(count) }[0]
  }

  @Test func repetitionMultipliesNegativeAndDividesPositiveScoresOnce() {
    let found = scores([4, -4, 3, -3, 0], after: [0, 1, 1, 4], RepetitionPenalty(penalty: 2))
    #expect(found == [2, -8, 3, -3, 0])
  }

  @Test func repetitionWorksOnLogProbabilitiesInBeamSearch() {
    // Two equal logits: both have log ½, whatever they are.
    let found = scores([5, 5], after: [1], RepetitionPenalty(penalty: 2), as: .logProbabilities)
    #expect(abs(found[0] - log(0.5)) < 1e-6)
    #expect(abs(found[1] - 2 * log(0.5)) < 1e-6)
  }

  @Test(
    arguments: [
      (1, [2, 0, 3], [0, 2, 3]),
      (2, [2, 0, 3, 4, 3], [4]),
      (2, [2, 0, 3, 4, 3, 1, 3], [1, 4]),
      (3, [2, 0, 3, 4, 2, 0], [3]),
      (3, [2, 0, 3, 4, 0, 3], [4]),
      (3, [2, 0], []),
      (3, [2], []),
      (9, [2, 0, 3], []),
    ] as [(Int, [Int], [Int])])
  func whatWouldCompleteARunThatHasOccurredIsForbidden(
    size: Int, tokens: [Int], forbidden: [Int]
  ) {
    let found = scores([1, 1, 1, 1, 1], after: tokens, NoRepeatedNGrams(size: size))
    #expect(found.indices.filter { found[$0] == Self.never } == forbidden)
  }

  @Test func theEndIsForbiddenBelowTheMinimumLengthOnly() {
    let rule = MinimumLength(length: 3, endToken: 2)
    #expect(scores([1, 1, 1], after: [2, 0], rule) == [1, 1, Self.never])
    #expect(scores([1, 1, 1], after: [2, 0, 1], rule) == [1, 1, 1])
  }

  @Test func aForcedTokenIsCertainAtItsPlaceWhateverOtherRulesSaid() {
    let rules: [any LogitRule] = [
      MinimumLength(length: 9, endToken: 2), ForcedToken(token: 2, position: 2),
    ]
    #expect(scores([1, 1, 1], rules[0], rules[1]) == [Self.never, Self.never, 0])
    #expect(scores([1, 1, 1], after: [2], rules[1]) == [1, 1, 1])
  }

  @Test func rulesComeInHuggingFacesOrderAndOnlyWhereAskedFor() {
    var options = DecodingOptions()
    options.repetitionPenalty = 1.5
    func names(_ options: DecodingOptions) -> [String] {
      options.rules(ModelConfiguration()).map { "\(type(of: $0))" }
    }
    #expect(
      names(options) == [
        "RepetitionPenalty", "NoRepeatedNGrams", "MinimumLength", "ForcedToken", "ForcedToken",
      ])
    options.repetitionPenalty = 1
    options.noRepeatNgramSize = 0
    options.minimumLength = 0
    #expect(names(options) == ["ForcedToken", "ForcedToken"])
  }

  @Test func theBestTokensAreThoseOfAFullSort() {
    for seed in UInt64(1)...20 {
      // Few different values, so that many are equal.
      let logits = randomTensor([97], seed: seed).values.map { ($0 * 3).rounded() }
      let sorted = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
      for count in [1, 2, 10, 97, 200] {
        let found = best(count, of: logits).map(\.token)
        #expect(found == Array(sorted.prefix(count)), "seed \(seed), \(count)")
      }
    }
  }

  @Test func impossibleTokensAndWhatIsNoNumberAreNeverAmongTheBest() {
    let logits: [Float] = [.nan, Self.never, 1, .nan, 0, Self.never]
    #expect(best(6, of: logits).map(\.token) == [2, 4])
  }

  @Test func candidatesKeepTheModelsOwnLogProbability() {
    let found = best(1, of: [0, 0], ForcedToken(token: 1, position: 2))
    #expect(found.map(\.token) == [1])
    #expect(found[0].score == 0)
    #expect(abs(found[0].logProbability - log(0.5)) < 1e-6)
    let punished = best(2, of: [0, 0, -50], RepetitionPenalty(penalty: 3))
    #expect(punished.map(\.token) == [1, 0])
    #expect(abs(punished[1].logProbability - log(0.5)) < 1e-6)
    #expect(abs(punished[1].score - 3 * log(0.5)) < 1e-6)
  }
}
