import Foundation

extension Captioner {
  /// What there is to say about a whole file: one caption, tags, facts, and the captions of its chunks.
  ///
  /// - Parameter isConsistent: Whether captions that speak against a confident fact give way to the search's next ones.
  /// - Throws: `AudioError` if the file can't be read to its end.
  public func describe(_ url: URL, isConsistent: Bool = true) throws -> SongDescription {
    var songs: [SongDescription] = []
    try describe([url], isConsistent: isConsistent) { event in
      switch event {
      case .song(let song): songs.append(song)
      case .failed(_, let error): throw error
      case .progress, .contradiction, .warning: break
      }
    }
    return songs[0]
  }

  /// Describes files one after another, and reports each event as it happens.
  ///
  /// - Parameters:
  ///   - files: Events come in this order.
  ///   - isConsistent: Whether captions that speak against a confident fact give way to the search's next ones.
  ///   - receive: Called on the calling thread.
  /// - Throws: Whatever `receive` throws, which stops the work. A file that can't be read is an event.
  public func describe(
    _ files: [URL], isConsistent: Bool = true, _ receive: (SongEvent) throws -> Void
  ) rethrows {
    try describe(files, isConsistent: isConsistent, onOpening: { _ in }, receive)
  }

  package func describe(
    _ files: [URL], isConsistent: Bool, onOpening: (Double?) -> Void,
    _ receive: (SongEvent) throws -> Void
  ) rethrows {
    var work = CaptionWork(self, files, asSongs: true)
    var collector = SongCollector()
    while let events = work.next() {
      for (audio, event) in events {
        switch event {
        case .opened(let seconds): onOpening(seconds)
        case .chunk(let chunk):
          collector.add(chunk)
          try receive(.progress(audio: audio, seconds: chunk.caption.end))
        case .warning(let warning): try receive(.warning(audio: audio, warning))
        case .failed(let error):
          collector = SongCollector()
          try receive(.failed(audio: audio, error))
        case .finished(let facts):
          guard let facts else { preconditionFailure("facts of \(audio) were not measured") }
          let (song, contradiction) = collector.song(
            audio, facts, tagNames: bundle.tags, best: options.decoding.best,
            isConsistent: isConsistent)
          collector = SongCollector()
          if let (word, fact) = contradiction {
            try receive(.contradiction(audio: audio, word: word, fact: fact))
          }
          try receive(.song(song))
        }
      }
    }
  }
}
