/// How captions are decoded. The defaults are what `caption` does (arXiv 2307.16372's beam search,
/// as lpmc `music_captioning/captioning.py` calls Hugging Face's `generate`, at a width of 5).
///
/// Names follow Hugging Face's arguments where there is one, with the meaning of transformers 4.26.1.
package struct DecodingOptions: Codable, Sendable, Equatable {
  /// Hypotheses that beam search keeps for each clip; 1 is greedy search. Unused by sampling.
  package var beamWidth = 5
  /// The longest sequence, in tokens, start and end included.
  package var maximumLength = 128
  /// The shortest sequence, in tokens, the end token not counted.
  package var minimumLength = 2
  /// Hypotheses are compared by the sum of log-probabilities over length to this power: more
  /// than 0 favours long ones, less than 0 short ones.
  package var lengthPenalty = 1.0
  /// No n-gram of this many tokens occurs twice in a caption; 0 turns the rule off.
  package var noRepeatNgramSize = 3
  /// Makes tokens that have occurred less likely; 1 turns the rule off (arXiv 1909.05858).
  package var repetitionPenalty = 1.0
  /// Hypotheses returned for each clip, best first; when sampling, the number of samples.
  package var best = 1
  /// Beam search ends a clip as soon as it has `beamWidth` complete hypotheses; otherwise when no
  /// running one can still beat the worst of them.
  package var earlyStopping = true
  /// Draw tokens at random by their probability instead of searching for the likeliest.
  package var sampling = false
  /// Logits are divided by this before sampling: below 1 is more conservative, above 1 more random.
  package var temperature = 1.0
  /// Sample from this many of the likeliest tokens; 0 for all.
  package var topK = 0
  /// Sample from the smallest set of likeliest tokens whose probabilities add up to this.
  package var topP = 1.0
  /// The seed of sampling: the same seed gives the same captions.
  package var seed: UInt64 = 0

  package init() {}

  /// Reads the keys that are present; the others keep their defaults.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, _ property: inout Value) throws {
      property = try values.decodeIfPresent(Value.self, forKey: key) ?? property
    }
    try read(.beamWidth, &beamWidth)
    try read(.maximumLength, &maximumLength)
    try read(.minimumLength, &minimumLength)
    try read(.lengthPenalty, &lengthPenalty)
    try read(.noRepeatNgramSize, &noRepeatNgramSize)
    try read(.repetitionPenalty, &repetitionPenalty)
    try read(.best, &best)
    try read(.earlyStopping, &earlyStopping)
    try read(.sampling, &sampling)
    try read(.temperature, &temperature)
    try read(.topK, &topK)
    try read(.topP, &topP)
    try read(.seed, &seed)
  }
}

extension DecodingOptions {
  /// The most hypotheses or samples of one clip: each is a row of the batch.
  static let maximumRowsPerClip = 1_000
  /// No model here has more positions.
  static let maximumSequenceLength = 1 << 20

  /// Why these options are invalid, as (key, found, expected); empty if they are valid.
  package var problems: [(key: String, found: String, expected: String)] {
    var problems: [(key: String, found: String, expected: String)] = []
    func check(_ isValid: Bool, _ key: String, _ found: Any, _ expected: String) {
      if !isValid { problems.append((key, "\(found)", expected)) }
    }
    let rows = 1...Self.maximumRowsPerClip
    check(
      rows.contains(beamWidth), "beam_width", beamWidth, "a number from 1 to \(rows.upperBound)")
    check(
      (2...Self.maximumSequenceLength).contains(maximumLength), "maximum_length", maximumLength,
      "a number from 2 (start and end) to \(Self.maximumSequenceLength)")
    check(
      minimumLength >= 0 && minimumLength <= max(maximumLength, 2), "minimum_length",
      minimumLength, "a number from 0 to maximum_length (\(maximumLength))")
    check(
      lengthPenalty.isFinite && abs(lengthPenalty) <= 100, "length_penalty", lengthPenalty,
      "a number from -100 to 100")
    check(
      noRepeatNgramSize >= 0, "no_repeat_ngram_size", noRepeatNgramSize,
      "0 (off) or a number of tokens")
    check(
      isPositive(repetitionPenalty), "repetition_penalty", repetitionPenalty,
      "a positive number, 1 for none")
    if sampling {
      check(rows.contains(best), "best", best, "a number from 1 to \(rows.upperBound)")
    } else {
      check(
        best >= 1 && best <= max(beamWidth, 1), "best", best,
        "a number from 1 to beam_width (\(beamWidth)): there are no more hypotheses")
    }
    check(isPositive(temperature), "temperature", temperature, "a positive number")
    check(topK >= 0, "top_k", topK, "0 (all) or a number of tokens")
    check(topP > 0 && topP <= 1, "top_p", topP, "a probability above 0, at most 1")
    return problems
  }

  /// Positive as a float32 too, in which scores are computed.
  private func isPositive(_ number: Double) -> Bool {
    Float(number) > 0 && Float(number).isFinite
  }

  /// Throws the first invalid value.
  package func validate() throws(DecodingOptionsError) {
    if let (key, found, expected) = problems.first {
      throw DecodingOptionsError(key: key, found: found, expected: expected)
    }
  }
}
