import Foundation

/// A model and everything that is fixed before its first step.
struct PreparedRun: Sendable {
  let bundle: ModelBundle
  let tags: TagVocabulary
  let tagTargets: TagTargets?
  let training: BatchSource
  let validation: BatchSource?

  /// The bytes of decoded clips that the run will keep.
  var cacheBytes: Int { training.expectedCacheBytes + (validation?.expectedCacheBytes ?? 0) }
}

/// Builds a run's model and batches from its configuration and data. Everything follows from the
/// seed and the data, so preparing a run again gives the same result.
struct RunPreparation: Sendable {
  let configuration: RunConfiguration
  let data: RunData
  let folder: URL
  let onWarning: @Sendable (DataWarning) -> Void

  /// - Parameter resumed: The model of a checkpoint, instead of a new one.
  func prepare(resuming resumed: ModelBundle? = nil) throws -> PreparedRun {
    let tags = TagVocabulary(data.training, count: configuration.data.tagCount)
    let tagTargets =
      tags.tags.isEmpty
      ? nil
      : TagTargets(
        frequencies: tags.frequencies(in: data.training),
        balance: configuration.training.tagBalance)
    var bundle = try resumed ?? newBundle(tags: tags.tags)
    bundle.tags = tags.tags
    try bundle.setDecodingOptions(configuration.generation)
    try checkGeneration(bundle)
    let training = try BatchSource.training(
      data.training, options: configuration.data, features: bundle.audio,
      tokenizer: bundle.tokenizer, tagVocabulary: tags,
      batchSize: configuration.training.batchSize, seed: configuration.seed,
      onWarning: onWarning)
    if resumed == nil {
      try initializeModel(bundle, tagTargets: tagTargets, training: training)
      // The buffers for hundreds of clips at once don't fit any batch.
      BufferPool.trim()
    }
    let validation = try data.validation.map { tracks in
      try BatchSource.evaluation(
        tracks, options: configuration.data, features: bundle.audio,
        tokenizer: bundle.tokenizer, tagVocabulary: tags,
        batchSize: configuration.training.batchSize, limit: configuration.data.validationLimit,
        onWarning: onWarning)
    }
    return PreparedRun(
      bundle: bundle, tags: tags, tagTargets: tagTargets, training: training,
      validation: validation)
  }

  /// Makes sure, before the first step, that the run's own captions can be generated.
  private func checkGeneration(_ bundle: ModelBundle) throws(OptionError) {
    let captionsClips = data.validation != nil && configuration.training.sampleCaptions > 0
    guard captionsClips || !data.heldOut.isEmpty else { return }
    do {
      _ = try DecodingTask(bundle.model, configuration.generation)
    } catch {
      throw error.within("generation")
    }
  }

  // MARK: A new model

  /// A model without weights, or one to fine-tune.
  private func newBundle(tags: [String]) throws -> ModelBundle {
    if let path = configuration.initialize {
      let url = resolve(path)
      let given = try ModelBundle(
        contentsOf: url, tokenizer: configuration.tokenizer.path.map(resolve))
      return try given.withTagHead(for: tags, seed: configuration.seed)
    }
    let tokenizer = try makeTokenizer()
    var audio = configuration.audio
    if configuration.standardizeAudio {
      let statistics = try LogMelStatistics.measure(
        data.training, features: audio, seed: configuration.seed)
      audio.mean = statistics.mean
      audio.deviation = statistics.deviation
    }
    var model = configuration.model.adopting(tokenizer)
    model.tagCount = tags.count
    return try ModelBundle(withoutValues: model, audio: audio, tokenizer: tokenizer)
  }

  private func makeTokenizer() throws -> Tokenizer {
    if let path = configuration.tokenizer.path {
      return try Tokenizer(contentsOf: resolve(path))
    }
    return try Tokenizer.learn(
      from: data.trainingCaptions, vocabularySize: configuration.tokenizer.vocabularySize,
      minimumFrequency: configuration.tokenizer.minimumFrequency)
  }

