import ArgumentParser
import Commands
import MusicCaptioner

struct DecodingArguments: ParsableArguments {
  @Option(help: "Beams of beam search; 1 is greedy search. (default: 5)")
  var beamWidth: Int?

  @Option(help: "The longest sequence in tokens, including start and end. (default: 128)")
  var maxLength: Int?

  @Option(help: "The shortest sequence, counted the same way. (default: 2)")
  var minLength: Int?

  @Option(help: "Above 0 favors long captions, below 0 short ones. (default: 1.0)")
  var lengthPenalty: Double?

  @Option(help: "Don't repeat n-grams of this many tokens; 0 for no limit. (default: 3)")
  var noRepeatNgram: Int?

  @Option(help: "Above 1 makes repeated tokens less likely. (default: 1.0)")
  var repetitionPenalty: Double?

  @Option(help: "Captions per chunk, best first. (default: 1)")
  var best: Int?

  @Flag(help: "Continue until no hypothesis can beat the complete ones.")
  var noEarlyStopping = false

  @Flag(help: "Sample tokens by their probability instead of searching.")
  var sample = false

  @Option(help: "For sampling: below 1 is more conservative, above 1 more varied. (default: 1)")
  var temperature: Double?

  @Option(help: "For sampling: the number of most likely tokens to use; 0 for all. (default: 0)")
  var topK: Int?

  @Option(help: "For sampling: the total probability of the tokens to use. (default: 1)")
  var topP: Double?

  @Option(help: "For sampling: the same seed gives the same captions. (default: 0)")
  var seed: UInt64?

  /// The given options, with the keys of `CaptionerOptions`.
  var overrides: [OptionOverride] {
    OptionOverride.given([
      ("decoding.beam_width", beamWidth),
      ("decoding.maximum_length", maxLength),
      ("decoding.minimum_length", minLength),
      ("decoding.length_penalty", lengthPenalty),
      ("decoding.no_repeat_ngram_size", noRepeatNgram),
      ("decoding.repetition_penalty", repetitionPenalty),
      ("decoding.best", best),
      ("decoding.early_stopping", noEarlyStopping ? false : nil),
      ("decoding.sampling", sample ? true : nil),
      ("decoding.temperature", temperature),
      ("decoding.top_k", topK),
      ("decoding.top_p", topP),
      ("decoding.seed", seed),
    ])
  }
}

struct ComputingArguments: ParsableArguments {
  @Option(
    help:
      "The precision of matrix products: float32, bfloat16 or int8. (default: float32)")
  var precision: ComputePrecision?

  @Option(help: "Chunks captioned together. (default: 8)")
  var batchSize: Int?

  @Option(help: "The number of threads. (default: the number of processors)")
  var threads: Int?
}
