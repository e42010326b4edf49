/// Beam search as transformers 4.26.1 does it (`beam_search` with `BeamSearchScorer`), over many
/// clips at once: all hypotheses of all unfinished clips advance together, and clips that are
/// finished leave the batch.
///
/// Hugging Face starts each clip with `width` equal rows, all but one of them at a score of −10⁹, so
/// that they are not picked. Here a clip starts with one row. The two differ only where a clip
/// has fewer than 2·`width` possible next tokens: then fewer hypotheses come out here, and copies
/// scored about −10⁹ there.
struct BeamSearch: DecodingSearch {
  private let model: CaptionModel
  private let rules: [any LogitRule]
  private let width: Int
  private let lengthPenalty: Double
  private let stopsEarly: Bool

  init(_ model: CaptionModel, _ options: DecodingOptions) {
    self.model = model
    rules = options.rules(model.configuration)
    width = options.beamWidth
    lengthPenalty = options.lengthPenalty
    stopsEarly = options.earlyStopping
  }

  /// A hypothesis that may be extended.
  private struct Beam {
    let clip: Int
    var tokens: [Int]
    var score: Float = 0
    var sumLogProbability: Float = 0

    func extended(by candidate: Candidate, score: Float) -> Beam {
      var beam = self
      // The first token is forced: its probability says nothing about the caption.
      if tokens.count > 1 { beam.sumLogProbability += candidate.logProbability }
      beam.tokens.append(candidate.token)
      beam.score = score
      return beam
    }
  }

  /// A token that may extend one of a clip's beams.
  private struct Continuation {
    let row: Int
    let candidate: Candidate
    let score: Float
  }

  func run(
    _ memory: CaptionModel.Memory, clipNumbers: [UInt64], in pass: ForwardPass
  ) -> [[Hypothesis]] {
    let clipCount = memory.layout.count
    var finished = Array(
      repeating: FinishedHypotheses(width: width, lengthPenalty: lengthPenalty),
      count: clipCount)
    var beams = (0..<clipCount).map {
      Beam(clip: $0, tokens: [model.configuration.decoderStartTokenID])
    }
    var decoder = StepDecoder(model, memory, clips: beams.map(\.clip), in: pass)
    // The rules force an end at the maximum length: no beam goes further.
    while !beams.isEmpty {
      let candidates = scoreRows(
        decoder.logits(after: beams.compactMap(\.tokens.last)), after: beams.map(\.tokens),
        rules: rules, as: .logProbabilities
      ) { $1.best(2 * width) }
      var next: [Beam] = []
      var parents: [Int] = []
      for rows in rowsOfEachClip(beams) {
        let ways = bestContinuations(of: rows, beams, candidates)
        let kept = advance(ways, beams, &finished[beams[rows.lowerBound].clip])
        parents += kept.map(\.row)
        next += kept.map { beams[$0.row].extended(by: $0.candidate, score: $0.score) }
      }
      decoder.reorder(by: parents)
      beams = next
    }
    return finished.map(\.bestFirst)
  }

  /// The rows of each unfinished clip, in order.
  private func rowsOfEachClip(_ beams: [Beam]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for row in beams.indices {
      if let last = ranges.last, beams[last.lowerBound].clip == beams[row].clip {
        ranges[ranges.count - 1] = last.lowerBound..<row + 1
      } else {
        ranges.append(row..<row + 1)
      }
    }
    return ranges
  }

  /// The 2·width best continuations of one clip: enough to keep `width` of them even if half of them are
  /// end tokens.
  private func bestContinuations(
    of rows: Range<Int>, _ beams: [Beam], _ candidates: [[Candidate]]
  ) -> [Continuation] {
    var all = rows.flatMap { row in
      candidates[row].map {
        Continuation(row: row, candidate: $0, score: $0.score + beams[row].score)
      }
    }
    // Equal scores in the order of rows and tokens, so that the result is always the same.
    all.sort { ($1.score, $0.row, $0.candidate.token) < ($0.score, $1.row, $1.candidate.token) }
    return Array(all.prefix(2 * width))
  }

  /// Takes one step of one clip: continuations by the end token become finished hypotheses.
  ///
  /// - Returns: The continuations to keep; none if the clip is finished.
  private func advance(
    _ ways: [Continuation], _ beams: [Beam], _ finished: inout FinishedHypotheses
  ) -> [Continuation] {
    guard let best = ways.first else { return [] }
    let length = beams[best.row].tokens.count
    let endToken = model.configuration.endTokenID
    var kept: [Continuation] = []
    for (rank, way) in ways.enumerated() where kept.count < width {
      if way.candidate.token != endToken {
        kept.append(way)
      } else if rank < width {
        let beam = beams[way.row].extended(by: way.candidate, score: way.score)
        finished.add(beam.tokens, sum: beam.score, sumLogProbability: beam.sumLogProbability)
      }
    }
    let isDone =
      stopsEarly
      ? finished.isFull : finished.isFull && !finished.mayAccept(sum: best.score, length: length)
    return isDone ? [] : kept
  }
}
