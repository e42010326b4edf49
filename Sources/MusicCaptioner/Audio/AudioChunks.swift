import Foundation

/// How recordings are cut into windows for the model.
package struct ChunkOptions: Sendable, Equatable {
  /// The sample rate of the chunks, in hertz.
  package var sampleRate: Int
  /// The length of a chunk, in seconds.
  package var clipSeconds: Double
  /// A last partial chunk is kept if it is at least this long, in seconds.
  package var minimumSeconds = 1.0
  /// Drops the last partial chunk of audio longer than one chunk, as the official code does (lpmc
  /// `utils/audio_utils.py`, `get_audio`).
  package var dropPartial: Bool

  /// The options that match a model's features, which have been validated.
  package init(
    _ features: AudioFeatureOptions = AudioFeatureOptions(), dropPartial: Bool = false
  ) {
    sampleRate = features.sampleRate
    clipSeconds = features.clipSeconds
    self.dropPartial = dropPartial
  }

  /// The number of samples in a full chunk.
  package var chunkSamples: Int { max(1, Int((clipSeconds * Double(sampleRate)).rounded())) }

  /// Whether a remainder of `count` samples after the full chunks becomes a chunk. Audio shorter
  /// than one chunk always does.
  func keeps(partial count: Int, isFirst: Bool) -> Bool {
    if count == 0 { return false }
    if isFirst { return true }
    return !dropPartial && Double(count) >= minimumSeconds * Double(sampleRate)
  }

  /// The ranges of `sampleCount` samples that become chunks; only the last may be short.
  package func ranges(sampleCount: Int) -> [Range<Int>] {
    let size = chunkSamples
    var ranges = (0..<sampleCount / size).map { $0 * size..<($0 + 1) * size }
    let rest = sampleCount % size
    if keeps(partial: rest, isFirst: ranges.isEmpty) {
      ranges.append(sampleCount - rest..<sampleCount)
    }
    return ranges
  }
}

/// One window of audio, zero-padded at its end.
package struct AudioChunk: Sendable {
  /// ``ChunkOptions/chunkSamples`` samples.
  package let samples: [Float]
  /// The number of samples before the padding.
  package let contentCount: Int
  /// Where the chunk begins in the file, in seconds.
  package let start: Double
  /// Where the chunk's audio ends, without padding, in seconds.
  package let end: Double
  /// Warnings about this chunk; the first chunk also has those about the file.
  package let warnings: [AudioWarning]

  /// - Parameters:
  ///   - content: At most a chunk's samples.
  ///   - offset: The position of the first sample in the file, in samples.
  init(
    content: some Collection<Float>, offset: Int, options: ChunkOptions, warnings: [AudioWarning]
  ) {
    let rate = Double(options.sampleRate)
    var samples = Array(content)
    contentCount = samples.count
    samples.append(
      contentsOf: repeatElement(0, count: max(0, options.chunkSamples - samples.count)))
    self.samples = samples
    start = Double(offset) / rate
    end = Double(offset + contentCount) / rate
    let isVeryShort = offset == 0 && Double(contentCount) < Self.veryShortSeconds * rate
    self.warnings =
      isVeryShort ? warnings + [.veryShort(seconds: Double(contentCount) / rate)] : warnings
  }

  /// Clips shorter than a tenth of a second don't contain enough music to describe.
  private static let veryShortSeconds = 0.1
}

extension AudioClip {
  /// The clip's chunks. Its sample rate must be the one of the options.
  package func chunks(_ options: ChunkOptions = ChunkOptions()) -> [AudioChunk] {
    precondition(
      sampleRate == options.sampleRate,
      "a clip of \(sampleRate) Hz can't be cut at \(options.sampleRate) Hz: resample it first")
    return options.ranges(sampleCount: samples.count).enumerated().map { index, range in
      AudioChunk(
        content: samples[range], offset: range.lowerBound, options: options,
        warnings: index == 0 ? warnings : [])
    }
  }
}

/// The chunks of a file one after another: decodes and resamples, and holds only one chunk at a
/// time.
package final class AudioChunkReader {
  let file: AudioFile
  let options: ChunkOptions
  /// Called with everything that is read from now on, before it is cut into chunks: a sample of each
  /// channel of the file, again and again, and the same as samples of chunks.
  var taps: (interleaved: (ArraySlice<Float>) -> Void, mono: MonoTap)?
  typealias MonoTap = (ArraySlice<Float>) throws(AudioError) -> Void

  private let resampler: Resampler
  private var pending: [Float] = []
  private var levels = SampleSanitizer()
  private var nextFrame = 0
  private var nextOffset = 0
  private var hasEnded = false
  private var reported: Set<AudioWarning> = []

  /// The duration declared in the header: a hint.
  package var declaredSeconds: Double? { file.declaredSeconds }

  package init(_ url: URL, _ options: ChunkOptions = ChunkOptions()) throws(AudioError) {
    let file = try AudioFile(url, acceptsStreams: true)
    self.file = file
    self.options = options
    resampler = try file.inFile { () throws(AudioError) in
      try Resampler(from: file.sampleRate, to: options.sampleRate)
    }
  }

  /// The next chunk; nil after the last.
  package func next() throws(AudioError) -> AudioChunk? {
    let size = options.chunkSamples
    while pending.count < size && !hasEnded { try readSecond() }
    let isFirst = nextOffset == 0
    guard pending.count >= size || options.keeps(partial: pending.count, isFirst: isFirst) else {
      if isFirst { throw file.noSamples }
      return nil
    }
    let content = try AudioClip(
      samples: Array(pending.prefix(size)), sampleRate: options.sampleRate)
    pending.removeFirst(content.samples.count)
    let news = newWarnings() + content.warnings.filter { reported.insert($0).inserted }
    let chunk = AudioChunk(
      content: content.samples, offset: nextOffset, options: options, warnings: news)
    nextOffset += size
    if chunk.contentCount < size { pending = [] }
    return chunk
  }

  /// Those that no chunk had: after the last one, those about a rest too short to be one.
  package func newWarnings() -> [AudioWarning] {
    // Joined afterwards: what was told of damage isn't told again with the length that is missing.
    AudioWarning.joined(warnings().filter { reported.insert($0).inserted })
  }

  private func readSecond() throws(AudioError) {
    let wanted = nextFrame..<nextFrame + file.sampleRate
    let before = pending.count
    let found = try file.decode(wanted, levels: &levels, tap: taps?.interleaved) {
      (block) throws(AudioError) in
      try resampler.append(block, to: &pending)
    }
    nextFrame += found
    if found < wanted.count {
      hasEnded = true
      try resampler.finish(&pending)
    }
    if before < pending.count { try taps?.mono(pending[before...]) }
  }

  private func warnings() -> [AudioWarning] {
    var warnings = file.singleWarnings
    if hasEnded { warnings += file.shortfall(lastFrame: nextFrame, of: 0..<Int.max) }
    if levels.nonFiniteCount > 0 {
      warnings.append(.nonFiniteSamples(count: levels.nonFiniteCount))
    }
    return warnings
  }
}
