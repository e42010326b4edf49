import MusicCaptioner

/// The one table from options, under the keys that the library knows them by, to the flags of the
/// commands that set them.
package enum OptionFlags {
  /// Options of `caption`, which are those of `CaptionerOptions`.
  package static let caption: [(key: String, flag: String)] = [
    ("decoding.beam_width", "--beam-width"),
    ("decoding.maximum_length", "--max-length"),
    ("decoding.minimum_length", "--min-length"),
    ("decoding.length_penalty", "--length-penalty"),
    ("decoding.no_repeat_ngram_size", "--no-repeat-ngram"),
    ("decoding.repetition_penalty", "--repetition-penalty"),
    ("decoding.best", "--best"),
    ("decoding.early_stopping", "--no-early-stopping"),
    ("decoding.sampling", "--sample"),
    ("decoding.temperature", "--temperature"),
    ("decoding.top_k", "--top-k"),
    ("decoding.top_p", "--top-p"),
    ("decoding.seed", "--seed"),
    ("batch_size", "--batch-size"),
    ("drop_partial", "--drop-partial"),
    ("precision", "--precision"),
  ]

  /// Options of `evaluate`: those of `ResamplingOptions`, and the layer that `BERTScore` compares.
  package static let evaluate: [(key: String, flag: String)] = [
    ("metrics", "--metrics"), ("sample_count", "--bootstrap"), ("seed", "--seed"),
    ("layer", "--bert-layer"),
  ]

  /// Options of `pseudocaption`: those of `PseudoCaptionOptions`, and what makes a `ChatServer`.
  package static let pseudocaption: [(key: String, flag: String)] = [
    ("instructions", "--instruction"),
    ("shuffle_seed", "--shuffle-seed"),
    ("sorts_output", "--sort"),
    ("filter.filters", "--filter"),
    ("filter.words", "--min-words and --max-words"),
    ("filter.minimum_coverage", "--min-coverage"),
    ("chat.concurrency", "--concurrency"),
    ("chat.requests_per_minute", "--requests-per-minute"),
    ("chat.tokens_per_minute", "--tokens-per-minute"),
    ("chat.timeout_seconds", "--timeout"),
    ("chat.retries.retry_count", "--max-retries"),
    ("chat.temperature", "--temperature"),
    ("chat.maximum_tokens", "--max-tokens"),
    ("endpoint", "--endpoint"),
    ("model", "--model"),
    ("key", "OPENAI_API_KEY"),
  ]

  /// What a person writes for an option: its flag, or its key where no flag sets it.
  static func flag(_ key: String) -> String {
    (caption + evaluate + pseudocaption).first { $0.key == key }?.flag ?? key
  }

  /// The flags of decoding that were given and change nothing, each as a sentence.
  ///
  /// - Parameter options: With the overrides laid over them.
  static func withoutEffect(
    _ overrides: [OptionOverride], in options: DecodingOptions
  ) -> [String] {
    options.unusedKeys.compactMap { key, why in
      let path = "decoding.\(key)"
      guard overrides.contains(where: { $0.path == path }) else { return nil }
      switch why {
      case .ofSampling: return "\(flag(path)) has no effect without --sample"
      case .ofSearch: return "\(flag(path)) has no effect with --sample"
      case .withOneBeam: return "\(flag(path)) has no effect with one beam"
      }
    }
  }
}

/// A command line that makes no sense.
struct UsageError: Error, Equatable, CustomStringConvertible {
  /// The flag, or the file that a flag names.
  let place: String
  let found: String
  let expected: String

  init(_ place: String, found: String, expected: String) {
    self.place = place
    self.found = found
    self.expected = expected
  }

  /// An option that a flag gave, or clashes with.
  init(_ problem: OptionError, found: String? = nil) {
    // Options that others are compared with have flags, too.
    let expected = problem.expected.replacing(/[a-z]+(_[a-z]+)+/) { word in
      OptionFlags.caption.first { $0.key == "decoding.\(word.output.0)" }?.flag
        ?? "\(word.output.0)"
    }
    self.init(OptionFlags.flag(problem.key), found: found ?? problem.found, expected: expected)
  }

  var description: String { "\(place): found \(found); expected \(expected)" }
}
