import Foundation

/// The model's input for a chunk.
struct ChunkFeatures: Sendable {
  /// The chunk's position in its file.
  let number: Int
  let start: Double
  let end: Double
  /// `[frames, mels]`
  let logMel: Tensor

  init(_ chunk: AudioChunk, number: Int, _ extractor: LogMelExtractor) {
    self.number = number
    start = chunk.start
    end = chunk.end
    logMel = extractor(chunk.samples)
  }
}

/// The chunks of files one after another, as input for the model.
final class FeatureReader {
  struct Item: Sendable {
    enum Content: Sendable {
      /// A file has been opened. Its length in seconds, if its header declares one: a hint.
      case opened(seconds: Double?)
      case chunk(ChunkFeatures)
      case warning(AudioWarning)
      /// There will be no more chunks of this file.
      case failed(AudioError)
      /// What was measured, if it was asked for.
      case finished(MusicFacts?)
    }

    /// The file's position in the list.
    let file: Int
    let content: Content
  }

  private let files: [URL]
  private let options: ChunkOptions
  private let extractor: LogMelExtractor
  private let measuresFacts: Bool
  private var file = 0
  private var reader: AudioChunkReader?
  private var chunkCount = 0
  /// Of the current file, if facts are measured.
  private var analyzer: MusicFactsAnalyzer?
  /// Found together with the item returned last.
  private var waiting: [Item.Content] = []

  init(
    _ files: [URL], _ options: ChunkOptions, _ extractor: LogMelExtractor, measuresFacts: Bool
  ) {
    self.files = files
    self.options = options
    self.extractor = extractor
    self.measuresFacts = measuresFacts
  }

  /// The next item; nil after the last.
  func next() -> Item? {
    if waiting.isEmpty { readOn() }
    guard !waiting.isEmpty else { return nil }
    let item = Item(file: file, content: waiting.removeFirst())
    switch item.content {
    case .failed, .finished:
      (file, reader, chunkCount) = (file + 1, nil, 0)
    case .opened, .chunk, .warning: break
    }
    return item
  }

  private func readOn() {
    guard file < files.count else { return }
    do throws(AudioError) {
      guard let reader else {
        let reader = try AudioChunkReader(files[file], options)
        self.reader = reader
        analyzer = measuresFacts ? try reader.makeAnalyzer() : nil
        waiting.append(.opened(seconds: reader.declaredSeconds))
        return
      }
      guard let chunk = try reader.next() else {
        for warning in reader.newWarnings() { waiting.append(.warning(warning)) }
        waiting.append(.finished(try analyzer?.finish()))
        return
      }
      for warning in chunk.warnings { waiting.append(.warning(warning)) }
      waiting.append(.chunk(ChunkFeatures(chunk, number: chunkCount, extractor)))
      chunkCount += 1
    } catch {
      waiting.append(.failed(error))
    }
  }
}

/// The items of a reader, prepared ahead on a background thread, or on demand if the system can't
/// provide one.
final class FeatureQueue {
  private struct State: Sendable {
    var items: [FeatureReader.Item] = []
    var hasEnded = false
    var isClosed = false
  }

  private let state = Monitor(State())
  /// Nil if a thread does the reading.
  private let reader: FeatureReader?

  /// Starts reading.
  ///
  /// - Parameters:
  ///   - capacity: How many items may wait.
  ///   - makeReader: Called on the reading thread.
  init(capacity: Int, _ makeReader: @escaping @Sendable () -> FeatureReader) {
    let capacity = max(1, capacity)
    do throws(ThreadError) {
      try BackgroundThread.start("audio reader") { [state] in
        let reader = makeReader()
        while let item = reader.next(), Self.put(item, in: state, capacity) {}
        state.change { $0.hasEnded = true }
      }
      reader = nil
    } catch {
      reader = makeReader()
    }
  }

  /// The next item; waits for it. Nil after the last one.
  func next() -> FeatureReader.Item? {
    if let reader { return reader.next() }
    return state.wait { state -> FeatureReader.Item?? in
      if state.items.isEmpty { return state.hasEnded || state.isClosed ? .some(nil) : nil }
      return state.items.removeFirst()
    }
  }

  /// No more items are needed: the thread ends after its current chunk.
  func close() { state.change { $0.isClosed = true } }

  /// Waits for room. False once the queue is closed.
  private static func put(
    _ item: FeatureReader.Item, in state: Monitor<State>, _ capacity: Int
  ) -> Bool {
    state.wait { state -> Bool? in
      if state.isClosed { return false }
      guard state.items.count < capacity else { return nil }
      state.items.append(item)
      return true
    }
  }
}
