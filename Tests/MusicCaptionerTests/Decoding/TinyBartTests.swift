import Testing

@testable import MusicCaptioner

/// What holds without the development data: equality with Hugging Face, and independence of batch
/// and threads.
struct TinyBartTests {
  private let tiny: TinyBart

  init() throws { tiny = try TinyBart() }

  @Test func theEncoderEqualsHuggingFaces() {
    let memory = tiny.model.encode(tiny.logMel, in: .inference)
    #expect(largestDifference(memory.rows.value, tiny.memory) < 1e-4)
  }

  @Test func everySettingGivesHuggingFacesSequencesAndScores() throws {
    let memory = tiny.model.encode(tiny.logMel, in: .inference)
    #expect(tiny.settings.count > 20)
    for (name, golden) in tiny.settings.sorted(by: { $0.key < $1.key }) {
      let results = try DecodingTask(tiny.model, golden.options).run(memory)
      try #require(results.count == golden.chunks.count)
      for (clip, (result, expected)) in zip(results, golden.chunks).enumerated() {
        #expect(
          result.hypotheses.map(\.tokens) == expected.sequences, "\(name), clip \(clip)")
        for (found, score) in zip(result.hypotheses, expected.scores ?? []) {
          #expect(abs(Double(found.score) - score) <= 1e-4 * abs(score), "\(name), clip \(clip)")
        }
        for (found, sum) in zip(result.hypotheses, expected.sumLogprobs) {
          #expect(
            abs(Double(found.sumLogProbability) - sum) <= 1e-4 * abs(sum), "\(name), clip \(clip)")
        }
      }
    }
  }

  /// Options of each kind of search.
  private static let searches: [(name: String, change: @Sendable (inout DecodingOptions) -> Void)] =
    [
      ("beam search", { $0.best = 5 }),
      ("greedy search", { $0.beamWidth = 1 }),
      (
        "sampling",
        {
          $0.sampling = true
          $0.best = 3
          $0.topP = 0.9
          $0.seed = 11
        }
      ),
    ]

  @Test func aClipAloneGivesWhatItGivesInABatch() throws {
    for (name, change) in Self.searches {
      let together = try tiny.run(change)
      for clip in together.indices {
        let alone = try tiny.run(clips: clip..<clip + 1, change)[0]
        let place = "\(name), clip \(clip)"
        #expect(
          alone.hypotheses.map(\.tokens) == together[clip].hypotheses.map(\.tokens), "\(place)")
        for (one, other) in zip(alone.hypotheses, together[clip].hypotheses) {
          // Products of other sizes may sum in another order.
          #expect(abs(one.score - other.score) < 1e-4, "\(place)")
        }
      }
    }
  }

  @Test func theNumberOfThreadsChangesNoBit() throws {
    let threadCount = WorkPool.shared.threadCount
    defer { WorkPool.shared.threadCount = threadCount }
    for (name, change) in Self.searches {
      let results = try [1, 2, 5].map { count in
        WorkPool.shared.threadCount = count
        return try tiny.run(change)
      }
      #expect(results[0] == results[1] && results[0] == results[2], "\(name)")
    }
  }

  @Test func samplingRepeatsWithTheSeedAndChangesWithIt() throws {
    let runs = try [UInt64(1), 1, 2].map { seed in
      try tiny.run {
        $0.sampling = true
        $0.best = 4
        $0.seed = seed
      }
    }
    #expect(runs[0] == runs[1])
    #expect(runs[0] != runs[2])
    for result in runs[0] {
      #expect(result.hypotheses.count == 4)
      #expect(Set(result.hypotheses.map(\.tokens)).count > 1, "samples differ from each other")
      #expect(result.hypotheses.map(\.score) == result.hypotheses.map(\.score).sorted(by: >))
    }
  }

  @Test func samplingFromTheLikeliestTokenIsGreedySearch() throws {
    let greedy = try tiny.run { $0.beamWidth = 1 }
    let sampled = try tiny.run {
      $0.sampling = true
      $0.topK = 1
    }
    #expect(greedy == sampled)
  }

  @Test func everySequenceHasTheForcedTokensAndTheLengthAskedFor() throws {
    for (name, change) in Self.searches {
      let results = try tiny.run {
        change(&$0)
        $0.minimumLength = 7
        $0.maximumLength = 12
      }
      for tokens in results.flatMap(\.hypotheses).map(\.tokens) {
        #expect(tokens.starts(with: [2, 0]) && tokens.last == 2, "\(name): \(tokens)")
        #expect((8...12).contains(tokens.count), "\(name): \(tokens)")
        #expect(!tokens.dropFirst().dropLast().contains(2), "\(name): \(tokens)")
      }
    }
  }

  @Test func outputsThatAreNotNumbersGiveNoHypothesis() throws {
    let tiny = try TinyBart()
    tiny.model.finalLogitsBias.value = Tensor(repeating: .nan, shape: [1, 40])
    for (name, change) in Self.searches {
      let results = try tiny.run(change)
      #expect(results.allSatisfy { $0.hypotheses.isEmpty && $0.best == nil }, "\(name)")
    }
  }

  @Test func anEmptyBatchGivesNoResults() throws {
    #expect(try tiny.run(clips: 0..<0).isEmpty)
  }
}
