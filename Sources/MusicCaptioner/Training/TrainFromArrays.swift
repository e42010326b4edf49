import Foundation

extension Trainer {
  /// Prepares a run on tracks that are in memory, in place of what the configuration names as data.
  ///
  /// ```swift
  /// let tracks = zip(clips, sentences).map { Track(samples: $0, captions: [$1]) }
  /// let outcome = try Trainer(configuration, tracks: tracks, output: folder).train()
  /// ```
  ///
  /// - Parameters:
  ///   - configuration: What to do; relative paths in it start from the current folder.
  ///   - tracks: What to learn from: samples at the rate of `configuration.audio`, or files.
  ///   - validation: What to watch the loss on; nothing if empty.
  ///   - output: The run folder.
  ///   - resumes: Whether to go on with the run in `output`, if there is one. The tracks must be
  ///     those that it began with, in the same order.
  ///   - onEvent: Called on the training thread and, for warnings, on loader threads.
  /// - Throws: `DataError` where there are no tracks or one has no caption or no samples, and what
  ///   the other initializer throws.
  package convenience init(
    _ configuration: RunConfiguration, tracks: [Track], validation: [Track] = [], output: URL,
    resumes: Bool = false, onEvent: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) throws {
    var configuration = configuration
    configuration.synthesizedMusic = nil
    configuration.data.train = []
    configuration.data.validation = []
    try configuration.validate()
    let folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    try self.init(
      configuration, relativeTo: folder, output: output, resumes: resumes, onEvent: onEvent
    ) { _ in
      RunData(
        training: try TrackSet(tracks),
        validation: validation.isEmpty ? nil : try TrackSet(validation), unheard: [])
    }
  }
}

extension RunConfiguration {
  /// Reads a YAML file, as `train --config` does.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - overrides: `key.path=value` each, laid over the file.
  /// - Throws: `ConfigurationError` with the file, the line and what was expected there.
  package init(contentsOf url: URL, overrides: [String] = []) throws(ConfigurationError) {
    self = try ConfigurationFile(contentsOf: url, overrides: overrides).value
  }
}
