/// A caption as tokens, with how likely the model finds it.
package struct Hypothesis: Sendable, Equatable {
  /// The decoder's start token, the caption's start token, the words, the end token: the
  /// sequence that Hugging Face's `generate` returns.
  package let tokens: [Int]
  /// In beam search, Hugging Face's `sequences_scores`: the sum of log-probabilities after all rules over
  /// lengthᵖ, with the length in generated tokens and the length penalty p. In greedy search and sampling,
  /// ``sumLogProbability`` over lengthᵖ.
  package let score: Float
  /// The sum of the model's own log-probabilities, without the first token, which is forced.
  package let sumLogProbability: Float
}

/// The captions of one clip.
package struct DecodingResult: Sendable, Equatable {
  /// Best first. Empty only where the model's outputs are not numbers.
  package let hypotheses: [Hypothesis]

  package var best: Hypothesis? { hypotheses.first }
}

/// A method of decoding: encoded clips to sequences of tokens.
protocol DecodingSearch: Sendable {
  /// - Parameters:
  ///   - memory: The encoded clips.
  ///   - clipNumbers: Each clip's number, the same in whatever batch it is.
  /// - Returns: Each clip's hypotheses, best first.
  func run(
    _ memory: CaptionModel.Memory, clipNumbers: [UInt64], in pass: ForwardPass
  ) -> [[Hypothesis]]
}

/// Decodes clips with one model and one set of options.
package struct DecodingTask: Sendable {
  package let options: DecodingOptions
  private let model: CaptionModel
  private let precision: ComputePrecision
  private let search: any DecodingSearch

  /// - Throws: The first option that can't be used, or asks for more positions than the model has.
  package init(
    _ model: CaptionModel, _ options: DecodingOptions = DecodingOptions(),
    precision: ComputePrecision = .float32
  ) throws(OptionError) {
    try options.validate()
    // The last token is predicted, never read.
    let limit = model.configuration.maximumPositionCount + 1
    guard options.maximumLength <= limit else {
      throw OptionError(
        "maximum_length", found: "\(options.maximumLength)",
        expected: "at most \(limit), the model's max_position_embeddings and an end token")
    }
    self.model = model
    self.precision = precision
    self.options = options
    if options.sampling {
      search = SequentialSearch(
        model, options, choice: RandomChoice(options), sequencesPerClip: options.best)
    } else if options.beamWidth == 1 {
      search = SequentialSearch(model, options, choice: GreedyChoice(), sequencesPerClip: 1)
    } else {
      search = BeamSearch(model, options)
    }
  }

  /// Encodes and decodes a batch of clips.
  ///
  /// - Parameters:
  ///   - logMel: `[batch, frames, mels]`
  ///   - clipNumbers: Each clip's number for sampling, such as its place in its file, so that a clip's
  ///     samples don't depend on its batch. By default the place in the batch.
  /// - Returns: One result for each clip.
  package func run(logMel: Tensor, clipNumbers: [UInt64]? = nil) -> [DecodingResult] {
    guard logMel.shape[0] > 0 else { return [] }
    return run(
      model.encode(logMel, in: .inference(precision)), clipNumbers: clipNumbers)
  }

  /// The same with all that the search found, and with what the encoder tells of tags.
  ///
  /// - Returns: For each clip its hypotheses, which may be more than ``DecodingOptions/best``, and the probability of
  ///   each tag; none for a model that scores no tags.
  func runFully(
    logMel: Tensor, clipNumbers: [UInt64]
  ) -> [(result: DecodingResult, tagScores: [Float])] {
    let clipCount = logMel.shape[0]
    let pass = ForwardPass.inference(precision)
    let inputs = model.frontEnd(logMel, in: pass)
    let memory = model.encode(inputs, clipCount: clipCount, in: pass)
    let scores = model.tagScores(inputs, memory: memory, clipCount: clipCount, in: pass)
    return zip(search(memory, clipNumbers), 0...).map { hypotheses, clip in
      let scores = scores.map { Array($0.rows(clip..<clip + 1).values) } ?? []
      return (DecodingResult(hypotheses: hypotheses), scores)
    }
  }

  /// Decodes clips that are encoded already.
  func run(_ memory: CaptionModel.Memory, clipNumbers: [UInt64]? = nil) -> [DecodingResult] {
    search(memory, clipNumbers).map { hypotheses in
      DecodingResult(hypotheses: Array(hypotheses.prefix(options.best)))
    }
  }

  private func search(_ memory: CaptionModel.Memory, _ clipNumbers: [UInt64]?) -> [[Hypothesis]] {
    let numbers = clipNumbers ?? (0..<memory.layout.count).map(UInt64.init)
    precondition(
      numbers.count == memory.layout.count,
      "\(numbers.count) clip numbers for \(memory.layout.count) clips")
    return search.run(memory, clipNumbers: numbers, in: .inference(precision))
  }
}
