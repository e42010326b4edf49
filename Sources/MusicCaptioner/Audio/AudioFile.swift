import Foundation

/// An open audio file, decoded in parts and mixed to mono.
///
/// Not thread-safe; open the file once per thread.
package final class AudioFile {
  /// As the user named it.
  package let path: String
  /// The file's own rate, in hertz.
  package let sampleRate: Int
  package let channelCount: Int
  /// The frame count declared in the header; nil if it has none (an Ogg stream without its end).
  package let declaredFrameCount: Int?
  /// The duration declared in the header; a hint.
  package var declaredSeconds: Double? {
    declaredFrameCount.map { Double($0) / Double(sampleRate) } ?? decoder.approximateSeconds
  }

  private let source: SoundSource
  private let decoder: any SoundDecoder
  /// The next frame that the decoder returns; nil after a failed seek.
  private var position: Int? = 0

  /// Opens a file and reads its header.
  ///
  /// - Parameter acceptsStreams: Whether it may be a pipe, which is read to its end, or `-`, standard
  ///   input.
  package convenience init(_ url: URL, acceptsStreams: Bool = false) throws(AudioError) {
    let path = url.relativePath
    let (descriptor, size) = try Self.open(path, acceptsStreams: acceptsStreams)
    try self.init(SoundSource(descriptor, size: size, path: path))
  }

  /// Reads the header of a file in memory.
  ///
  /// - Parameter name: The name used in errors.
  package convenience init(_ content: Data, name: String) throws(AudioError) {
    guard !content.isEmpty else { throw AudioError(.empty, file: name) }
    try self.init(SoundSource(inMemory: content, path: name))
  }

  /// - Throws: The system's refusal to read, if that is behind what a decoder complains of.
  init(_ source: SoundSource) throws(AudioError) {
    path = source.path
    self.source = source
    do throws(AudioError) {
      decoder = try SoundDecoders.open(source)
    } catch {
      try source.checkReading()
      throw error
    }
    try source.checkReading()
    sampleRate = decoder.sampleRate
    channelCount = decoder.channelCount
    declaredFrameCount = decoder.declaredFrameCount
    guard AudioLimits.sampleRates.contains(sampleRate) else {
      throw AudioError(.sampleRate(sampleRate), file: path)
    }
    guard (1...1024).contains(channelCount) else {
      throw AudioError(.badHeader(format: "audio", found: "\(channelCount) channels"), file: path)
    }
  }

  /// What was unusual so far.
  package var warnings: [AudioWarning] { AudioWarning.joined(singleWarnings) }
  /// The same, each for itself.
  var singleWarnings: [AudioWarning] { decoder.warnings }

  // MARK: Decoding

  /// Frames decoded at a time. After a damaged FLAC frame, libsndfile skips the rest of the call's
  /// frames, so a call shouldn't ask for much more than one FLAC frame.
  private static let blockFrames = 1024

  /// Decodes the frames in `range` block by block and passes each block on as mono samples. Ends
  /// early if the file does. Non-finite values are replaced by 0 and counted in `levels`.
  ///
  /// - Parameter tap: Called with each block before it is mixed: a sample of each channel, again
  ///   and again.
  /// - Returns: The number of frames found.
  func decode(
    _ range: Range<Int>, levels: inout SampleSanitizer,
    tap: ((ArraySlice<Float>) -> Void)? = nil,
    _ body: (UnsafeBufferPointer<Float>) throws(AudioError) -> Void
  ) throws(AudioError) -> Int {
    let blockFrames = Self.blockFrames
    var interleaved = [Float](repeating: 0, count: blockFrames * channelCount)
    var mono = [Float](repeating: 0, count: channelCount == 1 ? 0 : blockFrames)
    guard try move(to: range.lowerBound, scratch: &interleaved) else { return 0 }
    var done = 0
    while done < range.count {
      let wanted = min(blockFrames, range.count - done)
      let found = try read(wanted, into: &interleaved)
      if found == 0 { break }
      done += found
      interleaved.withUnsafeMutableBufferPointer { samples in
        levels.repair(.init(rebasing: samples[0..<found * channelCount]))
      }
      tap?(interleaved[0..<found * channelCount])
      try hand(over: found, of: interleaved, mixedIn: &mono, to: body)
    }
    return done
  }

  private func read(
    _ frameCount: Int, into samples: inout [Float]
  ) throws(AudioError) -> Int {
    let found = try samples.withUnsafeMutableBufferPointer { (buffer) throws(AudioError) in
      try decoder.read(frameCount, into: buffer)
    }
    try source.checkReading()
    position = position.map { $0 + found }
    return found
  }

  /// Moves the decoder to a frame; false if the file ends before it. What can't seek there is decoded
  /// up to it.
  private func move(to frame: Int, scratch: inout [Float]) throws(AudioError) -> Bool {
    if position == frame { return true }
    if decoder.seek(to: frame) {
      position = frame
    } else if decoder.seek(to: 0) {
      position = 0
    } else {
      position = nil
      try source.checkReading()
      throw AudioError(.library("the decoder can't go to frame \(frame)"), file: path)
    }
    while let position, position < frame {
      if try read(min(Self.blockFrames, frame - position), into: &scratch) == 0 { return false }
    }
    return true
  }

  private func hand(
    over frameCount: Int, of interleaved: [Float], mixedIn mono: inout [Float],
    to body: (UnsafeBufferPointer<Float>) throws(AudioError) -> Void
  ) throws(AudioError) {
    if channelCount > 1 {
      mixToMono(interleaved, channelCount: channelCount, frameCount: frameCount, into: &mono)
    }
    try (channelCount == 1 ? interleaved : mono).withUnsafeBufferPointer {
      (samples) throws(AudioError) in
      try body(.init(rebasing: samples[0..<frameCount]))
    }
  }
}

/// The mean of the channels of each frame, like `librosa.to_mono`.
func mixToMono(
  _ interleaved: [Float], channelCount: Int, frameCount: Int, into mono: inout [Float]
) {
  interleaved.withUnsafeBufferPointer { input in
    mono.withUnsafeMutableBufferPointer { output in
      if channelCount == 2 {
        for frame in 0..<frameCount {
          output[frame] = (input[2 * frame] + input[2 * frame + 1]) * 0.5
        }
        return
      }
      for frame in 0..<frameCount {
        var sum: Float = 0
        for channel in 0..<channelCount { sum += input[frame * channelCount + channel] }
        output[frame] = sum / Float(channelCount)
      }
    }
  }
}
