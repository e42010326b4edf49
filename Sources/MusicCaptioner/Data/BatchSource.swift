import Synchronization

/// Makes any batch of any epoch: a batch depends only on the seed and its position.
///
/// Training batches draw tracks, captions and windows at random and are augmented; a clip that
/// can't be read is reported once and replaced by another draw. Evaluation batches contain all
/// tracks in order, with the first window and the preferred caption; a clip that can't be read is
/// reported once and left out.
package final class BatchSource: Sendable {
  package let tracks: TrackSet
  package let batchSize: Int
  package let batchesPerEpoch: Int
  let options: DataOptions

  private enum Order {
    case training(EpochSampler)
    case evaluation([Int])
  }

  private let order: Order
  private let seed: UInt64
  private let tokenizer: Tokenizer
  private let reader: ClipReader
  private let cache: ClipCache
  private let tagPlaces: [Int?]
  private let onWarning: @Sendable (DataWarning) -> Void
  private let state = Mutex(State())

  private struct State {
    /// The draws of the two most recent epochs; two, because loading ahead runs into the next one.
    var draws: [(epoch: Int, tracks: [Int])] = []
    var reported: Set<Int> = []
  }

  /// The number of unreadable files in a row after which we give up.
  private static let attemptLimit = 64

  /// Training batches, without end. An incomplete last batch of an epoch is left out.
  ///
  /// - Parameters:
  ///   - onWarning: Called on any thread, once for each clip with a warning.
  /// - Throws: The first invalid option.
  package static func training(
    _ tracks: TrackSet, options: DataOptions, features: AudioFeatureOptions,
    tokenizer: Tokenizer, tagVocabulary: TagVocabulary = TagVocabulary(tags: []),
    batchSize: Int, seed: UInt64,
    onWarning: @escaping @Sendable (DataWarning) -> Void = { _ in }
  ) throws(OptionError) -> BatchSource {
    let sampler = EpochSampler(tracks, seed: seed, drawsPerEpoch: options.drawsPerEpoch)
    return try BatchSource(
      tracks, .training(sampler), options: options, features: features, tokenizer: tokenizer,
      tagVocabulary: tagVocabulary, batchSize: batchSize, seed: seed,
      crop: options.crop, cacheMegabytes: options.cacheMegabytes, onWarning: onWarning)
  }

  /// Evaluation batches: one epoch, always the same.
  package static func evaluation(
    _ tracks: TrackSet, options: DataOptions, features: AudioFeatureOptions,
    tokenizer: Tokenizer, tagVocabulary: TagVocabulary = TagVocabulary(tags: []),
    batchSize: Int, limit: Int? = nil,
    onWarning: @escaping @Sendable (DataWarning) -> Void = { _ in }
  ) throws(OptionError) -> BatchSource {
    let count = min(limit ?? tracks.count, tracks.count)
    // Evenly over the set, because manifests are often sorted.
    let chosen = (0..<count).map { Int(Double($0) * Double(tracks.count) / Double(count)) }
    return try BatchSource(
      tracks, .evaluation(chosen), options: options, features: features, tokenizer: tokenizer,
      tagVocabulary: tagVocabulary, batchSize: batchSize, seed: 0,
      crop: .first, cacheMegabytes: options.cacheMegabytes / 8, onWarning: onWarning)
  }

  private init(
    _ tracks: TrackSet, _ order: Order, options: DataOptions, features: AudioFeatureOptions,
    tokenizer: Tokenizer, tagVocabulary: TagVocabulary, batchSize: Int, seed: UInt64,
    crop: CropMode, cacheMegabytes: Int, onWarning: @escaping @Sendable (DataWarning) -> Void
  ) throws(OptionError) {
    try options.validate()
    guard (1...1 << 20).contains(batchSize) else {
      throw OptionError("batch_size", found: "\(batchSize)", expected: "1 to \(1 << 20)")
    }
    self.tracks = tracks
    self.options = options
    self.order = order
    self.seed = seed
    self.tokenizer = tokenizer
    self.onWarning = onWarning
    switch order {
    case .training(let sampler):
      // A set smaller than a batch makes one small batch.
      self.batchSize = min(batchSize, max(1, sampler.drawsPerEpoch))
      batchesPerEpoch = max(1, sampler.drawsPerEpoch / self.batchSize)
    case .evaluation(let chosen):
      self.batchSize = batchSize
      batchesPerEpoch = (chosen.count + batchSize - 1) / batchSize
    }
    cache = ClipCache(megabytes: cacheMegabytes)
    reader = try ClipReader(features, crop: crop, cache: cache)
    tagPlaces = tagVocabulary.places(in: tracks)
  }

  /// The bytes and the clips in the cache.
  package var cacheUsage: (bytes: Int, clips: Int) { cache.usage }

  /// An estimate of the bytes that the cache will eventually hold. Assumes that all clips are like
  /// those already in it, or, if it is empty, of the greatest length that it keeps.
  var expectedCacheBytes: Int {
    let used = cache.usage
    let clip = used.clips > 0 ? used.bytes / used.clips : reader.largestKeptBytes
    return min(cache.limit, trackCount * clip)
  }

  /// The number of tracks to draw from.
  private var trackCount: Int {
    if case .evaluation(let chosen) = order { chosen.count } else { tracks.count }
  }

  /// The batches from a position on, loaded ahead on background threads: without end in training,
  /// to the end of the epoch in evaluation.
  package func batches(from start: BatchPosition = BatchPosition()) -> BatchLoader {
    var count: Int?
    if case .evaluation = order { count = max(0, batchesPerEpoch - start.batch) }
    return BatchLoader(self, from: start, count: count)
  }

  /// The captions of a training batch, without reading audio, for a dry run.
  package func captions(at position: BatchPosition) -> [String] {
    let draws = draws(epoch: position.epoch)
    return range(position, draws.count).map {
      caption(of: draws[$0], exampleIndex(position.epoch, $0))
    }
  }

  /// Makes one batch on the calling thread.
  ///
  /// - Throws: ``DataError/Reason/badAudio(draws:last:)`` if hardly any clip can be read.
  package func batch(at position: BatchPosition) throws(DataError) -> Batch {
    let draws = draws(epoch: position.epoch)
    let range = range(position, draws.count)
    let (frames, mels) = (reader.features.clipFrames, reader.features.melCount)
    var logMel = Tensor(uninitialized: [range.count, frames, mels])
    var examples: [Example] = []
    examples.reserveCapacity(range.count)
    for draw in range {
      guard let example = try example(draws[draw], epoch: position.epoch, draw: draw) else {
        continue
      }
      let start = examples.count * frames * mels
      logMel.withUnsafeMutableBufferPointer { target in
        example.logMel.withUnsafeBufferPointer { source in
          _ = UnsafeMutableBufferPointer(rebasing: target[start..<start + frames * mels])
            .update(fromContentsOf: source)
        }
      }
      examples.append(example)
    }
    let table = tracks.table
    return Batch(
      position: position, logMel: logMel.rows(0..<examples.count),
      tokens: examples.map {
        tokenizer.encode($0.caption, maximumLength: options.maximumTokens)
      },
      tags: examples.map { example in
        Set(table.tags(example.track).compactMap { tagPlaces[Int($0)] }).sorted()
      },
      captions: examples.map(\.caption), tracks: examples.map(\.track),
      trackIDs: examples.map { table.id($0.track) },
      audioFiles: examples.map { example in
        if case .file(let path) = table.audio(example.track) { return path }
        return table.id(example.track)
      })
  }

  private struct Example {
    let track: Int
    let caption: String
    let logMel: Tensor
  }

  /// One example; nil if it must be left out.
  private func example(_ track: Int, epoch: Int, draw: Int) throws(DataError) -> Example? {
    let index = exampleIndex(epoch, draw)
    guard case .training = order else {
      let clip: ClipReader.Clip? = read(track, position: 0).clip
      return clip.map {
        Example(track: track, caption: caption(of: track, index), logMel: $0.logMel)
      }
    }
    var window = RandomSource(seed: seed, stream: "data.window", index: index)
    let position = window.uniform()
    var replacement = RandomSource(seed: seed, stream: "data.replacement", index: index)
    var track = track
    var problem = ""
    for _ in 0..<Self.attemptLimit {
      let result = read(track, position: position)
      if let clip = result.clip {
        var random = RandomSource(seed: seed, stream: "data.augmentation", index: index)
        let logMel = options.augmentation.applied(
          to: clip.logMel, deviation: reader.features.deviation, random: &random)
        return Example(track: track, caption: caption(of: track, index), logMel: logMel)
      }
      problem = result.problem
      track = replacement.integer(below: tracks.count)
    }
    throw DataError(.badAudio(draws: Self.attemptLimit, last: problem), file: "")
  }

  private func read(_ track: Int, position: Float) -> (clip: ClipReader.Clip?, problem: String) {
    do throws(AudioError) {
      let clip = try reader.read(track, of: tracks.table, position: position)
      if !clip.warnings.isEmpty {
        let problem = clip.warnings.joined(separator: "; ")
        tell(track, .oddAudio(track: tracks.table.id(track), problem: problem))
      }
      return (clip, "")
    } catch {
      let problem = error.description
      tell(track, .badAudio(track: tracks.table.id(track), problem: problem))
      return (nil, problem)
    }
  }

  private func tell(_ track: Int, _ warning: DataWarning) {
    if state.withLock({ $0.reported.insert(track).inserted }) { onWarning(warning) }
  }

  private func caption(of track: Int, _ index: UInt64) -> String {
    guard case .training = order else { return tracks.references(track).first ?? "" }
    let captions = tracks.table.captionIndices(track)
    guard !captions.isEmpty else { return "" }
    var random = RandomSource(seed: seed, stream: "data.caption", index: index)
    return tracks.table.captionText(
      captions.lowerBound + random.integer(below: captions.count))
  }

  private func range(_ position: BatchPosition, _ drawCount: Int) -> Range<Int> {
    precondition(
      position.epoch >= 0 && (0..<max(1, batchesPerEpoch)).contains(position.batch),
      "batch \(position.batch) of epoch \(position.epoch), with \(batchesPerEpoch) in an epoch")
    let start = min(drawCount, position.batch * batchSize)
    return start..<min(drawCount, start + batchSize)
  }

  private func draws(epoch: Int) -> [Int] {
    switch order {
    case .evaluation(let chosen): return chosen
    case .training(let sampler):
      if let known = state.withLock({ $0.draws.first { $0.epoch == epoch }?.tracks }) {
        return known
      }
      let draws = sampler.draws(epoch: epoch)
      state.withLock { state in
        state.draws.append((epoch, draws))
        if state.draws.count > 2 { state.draws.removeFirst() }
      }
      return draws
    }
  }
}
