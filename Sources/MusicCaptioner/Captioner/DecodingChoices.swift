/// Decoding options chosen by the user; the model's own apply where they are nil.
package struct DecodingChoices: Sendable, Equatable {
  package var beamWidth: Int?
  package var maximumLength: Int?
  package var minimumLength: Int?
  package var lengthPenalty: Double?
  package var noRepeatNgramSize: Int?
  package var repetitionPenalty: Double?
  package var best: Int?
  package var earlyStopping: Bool?
  package var sampling: Bool?
  package var temperature: Double?
  package var topK: Int?
  package var topP: Double?
  package var seed: UInt64?

  package init() {}

  /// The options, replaced by the user's choices where given.
  ///
  /// - Throws: The first invalid value, under the name of its command-line option.
  package func applied(to options: DecodingOptions) throws(CaptionerError) -> DecodingOptions {
    var options = options
    options.beamWidth = beamWidth ?? options.beamWidth
    options.maximumLength = maximumLength ?? options.maximumLength
    options.minimumLength = minimumLength ?? options.minimumLength
    options.lengthPenalty = lengthPenalty ?? options.lengthPenalty
    options.noRepeatNgramSize = noRepeatNgramSize ?? options.noRepeatNgramSize
    options.repetitionPenalty = repetitionPenalty ?? options.repetitionPenalty
    options.best = best ?? options.best
    options.earlyStopping = earlyStopping ?? options.earlyStopping
    options.sampling = sampling ?? options.sampling
    options.temperature = temperature ?? options.temperature
    options.topK = topK ?? options.topK
    options.topP = topP ?? options.topP
    options.seed = seed ?? options.seed
    if let (key, found, expected) = options.problems.first {
      throw .option(Self.optionName(key), found: found, expected: expected)
    }
    return options
  }

  /// Choices that have no effect, each described by a sentence.
  ///
  /// - Parameter options: The options with the choices applied.
  package func withoutEffect(in options: DecodingOptions) -> [String] {
    let ofSearch: [(name: String, isChosen: Bool)] = [
      ("--beam-width", beamWidth != nil), ("--no-early-stopping", earlyStopping != nil),
    ]
    let ofSampling: [(name: String, isChosen: Bool)] = [
      ("--temperature", temperature != nil), ("--top-k", topK != nil), ("--top-p", topP != nil),
      ("--seed", seed != nil),
    ]
    let unused =
      options.sampling
      ? ofSearch.filter(\.isChosen).map { "\($0.name) has no effect with --sample" }
      : ofSampling.filter(\.isChosen).map { "\($0.name) has no effect without --sample" }
    let isGreedy = !options.sampling && options.beamWidth == 1
    return isGreedy && earlyStopping != nil
      ? unused + ["--no-early-stopping has no effect with one beam"] : unused
  }

  /// The command-line option for a configuration key.
  package static func optionName(_ key: String) -> String {
    let shortened = [
      "maximum_length": "max-length", "minimum_length": "min-length",
      "no_repeat_ngram_size": "no-repeat-ngram", "sampling": "sample",
    ]
    return "--" + (shortened[key] ?? key.replacing("_", with: "-"))
  }
}
