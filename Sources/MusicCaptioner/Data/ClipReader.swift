import Foundation

/// Turns a track into the log-mel of one clip: the only code of this folder that uses `Audio`.
///
/// The result depends only on the track, the crop and the options, never on the cache's contents:
/// the length of a recording decides whether it is decoded whole or in part.
struct ClipReader: Sendable {
  let features: AudioFeatureOptions
  private let extractor: LogMelExtractor
  private let cache: ClipCache
  private let crop: CropMode
  private let embedded = EmbeddedFiles()
  let lengths = MeasuredLengths()

  /// Recordings of up to this many clip lengths are decoded and kept whole. For longer ones only
  /// the window is decoded, again each time.
  private static let wholeClips = 4.0

  struct Clip {
    /// `[frames, mels]`
    let logMel: Tensor
    let warnings: [String]
  }

  /// - Throws: The first invalid feature option.
  init(
    _ features: AudioFeatureOptions, crop: CropMode, cache: ClipCache
  ) throws(OptionError) {
    self.features = features
    self.crop = crop
    self.cache = cache
    extractor = try LogMelExtractor(features)
  }

  /// The log-mel of a track's clip.
  ///
  /// - Parameters:
  ///   - index: The track's position in `table`, its key in the cache.
  ///   - position: The position of the window, from 0 for the earliest to 1 for the latest; used
  ///     for random crops of recordings longer than a clip.
  func read(_ index: Int, of table: TrackTable, position: Float) throws(AudioError) -> Clip {
    switch cache[index] {
    case .logMel(let logMel): return Clip(logMel: logMel, warnings: [])
    case .samples(let samples):
      return Clip(logMel: extractor(window(of: samples, position)), warnings: [])
    case nil: break
    }
    switch table.audio(index) {
    case .samples(let samples):
      let clip = try AudioClip(samples: samples, sampleRate: features.sampleRate)
      return keep(clip.samples, at: index, position, clip.warnings)
    case .file(let path):
      let file = try AudioFile(URL(fileURLWithPath: path))
      return try read(file, part: table.part(index), index: index, position)
    case .embedded(let place):
      let file = try open(place, name: "\(place.table): \(table.id(index))")
      return try read(file, part: table.part(index), index: index, position)
    }
  }

  private func open(_ place: EmbeddedFile, name: String) throws(AudioError) -> AudioFile {
    let bytes: [UInt8]?
    do throws(FileError) {
      bytes = try embedded.bytes(of: place)
    } catch {
      // It is about the table, where no audio file is expected.
      throw AudioError(.file(error), file: error.file)
    }
    if let bytes { return try AudioFile(Data(bytes), name: name) }
    // Rows of one table may have either.
    guard let path = place.path else {
      let problem = FileError(
        .value(place: "", found: "neither bytes nor a path", expected: "a sound"), .read, name)
      throw AudioError(.file(problem), file: name)
    }
    return try AudioFile(URL(fileURLWithPath: path))
  }

  private func read(
    _ file: AudioFile, part: Track.Part, index: Int, _ position: Float
  ) throws(AudioError) -> Clip {
    // The first window needs no end.
    var seconds = crop == .first ? nil : lengths.known(index)
    seconds = seconds ?? file.declaredSeconds
    if seconds == nil && crop != .first { seconds = try measuredSeconds(file, index) }
    do throws(AudioError) {
      return try read(file, seconds ?? .infinity, part: part, index: index, position)
    } catch {
      // The header promised more than there is, and the window began after the end.
      guard case .rangeOutside = error.reason, crop != .first, let seconds else { throw error }
      let measured = try measuredSeconds(file, index)
      guard measured < seconds else { throw error }
      return try read(file, measured, part: part, index: index, position)
    }
  }

  private func measuredSeconds(_ file: AudioFile, _ index: Int) throws(AudioError) -> Double {
    try lengths.seconds(of: index) { () throws(AudioError) in try file.measuredSeconds() }
  }

  /// - Parameter declared: The duration of the file, in seconds.
  private func read(
    _ file: AudioFile, _ declared: Double, part: Track.Part, index: Int, _ position: Float
  ) throws(AudioError) -> Clip {
    let clipSeconds = features.clipSeconds
    var part = part
    // A file of about the part's length is the part, already cut out; a whole recording is longer.
    if part.mayBeCutOut, declared <= part.end - part.start + 2 { part = .whole }
    let length = min(part.end, max(declared, part.start)) - part.start
    let isWhole = crop == .first || length <= clipSeconds * Self.wholeClips
    var from = part.start
    // What is declared decides what is tried, not what is there.
    var seconds = clipSeconds
    if crop != .first {
      if isWhole {
        seconds *= Self.wholeClips
      } else {
        from += Double(position) * max(0, (length.isFinite ? length : clipSeconds) - clipSeconds)
      }
    }
    let to = min(part.end, from + seconds)
    let clip = try file.clip(
      from: from, to: to > from ? to : nil, sampleRate: features.sampleRate)
    guard isWhole else {
      return Clip(
        logMel: extractor(window(of: clip.samples, 0)), warnings: clip.warnings.map(\.description))
    }
    return keep(clip.samples, at: index, position, clip.warnings)
  }

  /// The most bytes kept for one track.
  var largestKeptBytes: Int {
    let logMel = features.clipFrames * features.melCount
    let samples = crop == .first ? 0 : Int(Self.wholeClips) * features.clipSamples
    return max(logMel, samples) * MemoryLayout<Float>.size
  }

  /// Keeps what can be reused: the log-mel if there is only one window, otherwise the samples.
  private func keep(
    _ samples: [Float], at index: Int, _ position: Float, _ warnings: [AudioWarning]
  ) -> Clip {
    let logMel = extractor(window(of: samples, position))
    let hasOneWindow = crop == .first || samples.count <= features.clipSamples
    cache[index] = hasOneWindow ? .logMel(logMel) : .samples(samples)
    return Clip(logMel: logMel, warnings: warnings.map(\.description))
  }

  /// One clip's length of the samples, zero-padded if there are fewer.
  private func window(of samples: [Float], _ position: Float) -> [Float] {
    let count = features.clipSamples
    guard samples.count > count else {
      return samples + [Float](repeating: 0, count: count - samples.count)
    }
    let latest = samples.count - count
    let start = crop == .first ? 0 : min(latest, Int(Double(position) * Double(latest + 1)))
    return Array(samples[start..<start + count])
  }
}
