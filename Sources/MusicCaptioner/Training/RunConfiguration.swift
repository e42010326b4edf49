import Foundation

/// All that a training run depends on: what `train --config FILE` reads, and what its run folder
/// keeps in full as `config.yaml`.
package struct RunConfiguration: Codable, Sendable, Equatable {
  /// Fixes first weights, dropout, sampling and order, whatever the number of threads.
  package var seed: UInt64 = 0
  /// A model folder, `.safetensors` or `.pth` to start from. Sizes, features and tokenizer are its.
  package var initialize: String?
  package var tokenizer = TokenizerOptions()
  package var audio = AudioFeatureOptions()
  /// Whether each mel band is brought to mean 0 and deviation 1, as measured on training clips.
  package var standardizeAudio = false
  package var model = ModelConfiguration()
  package var data = DataOptions()
  /// Music that the library makes itself, in place of `data.train` and `data.validation`.
  package var synthesizedMusic: SynthesizedMusicOptions?
  package var training = TrainingOptions()
  /// How captions are written: during training, and by the finished model unless told otherwise.
  package var generation = DecodingOptions()

  package init() {}
}

/// Where token ids come from.
package struct TokenizerOptions: Codable, Sendable, Equatable {
  /// A `tokenizer.json`, or a folder with it or with `vocab.json` and `merges.txt`. Without one, a
  /// tokenizer is learned from the training captions.
  package var path: String?
  /// Tokens of a learned tokenizer; fewer where the captions don't give as many.
  package var vocabularySize = 8_000
  /// How often a pair must occur to become a token.
  package var minimumFrequency = 2

  package init() {}
}

extension DatasetOptions: ConfigurationDefaults {}
extension SynthesizedMusicOptions: ConfigurationDefaults {}

extension RunConfiguration {
  /// Checks what no single section can check for itself.
  ///
  /// - Parameter needsSources: Whether the tracks are the configuration's to name.
  /// - Throws: `ConfigurationError` with the key, what was found and what was expected.
  func validate(needsSources: Bool = true) throws {
    for (key, found, expected) in model.problems where key != "vocab_size" {
      // Token numbers are checked against the tokenizer, which may not exist yet.
      if key.hasSuffix("_token_id") { continue }
      throw ConfigurationError.invalid(path: "model.\(key)", found: found, expected: expected)
    }
    for (key, found, expected) in training.problems {
      throw ConfigurationError.invalid(path: "training.\(key)", found: found, expected: expected)
    }
    for (key, found, expected) in generation.problems {
      throw ConfigurationError.invalid(path: "generation.\(key)", found: found, expected: expected)
    }
    try locating("data") { try data.validate() }
    try locating("audio") { try audio.validate() }
    if synthesizedMusic != nil {
      for (key, sources) in [("train", data.train), ("validation", data.validation)]
      where !sources.isEmpty {
        throw ConfigurationError.invalid(
          path: "data.\(key)",
          found: "\(sources.count == 1 ? "a source" : "\(sources.count) sources")",
          expected:
            "none beside synthesized_music, which makes all clips itself; remove one of them")
      }
    }
    if needsSources && synthesizedMusic == nil && data.train.isEmpty {
      throw ConfigurationError.invalid(
        path: "data.train", found: "an empty list",
        expected: "at least one source, such as {manifest: FILE, split: train}")
    }
    if training.tagLossWeight > 0 && data.tagCount == 0 {
      throw ConfigurationError.invalid(
        path: "data.tag_count", found: "0",
        expected: "1 or more, since training.tag_loss_weight is \(training.tagLossWeight)")
    }
  }

  /// Turns an option that another section's check refuses into an error of this file.
  private func locating(_ section: String, _ check: () throws -> Void) throws {
    do {
      try check()
    } catch let error as DataError {
      guard case .option(let name, let found, let expected) = error.reason else { throw error }
      throw ConfigurationError.invalid(
        path: "\(section).\(name)", found: found, expected: expected)
    } catch let error as AudioError {
      guard case .option(let name, let found, let expected) = error.reason else { throw error }
      throw ConfigurationError.invalid(
        path: "\(section).\(name)", found: found, expected: expected)
    }
  }

  /// The same with absolute paths, so that it means the same in another folder.
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
