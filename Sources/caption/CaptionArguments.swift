import ArgumentParser
import Commands
import MusicCaptioner

struct DecodingArguments: ParsableArguments {
  @Option(help: "Hypotheses that beam search keeps; 1 is greedy search. (default: 5)")
  var beamWidth: Int?

  @Option(help: "The longest sequence in tokens, start and end included. (default: 128)")
  var maxLength: Int?

  @Option(help: "The shortest, counted in the same way. (default: 2)")
  var minLength: Int?

  @Option(help: "More than 0 favours long captions, less than 0 short ones. (default: 1.0)")
  var lengthPenalty: Double?

  @Option(help: "No run of so many tokens occurs twice; 0 for any. (default: 3)")
  var noRepeatNgram: Int?

  @Option(help: "More than 1 makes tokens that have occurred less likely. (default: 1.0)")
  var repetitionPenalty: Double?

  @Option(help: "Captions of each chunk, best first. (default: 1)")
  var best: Int?

  @Flag(help: "Go on until no hypothesis can beat the complete ones.")
  var noEarlyStopping = false

  @Flag(help: "Draw tokens at random by their probability instead of searching.")
  var sample = false

  @Option(help: "Of sampling: below 1 is more careful, above more daring. (default: 1)")
  var temperature: Double?

  @Option(help: "Of sampling: from so many of the likeliest tokens; 0 for all. (default: 0)")
  var topK: Int?

  @Option(help: "Of sampling: from the likeliest with this much probability. (default: 1)")
  var topP: Double?

  @Option(help: "Of sampling: the same seed gives the same captions. (default: 0)")
  var seed: UInt64?

  /// What was given, under the keys of `CaptionerOptions`.
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
      "The numbers that weights are multiplied in: float32, bfloat16 or int8. (default: float32)")
  var precision: ComputePrecision?

  @Option(help: "Chunks that are captioned together. (default: 8)")
  var batchSize: Int?

  @Option(help: "Threads to compute with. (default: one for each processor)")
  var threads: Int?
}
