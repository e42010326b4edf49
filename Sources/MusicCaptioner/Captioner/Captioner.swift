import Foundation

/// Captions audio files.
///
/// ```swift
/// let captioner = try Captioner(model: URL(fileURLWithPath: "model"))
/// for caption in try captioner.caption(URL(fileURLWithPath: "song.wav")) {
///   print(caption.start, caption.text)
/// }
/// ```
///
/// May be used from several threads, but one at a time is fastest, since each call uses all cores.
public struct Captioner: Sendable {
  public let bundle: ModelBundle
  public let options: CaptionerOptions
  let task: DecodingTask
  let extractor: LogMelExtractor

  /// - Parameters:
  ///   - bundle: A model with weights.
  ///   - options: The model's own decoding options by default.
  /// - Throws: `OptionError` for the first option that is invalid or doesn't fit this model;
  ///   `ModelError` if one of the model's own options is invalid.
  public init(_ bundle: ModelBundle, options: CaptionerOptions? = nil) throws {
    let options = try options ?? CaptionerOptions(decoding: bundle.decodingOptions())
    try options.validate()
    self.bundle = bundle
    self.options = options
    do throws(OptionError) {
      task = try DecodingTask(bundle.model, options.decoding, precision: options.precision)
    } catch {
      throw error.within("decoding")
    }
    extractor = try LogMelExtractor(bundle.audio)
  }

  /// Opens a model folder, a `.safetensors` or an official `.pth`.
  ///
  /// - Parameters:
  ///   - model: As in ``ModelBundle/init(contentsOf:tokenizer:)``.
  ///   - tokenizer: If there is none beside the model.
  ///   - options: The model's own decoding options by default.
  /// - Throws: Why the model or tokenizer can't be read, or the errors of `init(_:options:)`.
  public init(model: URL, tokenizer: URL? = nil, options: CaptionerOptions? = nil) throws {
    try self.init(ModelBundle(contentsOf: model, tokenizer: tokenizer), options: options)
  }

  /// The captions of a file, one for each chunk.
  ///
  /// - Throws: `AudioError` if the file can't be read to its end.
  public func caption(_ url: URL) throws -> [Caption] {
    var captions: [Caption] = []
    try caption([url]) { event in
      switch event {
      case .caption(let caption): captions.append(caption)
      case .failed(_, let error): throw error
      case .warning, .finished: break
      }
    }
    return captions
  }

  /// The captions of samples, one for each chunk.
  ///
  /// - Parameters:
  ///   - samples: Mono; full scale is ±1.
  ///   - sampleRate: In hertz.
  /// - Returns: Captions whose ``Caption/audio`` is empty.
  /// - Throws: `AudioError` if there are no samples, or the rate is out of range.
  public func caption(samples: [Float], sampleRate: Int = 16_000) throws -> [Caption] {
    guard !samples.isEmpty else {
      throw AudioError(.noSamples("an empty array was given"), file: "")
    }
    return try caption(AudioClip(samples: samples, sampleRate: sampleRate))
  }

  /// The captions of a clip, one for each chunk.
  ///
  /// - Returns: Captions whose ``Caption/audio`` is empty.
  /// - Throws: `AudioError` if the clip can't be resampled to the model's rate.
  public func caption(_ clip: AudioClip) throws -> [Caption] {
    let clip = try clip.resampled(to: bundle.audio.sampleRate)
    let chunks = clip.chunks(chunkOptions).enumerated().map { number, chunk in
      ChunkFeatures(chunk, number: number, extractor)
    }
    var captions: [Caption] = []
    for first in stride(from: 0, to: chunks.count, by: options.batchSize) {
      let batch = chunks[first..<min(first + options.batchSize, chunks.count)]
      for (chunk, (result, _)) in zip(batch, decode(Array(batch), forSongs: false)) {
        guard let caption = caption(chunk, result, audio: "") else {
          throw CaptionerError(.notFinite, file: "model")
        }
        captions.append(caption)
      }
    }
    return captions
  }

  /// Captions files one after another, and reports each event as it happens.
  ///
  /// Chunks are decoded in batches across files, while the next ones' log-mels are computed on
  /// another thread.
  ///
  /// - Parameters:
  ///   - files: Events come in this order.
  ///   - receive: Called on the calling thread.
  /// - Throws: Whatever `receive` throws, which stops the work. A file that can't be read is an
  ///   event.
  public func caption(
    _ files: [URL], _ receive: (CaptionEvent) throws -> Void
  ) rethrows {
    try caption(files, onOpening: { _ in }, receive)
  }

  /// The same, and tells how long each file is before its other events.
  ///
  /// - Parameter onOpening: Called on the calling thread with the seconds that the file's header declares, which are a
  ///   hint; nil if it declares none.
  package func caption(
    _ files: [URL], onOpening: (Double?) -> Void, _ receive: (CaptionEvent) throws -> Void
  ) rethrows {
    var work = CaptionWork(self, files, asSongs: false)
    while let events = work.next() {
      for (audio, event) in events {
        switch event {
        case .opened(let seconds): onOpening(seconds)
        case .chunk(let chunk): try receive(.caption(chunk.caption))
        case .warning(let warning): try receive(.warning(audio: audio, warning))
        case .failed(let error): try receive(.failed(audio: audio, error))
        case .finished: try receive(.finished(audio: audio))
        }
      }
    }
  }

  /// The same as an asynchronous sequence. Ending the iteration early stops the work.
  public func events(of files: [URL]) -> AsyncStream<CaptionEvent> {
    AsyncStream { continuation in
      let isCancelled = StopFlag()
      continuation.onTermination = { _ in isCancelled.raise() }
      let run = { @Sendable in
        // The only error is our own request to stop.
        try? caption(files) { event in
          if isCancelled.isRaised { throw CancellationError() }
          continuation.yield(event)
        }
        continuation.finish()
      }
      do throws(ThreadError) {
        try BackgroundThread.start("captioner", run)
      } catch {
        for file in files { continuation.yield(.failed(audio: file.relativePath, error)) }
        continuation.finish()
      }
    }
  }

  var chunkOptions: ChunkOptions {
    ChunkOptions(bundle.audio, dropPartial: options.dropPartial)
  }
}
