import Foundation
import Testing

@testable import MusicCaptioner

struct RandomChoiceTests {
  private func probabilities(
    _ logits: [Float], _ change: (inout DecodingOptions) -> Void = { _ in }
  ) -> [Int: Double] {
    var options = DecodingOptions()
    change(&options)
    let choice = RandomChoice(options)
    let entries = scoreRows(
      Tensor([1, logits.count], logits), after: [[2]], rules: [], as: .logits
    ) { choice.distribution($1) }[0]
    let sum = entries.reduce(0) { $0 + $1.weight }
    return Dictionary(uniqueKeysWithValues: entries.map { ($0.token, $0.weight / sum) })
  }

  private func draw(_ logits: [Float], _ number: Double) -> Int? {
    scoreRows(Tensor([1, logits.count], logits), after: [[2]], rules: [], as: .logits) {
      RandomChoice(DecodingOptions())($1, draw: number)
    }[0]
  }

  @Test func withoutOptionsItIsTheSoftmax() {
    let found = probabilities([log(1), log(3), -.infinity, log(4)])
    #expect(found.keys.sorted() == [0, 1, 3])
    #expect(abs((found[1] ?? 0) - 0.375) < 1e-6)
  }

  @Test func temperatureDividesLogits() {
    let found = probabilities([log(1), log(9)]) { $0.temperature = 2 }
    #expect(abs((found[1] ?? 0) - 0.75) < 1e-6)
  }

  @Test func topKKeepsWhatScoresAsTheKth() {
    #expect(probabilities([1, 3, 2, 2, 0]) { $0.topK = 2 }.keys.sorted() == [1, 2, 3])
    #expect(probabilities([1, 3, 2, 2, 0]) { $0.topK = 1 }.keys.sorted() == [1])
    #expect(probabilities([1, 3, 2, 2, 0]) { $0.topK = 100 }.count == 5)
  }

  @Test(
    arguments: [
      (0.01, [1]), (0.45, [1]), (0.55, [1, 3]), (0.9, [0, 1, 3]), (0.97, [0, 1, 2, 3]),
    ] as [(Double, [Int])])
  func topPKeepsTheSmallestSetWithThatProbability(topP: Double, kept: [Int]) {
    let logits = [0.15, 0.5, 0.05, 0.3].map { Float(log($0)) }
    #expect(probabilities(logits) { $0.topP = topP }.keys.sorted() == kept)
  }

  @Test func topPCountsWhatTopKAndTemperatureHaveLeft() {
    // Of the first two, 0.5 and 0.3, the first has 0.625.
    let logits = [0.15, 0.5, 0.05, 0.3].map { Float(log($0)) }
    #expect(
      probabilities(logits) {
        $0.topK = 2
        $0.topP = 0.62
      }.keys.sorted() == [1])
  }

  @Test func topPOfManyUnlikelyTokensIsThatOfAFullSort() {
    for seed in UInt64(1)...5 {
      let logits = randomTensor([3_000], seed: seed, deviation: 4).values
      let order = logits.indices.sorted { logits[$0] > logits[$1] }
      let weights = order.map { exp(Double(logits[$0])) }
      let sum = weights.reduce(0, +)
      for topP in [0.3, 0.9, 0.999, 0.999999] {
        var (mass, count) = (0.0, 0)
        while mass < topP * sum {
          mass += weights[count]
          count += 1
        }
        let found = probabilities(logits) { $0.topP = topP }
        #expect(found.keys.sorted() == order.prefix(count).sorted(), "seed \(seed), \(topP)")
      }
    }
  }

  @Test func drawsFallWhereTheCumulativeProbabilityPassesThem() {
    let logits = [0.25, 0.5, 0.25].map { Float(log($0)) }
    let draws = [0, 0.24, 0.26, 0.74, 0.76, 0.999_999_999]
    #expect(draws.map { draw(logits, $0) } == [0, 0, 1, 1, 2, 2])
    #expect(draw([-.infinity, .nan], 0.5) == nil)
  }
}
