import Foundation

/// Chooses the next token by its score.
protocol TokenChoice: Sendable {
  /// - Parameter draw: A random number in [0, 1).
  /// - Returns: A token, or `nil` if none is possible.
  func callAsFunction(_ scores: TokenScores, draw: Double) -> Int?
}

/// Takes the likeliest token.
struct GreedyChoice: TokenChoice {
  func callAsFunction(_ scores: TokenScores, draw: Double) -> Int? { scores.best(1).first?.token }
}

/// Greedy search and sampling: each sequence grows token by token, independent of the others (transformers
/// 4.26.1: `greedy_search`, `sample`). Sequences that have ended leave the batch.
struct SequentialSearch<Choice: TokenChoice>: DecodingSearch {
  private let model: CaptionModel
  private let choice: Choice
  private let rules: [any LogitRule]
  private let lengthPenalty: Double
  private let sequencesPerClip: Int
  private let seed: UInt64

  init(
    _ model: CaptionModel, _ options: DecodingOptions, choice: Choice, sequencesPerClip: Int
  ) {
    self.model = model
    self.choice = choice
    rules = options.rules(model.configuration)
    lengthPenalty = options.lengthPenalty
    self.sequencesPerClip = sequencesPerClip
    seed = options.seed
  }

  private struct Sequence {
    let clip: Int
    var tokens: [Int]
    var sumLogProbability: Float = 0
    /// The sequence's own, so that its draws don't depend on other sequences.
    var random: RandomSource

    mutating func append(_ candidate: Candidate) {
      // The first token is forced: its probability says nothing about the caption.
      if tokens.count > 1 { sumLogProbability += candidate.logProbability }
      tokens.append(candidate.token)
    }
  }

  func run(
    _ memory: CaptionModel.Memory, clipNumbers: [UInt64], in pass: ForwardPass
  ) -> [[Hypothesis]] {
    var finished: [[Hypothesis]] = clipNumbers.map { _ in [] }
    var running = start(clipNumbers)
    var decoder = StepDecoder(model, memory, clips: running.map(\.clip), in: pass)
    // The rules force an end at the maximum length: no sequence goes further.
    while !running.isEmpty {
      let draws = running.indices.map { Double(running[$0].random.next() >> 11) * 0x1p-53 }
      let chosen = scoreRows(
        decoder.logits(after: running.compactMap(\.tokens.last)), after: running.map(\.tokens),
        rules: rules, as: .logits
      ) { row, scores in
        choice(scores, draw: draws[row]).map(scores.candidate)
      }
      var kept: [Int] = []
      for (row, candidate) in chosen.enumerated() {
        guard let candidate else { continue }
        running[row].append(candidate)
        if candidate.token == model.configuration.endTokenID {
          finished[running[row].clip].append(hypothesis(running[row]))
        } else {
          kept.append(row)
        }
      }
      decoder.reorder(by: kept)
      running = kept.map { running[$0] }
    }
    return finished.map { $0.sorted { $0.score > $1.score } }
  }

  private func start(_ clipNumbers: [UInt64]) -> [Sequence] {
    clipNumbers.enumerated().flatMap { clip, number in
      (0..<sequencesPerClip).map { sample in
        Sequence(
          clip: clip, tokens: [model.configuration.decoderStartTokenID],
          random: RandomSource(seed: seed, stream: "decoding \(sample)", index: number))
      }
    }
  }

  private func hypothesis(_ sequence: Sequence) -> Hypothesis {
    let length = Double(sequence.tokens.count - 1)
    return Hypothesis(
      tokens: sequence.tokens,
      score: Float(Double(sequence.sumLogProbability) / pow(length, lengthPenalty)),
      sumLogProbability: sequence.sumLogProbability)
  }
}
