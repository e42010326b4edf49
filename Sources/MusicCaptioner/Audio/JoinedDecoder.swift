/// Decodes the parts of a file one after another: files that were joined, and streams that follow
/// one another.
///
/// Where the parts have different rates or numbers of channels, all are mixed to mono at the highest
/// rate.
final class JoinedDecoder: SoundDecoder {
  let sampleRate: Int
  let channelCount: Int
  var declaredFrameCount: Int? { starts.last }

  /// A part whose length is known. It is opened when its turn comes.
  struct Part {
    let sampleRate: Int
    let channelCount: Int
    let frameCount: Int
    /// Gives a decoder that seeks exactly.
    let open: () throws(AudioError) -> any SoundDecoder
  }

  private let parts: [Part]
  /// Where each part begins in the output, and where the last one ends, in frames.
  private let starts: [Int]
  private let isUniform: Bool
  private var current: (index: Int, decoder: any SoundDecoder)?
  private var position = 0
  /// Where in the output the current decoder is; nil after a failed seek.
  private var decoderPosition: Int?
  /// Where the current part gave nothing more, although its length says that more follows.
  private var silentFrom: Int?
  private var hasSilence = false
  private var pastWarnings: [AudioWarning]

  /// - Parameters:
  ///   - parts: At least one.
  ///   - warnings: About the file as a whole.
  init(_ parts: [Part], warnings: [AudioWarning] = []) {
    self.parts = parts
    let first = parts[0]
    isUniform = parts.allSatisfy {
      $0.sampleRate == first.sampleRate && $0.channelCount == first.channelCount
    }
    let rate = parts.reduce(0) { max($0, $1.sampleRate) }
    sampleRate = rate
    channelCount = isUniform ? first.channelCount : 1
    starts = parts.reduce(into: [0]) { starts, part in
      starts.append(
        starts[starts.count - 1] + resampledCount(part.frameCount, from: part.sampleRate, to: rate))
    }
    pastWarnings = warnings
  }

  var warnings: [AudioWarning] {
    var news = current?.decoder.warnings ?? []
    if hasSilence { news.append(.damaged("parts of the sound can't be decoded and are silent")) }
    return pastWarnings + news.filter { !pastWarnings.contains($0) }
  }

  /// Any place is reached; beyond the end, nothing follows.
  func seek(to frame: Int) -> Bool {
    position = frame
    return true
  }

  func read(
    _ frameCount: Int, into samples: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError) -> Int {
    guard let end = starts.last, position < end else { return 0 }
    // The last part that begins here or before; those before it are empty.
    let index = partIndex(at: position)
    let decoder = try decoder(for: index)
    let wanted = min(frameCount, starts[index + 1] - position)
    if let silentFrom, position >= silentFrom { return passOver(wanted, samples) }
    guard decoderPosition == position || decoder.seek(to: position - starts[index]) else {
      decoderPosition = nil
      return passOver(wanted, samples)
    }
    let found = try decoder.read(wanted, into: samples)
    if found == 0 {
      silentFrom = position
      decoderPosition = nil
      return passOver(wanted, samples)
    }
    position += found
    decoderPosition = position
    return found
  }

  /// Damage that the index didn't show is silent. What follows keeps its place.
  private func passOver(
    _ frameCount: Int, _ samples: UnsafeMutableBufferPointer<Float>
  ) -> Int {
    for sample in samples[0..<frameCount * channelCount].indices { samples[sample] = 0 }
    hasSilence = true
    position += frameCount
    return frameCount
  }

  private func partIndex(at position: Int) -> Int {
    var (low, high) = (0, parts.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= position { low = middle } else { high = middle - 1 }
    }
    return low
  }

  private func decoder(for index: Int) throws(AudioError) -> any SoundDecoder {
    if let current, current.index == index { return current.decoder }
    pastWarnings = warnings
    current = nil
    var decoder = try parts[index].open()
    if !isUniform { decoder = try ConvertedDecoder(decoder, parts[index], to: sampleRate) }
    current = (index, decoder)
    decoderPosition = starts[index]
    silentFrom = nil
    return decoder
  }
}

/// A part as mono samples at another rate.
private final class ConvertedDecoder: SoundDecoder {
  let sampleRate: Int
  var channelCount: Int { 1 }
  var declaredFrameCount: Int? { nil }
  var warnings: [AudioWarning] { decoder.warnings }

  private let decoder: any SoundDecoder
  private let part: JoinedDecoder.Part
  private var resampler: Resampler
  private var interleaved: [Float]
  private var mono: [Float]
  /// Converted samples, from `position` on.
  private var pending: [Float] = []
  private var position = 0
  private var consumed = 0
  private var hasEnded = false

  private static let blockFrames = 1 << 12

  init(_ decoder: any SoundDecoder, _ part: JoinedDecoder.Part, to rate: Int) throws(AudioError) {
    self.decoder = decoder
    self.part = part
    sampleRate = rate
    resampler = try Resampler(from: part.sampleRate, to: rate)
    interleaved = Array(repeating: 0, count: Self.blockFrames * part.channelCount)
    mono = Array(repeating: 0, count: Self.blockFrames)
  }

  /// Goes on from the beginning, because a filter has to have heard what precedes.
  func seek(to frame: Int) -> Bool {
    do throws(AudioError) {
      if frame < position {
        guard decoder.seek(to: 0) else { return false }
        resampler = try Resampler(from: part.sampleRate, to: sampleRate)
        (pending, position, consumed, hasEnded) = ([], 0, 0, false)
      }
      while position < frame {
        if pending.isEmpty { try convert() }
        if pending.isEmpty { return false }
        drop(min(pending.count, frame - position))
      }
      return true
    } catch {
      return false
    }
  }

  func read(
    _ frameCount: Int, into samples: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError) -> Int {
    if pending.isEmpty { try convert() }
    let count = min(frameCount, pending.count)
    for index in 0..<count { samples[index] = pending[index] }
    drop(count)
    return count
  }

  private func drop(_ count: Int) {
    pending.removeFirst(count)
    position += count
  }

  /// Converts until there is something to return, or nothing left.
  private func convert() throws(AudioError) {
    while pending.isEmpty, !hasEnded {
      let wanted = min(Self.blockFrames, part.frameCount - consumed)
      let found = try interleaved.withUnsafeMutableBufferPointer { (buffer) throws(AudioError) in
        wanted == 0 ? 0 : try decoder.read(wanted, into: buffer)
      }
      consumed += found
      if found == 0 {
        hasEnded = true
        try resampler.finish(&pending)
        return
      }
      mixToMono(
        interleaved, channelCount: part.channelCount, frameCount: found, into: &mono)
      try mono.withUnsafeBufferPointer { (buffer) throws(AudioError) in
        try resampler.append(.init(rebasing: buffer[0..<found]), to: &pending)
      }
    }
  }
}
