import Testing

@testable import MusicCaptioner

struct FinishedHypothesesTests {
  private func hypotheses(
    width: Int = 2, penalty: Double = 1, _ entries: [(tokens: [Int], sum: Float)]
  ) -> FinishedHypotheses {
    var finished = FinishedHypotheses(width: width, lengthPenalty: penalty)
    for (tokens, sum) in entries { finished.add(tokens, sum: sum, sumLogProbability: sum) }
    return finished
  }

  private func tokens(_ count: Int, _ mark: Int = 0) -> [Int] {
    [2] + Array(repeating: mark, count: count - 1) + [2]
  }

  @Test func scoresAreSumsOverLengthToThePenalty() {
    #expect(hypotheses([(tokens(4), -8)]).bestFirst.map(\.score) == [-2])
    #expect(hypotheses(penalty: 2, [(tokens(4), -8)]).bestFirst.map(\.score) == [-0.5])
    #expect(hypotheses(penalty: 0, [(tokens(4), -8)]).bestFirst.map(\.score) == [-8])
  }

  @Test func theWorstGivesWayToABetterOneOnly() {
    var finished = hypotheses([(tokens(2), -2), (tokens(2), -4)])
    #expect(finished.isFull)
    finished.add(tokens(2), sum: -6, sumLogProbability: 0)
    #expect(finished.bestFirst.map(\.score) == [-1, -2])
    finished.add(tokens(2), sum: -3, sumLogProbability: 0)
    #expect(finished.bestFirst.map(\.score) == [-1, -1.5])
  }

  @Test func ofEqualOnesTheLatestComesFirst() {
    let finished = hypotheses([(tokens(2, 7), -2), (tokens(2, 8), -2)])
    #expect(finished.bestFirst.map { $0.tokens[1] } == [8, 7])
  }

  @Test func aRunningHypothesisMayBeatTheWorstAtItsLengthNow() {
    let finished = hypotheses([(tokens(2), -2), (tokens(2), -4)])
    #expect(finished.mayAccept(sum: -5.9, length: 3))
    #expect(!finished.mayAccept(sum: -6, length: 3))
  }
}
