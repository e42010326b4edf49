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
  /// The duration declared in the header.
  package var declaredSeconds: Double? {
    declaredFrameCount.map { Double($0) / Double(sampleRate) }
  }

  private let handle: SoundFileHandle
  private let openingWarnings: [AudioWarning]
  /// The next frame that the decoder returns; nil after a failed seek.
  private var position: Int? = 0

  /// Opens a file and reads its header.
  package convenience init(_ url: URL) throws(AudioError) {
    let path = url.relativePath
    let (descriptor, size) = try Self.open(path)
    try self.init(descriptor, size: size, path: path)
  }

  /// Reads the header of a file in memory.
  ///
  /// - Parameter name: The name used in errors.
  package convenience init(_ content: Data, name: String) throws(AudioError) {
    guard !content.isEmpty else { throw AudioError(.empty, file: name) }
    let opened: Result<Descriptor, SystemFailure> = content.withUnsafeBytes { bytes in
      Result { () throws(SystemFailure) in try Descriptor(inMemory: bytes) }
    }
    let descriptor: Descriptor
    do throws(SystemFailure) {
      descriptor = try opened.get()
    } catch {
      throw AudioError(FileError(error, .read, name))
    }
    try self.init(descriptor, size: content.count, path: name)
  }

  /// Takes ownership of the descriptor, and has closed it if this throws.
  private init(_ descriptor: Descriptor, size: Int, path: String) throws(AudioError) {
    self.path = path
    func bytes(_ offset: Int, _ count: Int) -> [UInt8] {
      (try? descriptor.bytes(count, at: offset)) ?? []
    }
    let wave = WaveHeader(fileSize: size, read: bytes)
    if let problem = wave?.problem {
      descriptor.drop()
      throw AudioError(problem, file: path)
    }
    handle = try Self.decoder(descriptor, head: bytes(0, 64), path: path)
    sampleRate = handle.sampleRate
    channelCount = handle.channelCount
    declaredFrameCount = handle.declaredFrameCount
    guard AudioLimits.sampleRates.contains(sampleRate) else {
      throw AudioError(.sampleRate(sampleRate), file: path)
    }
    guard (1...1024).contains(channelCount) else {
      throw AudioError(.badHeader(format: "audio", found: "\(channelCount) channels"), file: path)
    }
    guard declaredFrameCount != 0 else {
      throw AudioError(.noSamples("its header declares 0 samples"), file: path)
    }
    var warnings: [AudioWarning] = []
    if let wave, let data = wave.data, data.present < data.declared, wave.bytesPerSecond > 0 {
      let rate = Double(wave.bytesPerSecond)
      warnings.append(
        .cutShort(
          foundSeconds: Double(data.present) / rate, declaredSeconds: Double(data.declared) / rate))
    }
    openingWarnings = warnings
  }

  private static func open(
    _ path: String
  ) throws(AudioError) -> (descriptor: Descriptor, size: Int) {
    let descriptor: Descriptor
    do throws(SystemFailure) {
      descriptor = try Descriptor(opening: path, for: .inspecting)
    } catch {
      throw AudioError(FileError(error, .read, path))
    }
    let failure: AudioError
    do throws(SystemFailure) {
      let status = try descriptor.status()
      switch status.kind {
      case .regular where status.size > 0: return (descriptor, status.size)
      case .regular: failure = AudioError(.empty, file: path)
      case .folder: failure = AudioError(FileError(.isFolder, .read, path))
      case .other: failure = AudioError(FileError(.notAFile, .read, path))
      }
    } catch {
      failure = AudioError(FileError(error, .read, path))
    }
    descriptor.drop()
    throw failure
  }

  /// Takes ownership of the descriptor, and has closed it if this throws.
  private static func decoder(
    _ descriptor: Descriptor, head: [UInt8], path: String
  ) throws(AudioError) -> SoundFileHandle {
    do {
      return try SoundFileHandle(descriptor: descriptor.number)
    } catch {
      guard let format = FileSignature.audioFormat(head) else {
        throw AudioError(.notAudio(found: FileSignature.describe(head)), file: path)
      }
      let found =
        switch format {
        case "Ogg" where error.log.contains("End of file"):
          "the stream ends before its headers are complete"
        case "MP3":
          "no complete MPEG audio frame was found"
        default:
          error.message.trimmingCharacters(in: .whitespacesAndNewlines)
        }
      throw AudioError(.badHeader(format: format, found: found), file: path)
    }
  }

  /// What was unusual so far.
  package var warnings: [AudioWarning] {
    let log = handle.log
    var warnings = openingWarnings
    if log.contains("Corrupted bitstream") || log.contains("reports a hole") {
      warnings.append(.damaged("parts of the Ogg stream can't be decoded and are left out"))
    } else if log.contains("without an End-Of-Stream") {
      warnings.append(.damaged("the Ogg stream ends without its last page"))
    }
    if log.contains("FLAC__STREAM_DECODER_ERROR_STATUS") {
      warnings.append(.damaged("parts of the FLAC stream can't be decoded and are silent"))
    }
    return warnings
  }

  // MARK: Decoding

  /// Frames decoded at a time. After a damaged FLAC frame, libsndfile skips the rest of the call's
  /// frames, so a call shouldn't ask for much more than one FLAC frame.
  private static let blockFrames = 1024

  /// Decodes the frames in `range` block by block and passes each block on as mono samples. Ends
  /// early if the file does. Non-finite values are replaced by 0 and counted in `levels`.
  ///
  /// - Returns: The number of frames found.
  func decode(
    _ range: Range<Int>, levels: inout SampleSanitizer,
    _ body: (UnsafeBufferPointer<Float>) throws(AudioError) -> Void
  ) throws(AudioError) -> Int {
    let blockFrames = Self.blockFrames
    var interleaved = [Float](repeating: 0, count: blockFrames * channelCount)
    var mono = [Float](repeating: 0, count: channelCount == 1 ? 0 : blockFrames)
    guard try move(to: range.lowerBound, scratch: &interleaved) else { return 0 }
    var done = 0
    while done < range.count {
      let wanted = min(blockFrames, range.count - done)
      let found = read(wanted, into: &interleaved)
      if found == 0 { break }
      done += found
      interleaved.withUnsafeMutableBufferPointer { samples in
        levels.repair(.init(rebasing: samples[0..<found * channelCount]))
      }
      try hand(over: found, of: interleaved, mixedIn: &mono, to: body)
    }
    return done
  }

  private func read(_ frameCount: Int, into samples: inout [Float]) -> Int {
    let found = samples.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { handle.read(frameCount, into: $0) } ?? 0
    }
    position = position.map { $0 + found }
    return found
  }

  /// Moves the decoder to a frame; false if the file ends before it. Containers that can't seek
  /// there (a damaged or endless Ogg stream) are decoded up to it.
  private func move(to frame: Int, scratch: inout [Float]) throws(AudioError) -> Bool {
    if position == frame { return true }
    if let declaredFrameCount, frame >= declaredFrameCount { return false }
    let start = max(0, frame - handle.leadSeconds * sampleRate)
    if handle.seek(to: start) {
      position = start
    } else if handle.seek(to: 0) {
      position = 0
    } else {
      position = nil
      throw AudioError(.library("the decoder can't go to frame \(frame)"), file: path)
    }
    while let position, position < frame {
      if read(min(Self.blockFrames, frame - position), into: &scratch) == 0 { return false }
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
private func mixToMono(
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
