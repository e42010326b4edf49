import Foundation

/// What the model needs of a chunk.
struct ChunkFeatures: Sendable {
  /// The chunk's place in its file.
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

/// Chunks of files in order, read and transformed ahead on a thread of their own.
final class FeatureQueue: Sendable {
  struct Item: Sendable {
    enum Content: Sendable {
      case chunk(ChunkFeatures)
      case warning(AudioWarning)
      /// Nothing more comes of the file.
      case failed(AudioError)
      case finished
    }

    /// The file's place in the list.
    let file: Int
    let content: Content
  }

  private struct State: Sendable {
    var items: [Item] = []
    var hasEnded = false
    var isClosed = false
  }

  private let state = Monitor(State())
  private let capacity: Int

  /// - Parameter capacity: How many items may wait.
  init(capacity: Int) { self.capacity = max(1, capacity) }

  /// Starts to read the files.
  func fill(from files: [URL], _ options: ChunkOptions, _ extractor: LogMelExtractor) {
    let thread = Thread { [self] in
      for (file, url) in files.enumerated() {
        do throws(AudioError) {
          let reader = try AudioChunkReader(url, options)
          var number = 0
          while let chunk = try reader.next() {
            for warning in chunk.warnings { put(Item(file: file, content: .warning(warning))) }
            let features = ChunkFeatures(chunk, number: number, extractor)
            guard put(Item(file: file, content: .chunk(features))) else { return }
            number += 1
          }
          put(Item(file: file, content: .finished))
        } catch {
          put(Item(file: file, content: .failed(error)))
        }
      }
      state.change { $0.hasEnded = true }
    }
    thread.name = "audio reader"
    thread.start()
  }

  /// The next item; waits for it. Nil after the last.
  func next() -> Item? {
    state.wait { state -> Item?? in
      if state.items.isEmpty { return state.hasEnded || state.isClosed ? .some(nil) : nil }
      return state.items.removeFirst()
    }
  }

  /// Nothing more is wanted: the thread ends after the chunk that it is working on.
  func close() { state.change { $0.isClosed = true } }

  /// Waits for room. False once the queue is closed.
  @discardableResult
  private func put(_ item: Item) -> Bool {
    state.wait { [capacity] state -> Bool? in
      if state.isClosed { return false }
      guard state.items.count < capacity else { return nil }
      state.items.append(item)
      return true
    }
  }
}
