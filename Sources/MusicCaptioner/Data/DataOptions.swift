/// Which tracks are used for training, validation and testing, and how they become batches.
///
/// In YAML the keys are the properties in `snake_case`; all are optional.
public struct DataOptions: Options {
  /// The training sources.
  public var train: [DatasetOptions] = []
  /// The sources for the validation loss during training.
  public var validation: [DatasetOptions] = []
  /// The sources for scoring the finished model.
  public var test: [DatasetOptions] = []
  /// Which part of a longer recording becomes an example.
  public var crop = CropMode.random
  /// The longest caption in tokens, including start and end; longer ones are cut.
  public var maximumTokens = 128  // arXiv 2307.16372, hparams.yaml: 110 in pretraining
  /// The number of examples per epoch; the number of tracks if nil.
  public var drawsPerEpoch: Int?  // arXiv 2307.16372, datasets/msd.py: 2^13 in pretraining
  /// Examples are labeled with this many of the most frequent training tags; 0 for none.
  public var tagCount = 0
  /// The most validation clips, spread evenly over the set; all if nil.
  public var validationLimit: Int?
  /// Threads that decode, compute features and tokenize ahead of the training step.
  public var loaderThreads = 2
  /// The number of finished batches that may wait.
  public var batchesAhead = 4
  /// Megabytes for decoded training clips, so that a small set is decoded once, and an eighth as
  /// much for validation clips; 0 for none. It never changes the results: cached values are exact.
  public var cacheMegabytes = 1024
  /// Random changes to the training clips.
  public var augmentation = AugmentationOptions()

  public init() {}

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    for (key, sources) in [(CodingKeys.train, train), (.validation, validation), (.test, test)] {
      checks.include(sources, key)
    }
    checks.check(
      (3...1_000_000).contains(maximumTokens), .maximumTokens, maximumTokens,
      "3 to 1000000: a start token, a word, an end token")
    if let drawsPerEpoch {
      checks.check(
        (1...DataLimits.tracks).contains(drawsPerEpoch), .drawsPerEpoch, drawsPerEpoch,
        "1 to \(DataLimits.tracks)")
    }
    if let validationLimit {
      checks.check(validationLimit > 0, .validationLimit, validationLimit, "1 or more")
    }
    checks.check((0...1_000_000).contains(tagCount), .tagCount, tagCount, "0 to 1000000")
    checks.check((1...256).contains(loaderThreads), .loaderThreads, loaderThreads, "1 to 256")
    checks.check((1...1024).contains(batchesAhead), .batchesAhead, batchesAhead, "1 to 1024")
    checks.check(
      (0...1 << 24).contains(cacheMegabytes), .cacheMegabytes, cacheMegabytes, "0 to \(1 << 24)")
    checks.include(augmentation, .augmentation)
    return checks.problems
  }
}

/// One file of annotated tracks, and which of them to use.
public struct DatasetOptions: Options {
  /// The table of tracks: JSON Lines, JSON, CSV, TSV or Parquet, compressed or not; a folder with
  /// tables; or a pattern such as `data/train-*.parquet`.
  public var manifest = ""
  /// What its columns mean.
  public var format = DatasetFormat.manifest
  /// The base folder of relative audio paths; the manifest's own folder if nil.
  public var audio: String?
  /// The tracks to use; all if nil. `valid`, `val` and `validation` mean the same.
  public var split: String?
  /// A `track_split.json` (`{"train_track": [id, …], "valid_track": …, "test_track": …}`) that
  /// assigns tracks to splits, overriding the manifest.
  public var splits: String?
  /// The kinds of captions to draw from, preferred first; all that a track has if empty.
  public var captions: [CaptionKind] = []
  /// How training examples are drawn.
  public var sampling = SamplingMode.uniform

  public init() {}
}

/// The columns of a table of tracks.
public enum DatasetFormat: String, Codable, Sendable, CaseIterable {
  /// Our own: `audio` and any of `id, start, end, split, tags, caption, captions, caption_…`.
  case manifest
  /// The columns of the Hugging Face datasets LP-MusicCaps-MSD, -MTT and -MC.
  case lpMusicCaps = "lp-musiccaps"
  /// The columns of Google's `musiccaps-public.csv`.
  case musicCaps = "musiccaps"
}

/// How a source's tracks are drawn for training.
public enum SamplingMode: String, Codable, Sendable, CaseIterable {
  /// Each track once in random order, before any is repeated.
  case uniform
  /// A tag uniformly, then a track with that tag (arXiv 2307.16372, pretraining).
  case balanced
}

/// Which window of a recording longer than the model's clip becomes the example.
public enum CropMode: String, Codable, Sendable, CaseIterable {
  case random
  case first
}

/// The source of a caption: a person, or one of the paper's four instructions to a language model.
public enum CaptionKind: String, Codable, Sendable, CaseIterable {
  case groundTruth = "ground_truth"
  case caption
  case writing
  case summary
  case paraphrase
  case attributePrediction = "attribute_prediction"
}

/// Limits of the input that is accepted.
enum DataLimits {
  /// The largest number of tracks in a set.
  static let tracks = 1 << 28
}