  private func resolve(_ path: String) -> URL {
    URL(fileURLWithPath: path, relativeTo: folder).standardizedFileURL
  }

  private func initializeModel(
    _ bundle: ModelBundle, tagTargets: TagTargets?, training: BatchSource
  ) throws {
    let model = bundle.model
    if configuration.initialize != nil { return }
    model.initialize(seed: configuration.seed)
    if let tagTargets, let head = model.tagHead { head.bias.value = tagTargets.logOdds }
    if let whitening = model.frontEnd.whitening {
      whitening.value = InputCalibration.whitening(try sampleFrames(bundle))
    }
    if configuration.training.calibrationClips > 0 {
      let clips = try firstClips(training, count: configuration.training.calibrationClips)
      InputCalibration.calibrate(model.frontEnd, on: clips)
    }
  }

  /// Frames of training clips, spread over the set and over time, without augmentation: `[rows,
  /// mels]`.
  private func sampleFrames(_ bundle: ModelBundle) throws -> Tensor {
    let (clipLimit, frameStep) = (512, 20)
    let source = try BatchSource.evaluation(
      data.training, options: configuration.data, features: bundle.audio,
      tokenizer: bundle.tokenizer, batchSize: 16, limit: clipLimit, onWarning: onWarning)
    var rows: [Float] = []
    let loader = source.batches()
    defer { loader.stop() }
    while let batch = try loader.next() {
      let mels = batch.logMel.width
      batch.logMel.withUnsafeBufferPointer { values in
        for frame in stride(from: 0, to: batch.logMel.rowCount, by: frameStep) {
          rows.append(contentsOf: values[frame * mels..<(frame + 1) * mels])
        }
      }
    }
    return Tensor([rows.count / bundle.audio.melCount, bundle.audio.melCount], rows)
  }

  /// The first training clips in the order of the run: `[clips, frames, mels]`.
  private func firstClips(_ source: BatchSource, count: Int) throws -> Tensor {
    var values: [Float] = []
    var shape: Shape = []
    var position = BatchPosition()
    var clipCount = 0
    while clipCount < count {
      let batch = try source.batch(at: position)
      values.append(contentsOf: batch.logMel.values)
      shape = batch.logMel.shape
      clipCount += batch.count
      position = position.advanced(by: 1, batchesPerEpoch: source.batchesPerEpoch)
    }
    shape[0] = clipCount
    return Tensor(shape, values)
  }
}

extension TagVocabulary {
  /// The fraction of the tracks with each tag.
  func frequencies(in tracks: TrackSet) -> [Double] {
    var counts = [Int](repeating: 0, count: tags.count)
    let places = places(in: tracks)
    for index in 0..<tracks.count {
      for place in Set(tracks.table.tags(index).compactMap { places[Int($0)] }) {
        counts[place] += 1
      }
    }
    return counts.map { Double($0) / Double(max(1, tracks.count)) }
  }
}

extension ModelBundle {
  /// The same model with a head for these tags: its own if it has the same ones, otherwise a new
  /// one.
  func withTagHead(for wanted: [String], seed: UInt64) throws -> ModelBundle {
    let isForOthers = !tags.isEmpty && tags != wanted
    guard model.configuration.tagCount != wanted.count || isForOthers else { return self }
    var configuration = model.configuration
    configuration.tagCount = wanted.count
    var copy = try ModelBundle(withoutValues: configuration, audio: audio, tokenizer: tokenizer)
    copy.extras = extras
    let values = model.namedTensors
    for named in copy.model.namedParameters {
      let isNew = isForOthers && named.name.contains("tag_head")
      if let value = values[named.name], value.shape == named.parameter.shape, !isNew {
        named.parameter.value = value
      } else {
        named.parameter.initialize(seed: seed, name: named.name)
      }
    }
    return copy
  }
}
