import Foundation
import MusicCaptioner
import Synchronization

/// Captions the clips of a split of a configuration's data, to be scored.
///
/// Captions are kept as they come, in `FILE.partial.jsonl`; a second run continues after them. At the
/// end FILE has all of them in the official shape, and the partial file is gone.
package struct DatasetCaptioner: Sendable {
  package var model: String
  /// The training configuration that names the data.
  package var configuration: String
  /// `key.path=value` each, laid over the configuration.
  package var overrides: [String] = []
  package var split = "test"
  /// Where the predictions go.
  package var predictions: String

  package init(model: String, configuration: String, predictions: String) {
    self.model = model
    self.configuration = configuration
    self.predictions = predictions
  }

  /// What there is to score, and what the model was trained on.
  struct Result {
    let pairs: [CaptionPair]
    /// Nil where the configuration has no training data in files.
    let trainingCaptions: [String]?
    /// Clips that can't be read: they have no caption.
    let leftOutCount: Int
  }

  /// Clips decoded together, and kept together.
  private static let batchSize = 16

  /// What is captioned, and with what.
  struct Work {
    let bundle: ModelBundle
    let options: DecodingOptions
    let tracks: TrackSet
    let data: DataOptions
    /// That relative paths of the data start from.
    let folder: URL
  }

  /// Where captions are kept until all are there.
  private var partialPath: String { predictions + ".partial.jsonl" }

  /// Reads the configuration, the split and the model.
  func prepare(_ outputs: OutputGuard, _ console: Console) throws -> Work {
    let file = try ConfigurationFile<RunConfiguration>(
      contentsOf: PathName.url(configuration), name: configuration, overrides: overrides)
    let folder = PathName.url(configuration).deletingLastPathComponent()
    let data = file.value.data
    do throws(OptionError) {
      try data.validate()
    } catch {
      throw file.located(error.within("data"))
    }
    let sources = try sources(data)
    try protect(sources, folder, outputs)
    let tracks = try TrackSet(sources, relativeTo: folder)
    for warning in tracks.warnings { console.warn("\(warning)") }
    let bundle = try ModelBundle(
      contentsOf: PathName.url(try ModelLocation.find(model, console)))
    let options = try bundle.decodingOptions()
    return Work(bundle: bundle, options: options, tracks: tracks, data: data, folder: folder)
  }

  /// - Parameter outputs: Knows what else is read and written.
  /// - Throws: The errors of the configuration, the data and the model; `EvaluationError` where the
  ///   partial file is of other work.
  func run(_ outputs: OutputGuard, _ console: Console) throws -> Result {
    defer { console.end() }
    let work = try prepare(outputs, console)
    let (bundle, tracks) = (work.bundle, work.tracks)
    let task: DecodingTask
    do throws(OptionError) {
      task = try DecodingTask(bundle.model, work.options)
    } catch {
      throw bundle.decodingProblem(error)
    }
    let source = try BatchSource.evaluation(
      tracks, options: work.data, features: bundle.audio, tokenizer: bundle.tokenizer,
      batchSize: Self.batchSize, onWarning: { console.warn("\($0)") })
    let kept = PredictionJournal(path: partialPath, work: try work.description)
    var done = try kept.begin(batchSize: Self.batchSize, clipCount: tracks.count)
    for clip in done.unreadable.sorted() {
      console.warn(
        "track \(tracks[clip].id) left out: it could not be read by an earlier run; to "
          + "try again, remove \(kept.path)")
    }
    // The end may come between two batches, not while one is being written.
    let saving = Mutex(done.count)
    InterruptSignal.onFirst { [partialPath] in
      saving.withLock { count in
        console.say(
          "interrupted: \(count) of \(tracks.count) captions are kept in \(partialPath); run the same "
            + "command to continue")
        ExitStatus.interrupted.exit()
      }
    }
    let firstBatch = (done.count + Self.batchSize - 1) / Self.batchSize
    if firstBatch < source.batchesPerEpoch {
      let loader = source.batches(from: BatchPosition(epoch: 0, batch: firstBatch))
      defer { loader.stop() }
      console.begin(Status(done.count, of: tracks.count, "clips"))
      while let batch = try loader.next() {
        let results = task.run(logMel: batch.logMel, clipNumbers: batch.tracks.map(UInt64.init))
        let captions = Dictionary(
          uniqueKeysWithValues: zip(batch.tracks, results.map(bundle.text)))
        let start = batch.position.batch * Self.batchSize
        let clips = start..<min(tracks.count, start + Self.batchSize)
        let unreadable = Set(clips).subtracting(captions.keys)
        try saving.withLock { count in
          try kept.append(.init(captions: captions, unreadable: unreadable))
          count = clips.upperBound
        }
        done.captions.merge(captions) { $1 }
        console.update(Status(clips.upperBound, of: tracks.count, "clips"))
      }
    }
    let pairs = done.captions.sorted { $0.key < $1.key }.map { index, text in
      CaptionPair(id: tracks[index].id, prediction: text, references: tracks.references(index))
    }
    guard !pairs.isEmpty else { throw EvaluationError(.empty, file: "split \(split)") }
    let text = Array(Self.official(pairs).utf8)
    try saving.withLock { _ in
      try AtomicFile.write(text, to: PathName.url(predictions))
      kept.remove()
    }
    InterruptSignal.onFirst { [predictions] in
      console.say("interrupted: all captions are in \(predictions), and not scored yet")
      ExitStatus.interrupted.exit()
    }
    return Result(
      pairs: pairs, trainingCaptions: try trainingCaptions(work.data, work.folder),
      leftOutCount: tracks.count - pairs.count)
  }

  /// Makes sure that predictions don't take the place of what is read.
  private func protect(
    _ sources: [DatasetOptions], _ folder: URL, _ outputs: OutputGuard
  ) throws(OutputError) {
    var outputs = outputs
    for source in sources {
      for path in [source.manifest, source.splits ?? source.manifest] {
        outputs.reads(table: PathName.resolve(path, in: folder.path))
      }
    }
    try outputs.writes(predictions, as: "--predictions", hasCompanions: true)
    try outputs.writes(partialPath, as: "--predictions")
  }

  /// The sources of the split: those that the configuration names for it, else its validation
  /// sources with this split in place of theirs.
  private func sources(_ data: DataOptions) throws -> [DatasetOptions] {
    let named =
      switch canonicalSplit(split) {
      case "train": data.train
      case "validation": data.validation
      case "test": data.test
      default: [DatasetOptions]()
      }
    if !named.isEmpty { return named }
    guard !data.validation.isEmpty else {
      throw UsageError(
        configuration,
        found:
          "no sources in data.\(Set([canonicalSplit(split), "validation"]).sorted().joined(separator: " and data."))",
        expected: "manifests to take the split \"\(split)\" from")
    }
    return data.validation.map { source in
      var source = source
      source.split = split
      return source
    }
  }

  private func trainingCaptions(_ data: DataOptions, _ folder: URL) throws -> [String]? {
    guard !data.train.isEmpty else { return nil }
    var captions: [String] = []
    try TrackSet(data.train, relativeTo: folder).forEachCaption { captions.append($0) }
    return captions
  }

  /// `{"0": {"predictions", "true_captions", "audio_id"}}`, as the official code writes it. Several
  /// references are a list.
  private static func official(_ pairs: [CaptionPair]) -> String {
    let records = pairs.enumerated().map { number, pair in
      var line = JSONObject()
      line.set("predictions", pair.prediction)
      if pair.references.count == 1 {
        line.set("true_captions", pair.references[0])
      } else {
        line.set("true_captions", pair.references)
      }
      line.set("audio_id", pair.id ?? "")
      return "  \"\(number)\": \(line.line)"
    }
    return "{\n" + records.joined(separator: ",\n") + "\n}\n"
  }
}

extension DatasetCaptioner.Work {
  /// What all captions of a partial file have in common: the model and the clips by what they are,
  /// as another model may have come under the same name since.
  var description: String {
    get throws {
      var weights = Checksum64()
      for named in bundle.model.namedParameters { weights.update(named.parameter.value) }
      let clips = DataFingerprint(tracks)
      let decoding = JSONWriter.text(try JSONWriter.value(options), .compact)
      return "model \(String(weights.value, radix: 16)), "
        + "\(clips.clips) clips \(clips.xxh64), \(decoding)"
    }
  }
}
