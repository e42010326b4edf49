import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct TagTargetsTests {
  @Test func aClipHasAOneForEachOfItsTags() {
    let targets = TagTargets(frequencies: [0.5, 0.25, 0.1], balance: 0)
    let matrix = targets.matrix([[0, 2], [], [1]])
    #expect(matrix.shape == [3, 3])
    #expect(matrix.values == [1, 0, 1, 0, 0, 0, 0, 1, 0])
  }

  @Test func withoutBalanceAllTagsWeighOne() {
    let targets = TagTargets(frequencies: [0.5, 0.01, 0.9], balance: 0)
    #expect(targets.weights.values.allSatisfy { abs($0 - 1) < 1e-6 })
  }

  @Test func balanceRaisesRareTagsButNotTheWhole() {
    let frequencies = [0.5, 0.1, 0.02]
    let weights = TagTargets(frequencies: frequencies, balance: 1).weights.values.map(Double.init)
    #expect(weights[0] < weights[1] && weights[1] < weights[2])
    #expect(abs(weights[1] / weights[0] - 0.25 / 0.09) < 1e-4)
    let entropies = frequencies.map { -$0 * log($0) - (1 - $0) * log(1 - $0) }
    let weighed = zip(weights, entropies).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(weighed - entropies.reduce(0, +)) < 1e-5)
  }

  @Test func tagsThatAllOrNoneHaveStayFinite() {
    let targets = TagTargets(frequencies: [0, 1], balance: 1)
    #expect(targets.weights.values.allSatisfy { $0.isFinite && $0 > 0 })
    #expect(targets.logOdds.values.allSatisfy { $0.isFinite })
    #expect(abs(TagTargets(frequencies: [0.25], balance: 0).logOdds.values[0] + log(3)) < 1e-6)
  }
}
