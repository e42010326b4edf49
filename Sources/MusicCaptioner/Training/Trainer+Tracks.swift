import Foundation

extension Trainer {
  /// Prepares a run on tracks in memory, instead of the data named in the configuration.
  ///
  /// ```swift
  /// let tracks = zip(clips, sentences).map { Track(samples: $0, captions: [$1]) }
  /// let outcome = try Trainer(configuration, tracks: tracks, output: folder).train()
  /// ```
  ///
  /// - Parameters:
  ///   - configuration: The settings of the run; relative paths start from the current folder.
  ///   - tracks: The training tracks: samples at the rate of `configuration.audio`, or files.
  ///   - validation: The tracks for the validation loss; may be empty.
  ///   - output: The run folder.
  ///   - resumes: Whether to resume the run in `output`, if there is one. The tracks must be the
  ///     same as at its start, in the same order.
  ///   - onEvent: Called on the training thread and, for warnings, on loader threads.
  /// - Throws: `DataError` if there are no tracks or one has no caption or no samples, and the
  ///   errors of the other initializer.
  public convenience init(
    _ configuration: RunConfiguration, tracks: [Track], validation: [Track] = [], output: URL,
    resumes: Bool = false, onEvent: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) throws {
    var configuration = configuration
    configuration.synthesizedMusic = nil
    configuration.data.train = []
    configuration.data.validation = []
    try configuration.validate()
    let folder = PathName.url(".")
    for case (let id, .samples(let samples)) in (tracks + validation).map({ ($0.id, $0.audio) })
    where samples.isEmpty {
      throw DataError(.value(found: "no samples", expected: "a clip with sound"), file: id)
    }
    try self.init(
      configuration, relativeTo: folder, output: output, resumes: resumes, onEvent: onEvent
    ) { _ in
      RunData(
        training: try TrackSet(tracks),
        validation: validation.isEmpty ? nil : try TrackSet(validation), heldOut: [])
    }
  }
}

extension RunConfiguration {
  /// Reads a YAML file, as `train --config` does.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - overrides: Each `key.path=value` overrides a setting in the file.
  /// - Throws: `ConfigurationError` with the file, the line and what was expected there.
  public init(contentsOf url: URL, overrides: [String] = []) throws(ConfigurationError) {
    self = try ConfigurationFile(contentsOf: url, overrides: overrides).value
  }
}
