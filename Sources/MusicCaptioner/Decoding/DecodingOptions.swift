/// How captions are decoded. The defaults are what `caption` does (arXiv 2307.16372's beam search,
/// as lpmc `music_captioning/captioning.py` calls Hugging Face's `generate`, at a width of 5).
///
/// Names follow Hugging Face's arguments where they have one: the meaning is that of
/// transformers 4.26.1.
public struct DecodingOptions: Options {
  /// Hypotheses that beam search keeps of each clip; 1 is greedy search. Unused by sampling.
  public var beamWidth = 5
  /// The longest sequence, in tokens, start and end included.
  public var maximumLength = 128
  /// The shortest sequence, in tokens, the end token not counted.
  public var minimumLength = 2
  /// Hypotheses are compared by the sum of log-probabilities over length to this power: more
  /// than 0 favors long ones, less than 0 short ones.
  public var lengthPenalty = 1.0
  /// No n-gram of this many tokens occurs twice in a caption; 0 turns the rule off.
  public var noRepeatNgramSize = 3
  /// Makes tokens that have occurred less likely; 1 turns the rule off (arXiv 1909.05858).
  public var repetitionPenalty = 1.0
  /// Hypotheses returned for each clip, best first; when sampling, the number of samples.
  public var best = 1
  /// Beam search ends a clip as soon as it has `beamWidth` complete hypotheses; otherwise when no
  /// running one can still beat the worst of them.
  public var earlyStopping = true
  /// Draw tokens at random by their probability instead of searching for the likeliest.
  public var sampling = false
  /// Logits are divided by this before sampling: below 1 is more conservative, above 1 more random.
  public var temperature = 1.0
  /// Sample from this many of the likeliest tokens; 0 for all.
  public var topK = 0
  /// Sample from the smallest set of likeliest tokens whose probabilities add up to this.
  public var topP = 1.0
  /// The seed of sampling: the same seed gives the same captions.
  public var seed: UInt64 = 0

  public init() {}
}

extension DecodingOptions {
  /// The most hypotheses or samples of one clip: each is a row of the batch.
  static let maximumRowsPerClip = 1_000
  /// No model here has more positions.
  static let maximumSequenceLength = 1 << 20

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    let rows = 1...Self.maximumRowsPerClip
    checks.check(
      rows.contains(beamWidth), .beamWidth, beamWidth, "a number from 1 to \(rows.upperBound)")
    checks.check(
      (2...Self.maximumSequenceLength).contains(maximumLength), .maximumLength, maximumLength,
      "a number from 2 (start and end) to \(Self.maximumSequenceLength)")
    checks.check(
      minimumLength >= 0 && minimumLength <= max(maximumLength, 2), .minimumLength,
      minimumLength, "a number from 0 to maximum_length (\(maximumLength))")
    checks.check(
      lengthPenalty.isFinite && abs(lengthPenalty) <= 100, .lengthPenalty, lengthPenalty,
      "a number from -100 to 100")
    checks.check(
      noRepeatNgramSize >= 0, .noRepeatNgramSize, noRepeatNgramSize,
      "0 (off) or a number of tokens")
    checks.check(
      isPositive(repetitionPenalty), .repetitionPenalty, repetitionPenalty,
      "a positive number, 1 for none")
    if sampling {
      checks.check(rows.contains(best), .best, best, "a number from 1 to \(rows.upperBound)")
    } else {
      checks.check(
        best >= 1 && best <= max(beamWidth, 1), .best, best,
        "a number from 1 to beam_width (\(beamWidth)): there are no more hypotheses")
    }
    checks.check(isPositive(temperature), .temperature, temperature, "a positive number")
    checks.check(topK >= 0, .topK, topK, "0 (all) or a number of tokens")
    checks.check(topP > 0 && topP <= 1, .topP, topP, "a probability above 0, at most 1")
    return checks.problems
  }

  /// Positive as a float32 too, in which scores are computed.
  private func isPositive(_ number: Double) -> Bool {
    Float(number) > 0 && Float(number).isFinite
  }

  /// Why an option changes nothing.
  package enum Disuse: Sendable, Equatable {
    /// It belongs to sampling, which is off.
    case ofSampling
    /// It belongs to the search, and sampling is on.
    case ofSearch
    /// It takes several beams.
    case withOneBeam
  }

  /// The keys of options that change nothing, because of others.
  package var unusedKeys: [(key: String, why: Disuse)] {
    let search: [CodingKeys] = [.beamWidth, .earlyStopping]
    let sample: [CodingKeys] = [.temperature, .topK, .topP, .seed]
    func keys(_ keys: [CodingKeys], _ why: Disuse) -> [(key: String, why: Disuse)] {
      keys.map { (configurationKey(forProperty: $0.stringValue), why) }
    }
    if sampling { return keys(search, .ofSearch) }
    return keys(sample, .ofSampling) + keys(beamWidth == 1 ? [.earlyStopping] : [], .withOneBeam)
  }
}
