import Foundation

/// Everything that a training run depends on: the file of `train --config FILE`, saved completely
/// in the run folder as `config.yaml`.
public struct RunConfiguration: Options {
  /// Determines initial weights, dropout, sampling and order, independent of the number of threads.
  public var seed: UInt64 = 0
  /// A model folder, `.safetensors` or `.pth` to start from. Sizes, features and the tokenizer are
  /// taken from it.
  public var initialize: String?
  public var tokenizer = TokenizerOptions()
  public var audio = AudioFeatureOptions()
  /// Whether each mel band is normalized to mean 0 and standard deviation 1, as measured on
  /// training clips.
  public var standardizeAudio = false
  public var model = ModelConfiguration()
  public var data = DataOptions()
  /// Music that the library synthesizes, instead of `data.train` and `data.validation`.
  public var synthesizedMusic: SynthesizedMusicOptions?
  public var training = TrainingOptions()
  /// How captions are generated: during training, and by the finished model unless told otherwise.
  public var generation = DecodingOptions()

  public init() {}
}

/// The source of the tokenizer.
public struct TokenizerOptions: Options {
  /// A `tokenizer.json`, a folder that contains it, or a folder with `vocab.json` and `merges.txt`.
  /// Without one, a tokenizer is learned from the training captions.
  public var path: String?
  /// The vocabulary size of a learned tokenizer; smaller if the captions don't have enough pairs.
  public var vocabularySize = 8_000
  /// How often a pair must occur to become a token.
  public var minimumFrequency = 2

  public init() {}

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    let sizes = Tokenizer.learnableSizes
    checks.check(
      path != nil || sizes.contains(vocabularySize), .vocabularySize, vocabularySize,
      "\(sizes.lowerBound) (bytes and special tokens) to \(sizes.upperBound)")
    return checks.problems
  }
}

extension RunConfiguration {
  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    checks.include(tokenizer, .tokenizer)
    checks.include(training, .training)
    checks.include(generation, .generation)
    checks.include(data, .data)
    checks.include(audio, .audio)
    if let synthesizedMusic { checks.include(synthesizedMusic, .synthesizedMusic) }
    return problemsOfModel + checks.problems + problemsBetweenSections
  }

  /// The problems of the model section, except for token ids: these depend on the tokenizer, which
  /// may not exist yet.
  private var problemsOfModel: [OptionError] {
    model.problems.filter { $0.key != "vocab_size" && !$0.key.hasSuffix("_token_id") }
      .map { $0.within("model") }
  }

  /// The problems that no section can find alone.
  private var problemsBetweenSections: [OptionError] {
    var problems: [OptionError] = []
    if synthesizedMusic != nil {
      for (key, sources) in [("train", data.train), ("validation", data.validation)]
      where !sources.isEmpty {
        problems.append(
          OptionError(
            "data.\(key)", found: sources.count == 1 ? "a source" : "\(sources.count) sources",
            expected:
              "none beside synthesized_music, which makes all clips itself; remove one of them"))
      }
    }
    if training.tagLossWeight > 0 && data.tagCount == 0 {
      problems.append(
        OptionError(
          "data.tag_count", found: "0",
          expected: "1 or more, since training.tag_loss_weight is \(training.tagLossWeight)"))
    }
    return problems
  }

  /// Checks a configuration that has to name the tracks itself.
  ///
  /// - Throws: The first invalid value.
  func validateWithSources() throws(OptionError) {
    try validate()
    if synthesizedMusic == nil && data.train.isEmpty {
      throw OptionError(
        "data.train", found: "an empty list",
        expected: "at least one source, such as {manifest: FILE, split: train}")
    }
  }

  /// The same with absolute paths, so that it can be used from another folder.
  func resolvingPaths(_ resolve: (String) -> URL) -> RunConfiguration {
    var copy = self
    copy.initialize = initialize.map { resolve($0).path }
    copy.tokenizer.path = tokenizer.path.map { resolve($0).path }
    for list in [\DataOptions.train, \.validation, \.test] {
      for index in copy.data[keyPath: list].indices {
        let source = copy.data[keyPath: list][index]
        copy.data[keyPath: list][index].manifest = resolve(source.manifest).path
        copy.data[keyPath: list][index].audio = source.audio.map { resolve($0).path }
        copy.data[keyPath: list][index].splits = source.splits.map { resolve($0).path }
      }
    }
    return copy
  }
}
