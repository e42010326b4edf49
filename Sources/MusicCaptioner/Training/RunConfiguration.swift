import Foundation

/// Everything that a training run depends on: the file of `train --config FILE`, saved completely
/// in the run folder as `config.yaml`.
package struct RunConfiguration: Codable, Sendable, Equatable {
  /// Determines initial weights, dropout, sampling and order, independent of the number of threads.
  package var seed: UInt64 = 0
  /// A model folder, `.safetensors` or `.pth` to start from. Sizes, features and the tokenizer are
  /// taken from it.
  package var initialize: String?
  package var tokenizer = TokenizerOptions()
  package var audio = AudioFeatureOptions()
  /// Whether each mel band is normalized to mean 0 and standard deviation 1, as measured on
  /// training clips.
  package var standardizeAudio = false
  package var model = ModelConfiguration()
  package var data = DataOptions()
  /// Music that the library synthesizes, instead of `data.train` and `data.validation`.
  package var synthesizedMusic: SynthesizedMusicOptions?
  package var training = TrainingOptions()
  /// How captions are generated: during training, and by the finished model unless told otherwise.
  package var generation = DecodingOptions()

  package init() {}
}

/// The source of the tokenizer.
package struct TokenizerOptions: Codable, Sendable, Equatable {
  /// A `tokenizer.json`, a folder that contains it, or a folder with `vocab.json` and `merges.txt`.
  /// Without one, a tokenizer is learned from the training captions.
  package var path: String?
  /// The vocabulary size of a learned tokenizer; smaller if the captions don't have enough pairs.
  package var vocabularySize = 8_000
  /// How often a pair must occur to become a token.
  package var minimumFrequency = 2

  package init() {}
}

extension DatasetOptions: ConfigurationDefaults {}
extension SynthesizedMusicOptions: ConfigurationDefaults {}

extension RunConfiguration {
  /// Checks what no section can check alone.
  ///
  /// - Parameter needsSources: Whether the configuration has to name the tracks.
  /// - Throws: `ConfigurationError` with the key, what was found and what was expected.
  func validate(needsSources: Bool = true) throws {
    for (key, found, expected) in model.problems where key != "vocab_size" {
      // Token ids are checked against the tokenizer, which may not exist yet.
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

  /// Turns an error from another section's check into an error in this file.
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
