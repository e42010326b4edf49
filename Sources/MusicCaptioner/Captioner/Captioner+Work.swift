import Foundation

extension Captioner {
  enum WorkEvent {
    case opened(seconds: Double?)
    case chunk(SongCollector.Chunk)
    case warning(AudioWarning)
    case failed(any Error)
    case finished(MusicFacts?)
  }

  /// Captions files one after another.
  func work(
    through files: [URL], asSongs: Bool,
    _ receive: (_ audio: String, WorkEvent) throws -> Void
  ) rethrows {
    let queue = FeatureQueue(capacity: 2 * options.batchSize) { [chunkOptions, extractor] in
      FeatureReader(files, chunkOptions, extractor, measuresFacts: asSongs)
    }
    defer {
      queue.close()
      BufferPool.trim(keeping: BufferPool.keptWhenIdle)
    }
    var failed: Set<Int> = []
    var pending: [FeatureReader.Item] = []
    var chunkCount = 0
    while let item = queue.next() {
      pending.append(item)
      if case .chunk = item.content { chunkCount += 1 }
      if chunkCount == 0 || chunkCount == options.batchSize {
        try deliver(pending, of: files, asSongs: asSongs, &failed, receive)
        pending = []
        chunkCount = 0
      }
    }
    try deliver(pending, of: files, asSongs: asSongs, &failed, receive)
  }

  /// Decodes the waiting chunks, then delivers all events in order.
  private func deliver(
    _ items: [FeatureReader.Item], of files: [URL], asSongs: Bool, _ failed: inout Set<Int>,
    _ receive: (_ audio: String, WorkEvent) throws -> Void
  ) rethrows {
    var results = decode(
      items.compactMap { item in
        if case .chunk(let chunk) = item.content { chunk } else { nil }
      }, forSongs: asSongs)[...]
    for item in items {
      let audio = files[item.file].relativePath
      switch item.content {
      case .opened(let seconds):
        try receive(audio, .opened(seconds: seconds))
      case .chunk(let chunk):
        let (result, tagScores) = results.removeFirst()
        if failed.contains(item.file) { break }
        if let caption = caption(chunk, result, audio: audio) {
          try receive(audio, .chunk(.init(caption: caption, tagScores: tagScores)))
        } else {
          failed.insert(item.file)
          try receive(audio, .failed(CaptionerError(.notFinite, file: audio)))
        }
      case .warning(let warning):
        try receive(audio, .warning(warning))
      case .failed(let error):
        if failed.insert(item.file).inserted { try receive(audio, .failed(error)) }
      case .finished(let facts):
        if !failed.contains(item.file) { try receive(audio, .finished(facts)) }
      }
    }
  }

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
  func caption(_ chunk: ChunkFeatures, _ result: DecodingResult, audio: String) -> Caption?
  {
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
