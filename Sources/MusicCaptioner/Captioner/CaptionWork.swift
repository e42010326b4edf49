import Foundation

/// Files on their way to captions: chunks are decoded in batches across files, while the next ones' log-mels are computed on
/// another thread.
struct CaptionWork: ~Copyable {
  enum Event {
    case opened(seconds: Double?)
    case chunk(SongCollector.Chunk)
    case warning(AudioWarning)
    /// The file can't be captioned (any further).
    case failed(any Error)
    /// All of the file's chunks have been delivered. What was measured, if facts were asked for.
    case finished(MusicFacts?)
  }

  private let captioner: Captioner
  private let files: [URL]
  private let asSongs: Bool
  private let queue: FeatureQueue
  private var failed: Set<Int> = []

  /// Starts reading.
  ///
  /// - Parameter asSongs: Whether facts are measured, tags are scored, and all captions that the search finds are kept.
  init(_ captioner: Captioner, _ files: [URL], asSongs: Bool) {
    self.captioner = captioner
    self.files = files
    self.asSongs = asSongs
    queue = FeatureQueue(capacity: 2 * captioner.options.batchSize) {
      [options = captioner.chunkOptions, extractor = captioner.extractor] in
      FeatureReader(files, options, extractor, measuresFacts: asSongs)
    }
  }

  deinit {
    queue.close()
    BufferPool.trim(keeping: BufferPool.keptWhenIdle)
  }

  /// The next events, in the order of the files; nil at the end.
  mutating func next() -> [(audio: String, event: Event)]? {
    var items: [FeatureReader.Item] = []
    var chunkCount = 0
    while let item = queue.next() {
      items.append(item)
      if case .chunk = item.content { chunkCount += 1 }
      if chunkCount == 0 || chunkCount == captioner.options.batchSize { break }
    }
    return items.isEmpty ? nil : events(items)
  }

  /// Decodes the chunks.
  private mutating func events(
    _ items: [FeatureReader.Item]
  ) -> [(audio: String, event: Event)] {
    let chunks = items.compactMap { item in
      if case .chunk(let chunk) = item.content { chunk } else { nil }
    }
    var results = captioner.decode(chunks, forSongs: asSongs)[...]
    var events: [(audio: String, event: Event)] = []
    for item in items {
      let audio = files[item.file].relativePath
      switch item.content {
      case .opened(let seconds):
        events.append((audio, .opened(seconds: seconds)))
      case .chunk(let chunk):
        let (result, tagScores) = results.removeFirst()
        if failed.contains(item.file) { break }
        if let caption = captioner.caption(chunk, result, audio: audio) {
          events.append((audio, .chunk(.init(caption: caption, tagScores: tagScores))))
        } else {
          failed.insert(item.file)
          events.append((audio, .failed(CaptionerError(.notFinite, file: audio))))
        }
      case .warning(let warning):
        events.append((audio, .warning(warning)))
      case .failed(let error):
        if failed.insert(item.file).inserted { events.append((audio, .failed(error))) }
      case .finished(let facts):
        if !failed.contains(item.file) { events.append((audio, .finished(facts))) }
      }
    }
    return events
  }
}

extension Captioner {
  func decode(
    _ chunks: [ChunkFeatures], forSongs isFull: Bool
  ) -> [(result: DecodingResult, tagScores: [Float])] {
    guard let first = chunks.first else { return [] }
    let logMel = Tensor(
      [chunks.count] + first.logMel.shape, chunks.flatMap { $0.logMel.values })
    let numbers = chunks.map { UInt64($0.number) }
    if isFull { return task.runFully(logMel: logMel, clipNumbers: numbers) }
    return task.run(logMel: logMel, clipNumbers: numbers).map { ($0, []) }
  }

  /// Nil if the model's outputs are not finite.
  func caption(_ chunk: ChunkFeatures, _ result: DecodingResult, audio: String) -> Caption? {
    guard let best = result.best, best.score.isFinite else { return nil }
    return Caption(
      audio: audio, start: chunk.start, end: chunk.end, text: bundle.text(of: best),
      score: best.score,
      tokens: best.tokens,
      alternatives: result.hypotheses.dropFirst().map {
        Caption.Alternative(text: bundle.text(of: $0), score: $0.score, tokens: $0.tokens)
      })
  }
}
