/// Which tracks a model learns from and is tried on, and how they become batches.
///
/// In YAML the keys are the properties in `snake_case`; each may be left out.
package struct DataOptions: Options {
  /// What to learn from.
  package var train: [DatasetOptions] = []
  /// What to watch the loss on while training.
  package var validation: [DatasetOptions] = []
  /// What to score the finished model on.
  package var test: [DatasetOptions] = []
  /// Which part of a longer recording an example is.
  package var crop = CropMode.random
  /// The longest caption in tokens, start and end included; longer ones are cut.
  package var maximumTokens = 128  // arXiv 2307.16372, hparams.yaml: 110 in pretraining
  /// The examples of an epoch; as many as there are tracks if nil.
  package var drawsPerEpoch: Int?  // arXiv 2307.16372, datasets/msd.py: 2^13 in pretraining
  /// How many of the most frequent training tags an example is labelled with; 0 for none.
  package var tagCount = 0
  /// The most validation clips, taken evenly over the set; all if nil.
  package var validationLimit: Int?
  /// Threads that decode, analyse and tokenize ahead of the training step.
  package var loaderThreads = 2
  /// The batches that may wait ready.
  package var batchesAhead = 4
  /// Memory for decoded training clips, so that a small set is decoded once, and an eighth of it
  /// for validation clips; 0 for none. It never changes the numbers: what is kept is exact.
  package var cacheMegabytes = 1024
  /// Random changes to the training clips.
  package var augmentation = AugmentationOptions()

  package init() {}

  package var problems: [OptionError] {
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

/// One file of annotated tracks, and what of it to use.
package struct DatasetOptions: Options {
  /// The table of tracks: JSON Lines, a JSON array or CSV.
  package var manifest = ""
  /// What its columns mean.
  package var format = DatasetFormat.manifest
  /// The folder that relative audio paths start from; the manifest's own if nil.
  package var audio: String?
  /// The tracks to use; all if nil. `valid`, `val` and `validation` are one.
  package var split: String?
  /// A `track_split.json` (`{"train_track": [id, …], "valid_track": …, "test_track": …}`) that
  /// says which split a track belongs to, in place of what the manifest says.
  package var splits: String?
  /// The kinds of caption to draw from, the preferred one first; all that a track has if empty.
  package var captions: [CaptionKind] = []
  /// How training examples are drawn.
  package var sampling = SamplingMode.uniform

  package init() {}
}

/// The columns of a table of tracks.
package enum DatasetFormat: String, Codable, Sendable, CaseIterable {
  /// Ours: `audio` and any of `id, start, end, split, tags, caption, captions, caption_…`.
  case manifest
  /// Those of the Hugging Face datasets LP-MusicCaps-MSD, -MTT and -MC.
  case lpMusicCaps = "lp-musiccaps"
  /// Those of Google's `musiccaps-public.csv`.
  case musicCaps = "musiccaps"
}

/// How a source's tracks are drawn for training.
package enum SamplingMode: String, Codable, Sendable, CaseIterable {
  /// Each track once, in random order, before any comes again.
  case uniform
  /// A tag uniformly, then a track that has it (arXiv 2307.16372, pretraining).
  case balanced
}

/// Which window of a recording that is longer than the model's becomes the example.
package enum CropMode: String, Codable, Sendable, CaseIterable {
  case random
  case first
}

/// Where a caption comes from: a person, or one of the paper's four instructions to a language
/// model.
package enum CaptionKind: String, Codable, Sendable, CaseIterable {
  case groundTruth = "ground_truth"
  case caption
  case writing
  case summary
  case paraphrase
  case attributePrediction = "attribute_prediction"
}

/// What input is taken.
enum DataLimits {
  /// The largest number of tracks of one set.
  static let tracks = 1 << 28
}
