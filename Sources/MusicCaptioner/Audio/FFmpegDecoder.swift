/// Decodes a file with the program `ffmpeg`, which runs beside this process and writes samples to a
/// pipe.
///
/// It can't go back, or forward without decoding: exact seeking depends on the codec, and training
/// must get the same samples each time.
final class FFmpegDecoder: SoundDecoder {
  private(set) var sampleRate = 0
  private(set) var channelCount = 0
  let declaredFrameCount: Int? = nil
  private(set) var approximateSeconds: Double?

  private let source: SoundSource
  private let format: ForeignFormat
  private let program: String
  private let patience: Int
  private var process: ChildProcess?
  /// Output; the first `taken` bytes have been used.
  private var pending: [UInt8] = []
  private var taken = 0
  private var block = [UInt8](repeating: 0, count: 64 << 10)
  /// Of the samples returned.
  private var position = 0
  private(set) var warnings: [AudioWarning]
  /// The part of the file that is read; nil for all.
  private let range: Range<Int>?
  private let openingWarnings: [AudioWarning]

  /// - Parameters:
  ///   - program: A name to look for, or an absolute path.
  ///   - warnings: About what is around the sound.
  ///   - patience: How long ffmpeg may take for the next samples, in milliseconds.
  /// - Returns: Nil if there is no such program.
  init?(
    _ source: SoundSource, _ format: ForeignFormat, warnings: [AudioWarning] = [],
    program: String = "ffmpeg", patience: Int = 60_000
  ) throws(AudioError) {
    self.source = source
    self.format = format
    self.warnings = warnings
    openingWarnings = warnings
    range = ForeignBounds.range(of: source, format)
    self.program = program
    self.patience = patience
    guard try start() else { return nil }
  }

  // MARK: The program

  /// The file is ffmpeg's standard input, opened again by a name that can't be mistaken for a
  /// protocol, an option or a pattern. It may open files only (playlists of addresses are useless),
  /// and the demuxer is fixed, so that it can't choose one that opens other files.
  ///
  /// - Parameter range: The part of the file to read.
  private static func arguments(_ demuxer: String, _ range: Range<Int>?) -> [String] {
    let file = "file:/proc/self/fd/0"
    let input =
      range.map { "subfile,,start,\($0.lowerBound),end,\($0.upperBound),,:\(file)" } ?? file
    return [
      "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info", "-threads", "1",
      "-protocol_whitelist", range == nil ? "file" : "file,subfile", "-f", demuxer, "-i", input,
      "-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1",
      "-flags", "+bitexact", "-fflags", "+bitexact", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1",
    ]
  }

  /// Starts ffmpeg and reads the header of its output.
  ///
  /// - Returns: False if there is no such program.
  private func start() throws(AudioError) -> Bool {
    process = nil
    pending = []
    taken = 0
    position = 0
    warnings = openingWarnings
    do throws(SystemFailure) {
      process = try ChildProcess.start(
        program, Self.arguments(format.demuxer, range), input: source.descriptor)
    } catch {
      throw AudioError(.notStarted(program: "ffmpeg", error.description), file: source.path)
    }
    guard process != nil else { return false }
    while true {
      switch FFmpegOutputHeader(pending) {
      case .complete(let rate, let channels, let byteCount):
        (sampleRate, channelCount) = (rate, channels)
        taken = byteCount
        // ffmpeg tells the duration before it writes anything.
        process?.takeWaitingMessages()
        approximateSeconds = messages.seconds
        return true
      case .incomplete:
        guard try receive() else { throw refusal("ffmpeg ended within the header of its output") }
      case .invalid:
        throw refusal("ffmpeg answers with something other than sound")
      }
    }
  }

  private var messages: FFmpegMessages { FFmpegMessages(process?.messages ?? []) }

  /// Waits for output.
  ///
  /// - Returns: False at its end.
  private func receive() throws(AudioError) -> Bool {
    guard let process else { return false }
    let result: Result<Int?, SystemFailure> = block.withUnsafeMutableBytes { block in
      Result { () throws(SystemFailure) in try process.read(into: block, within: patience) }
    }
    switch result {
    case .success(let count?):
      pending.removeFirst(taken)
      taken = 0
      pending += block[..<count]
      if count == 0 { try end(process) }
      return count > 0
    case .success(nil):
      try giveUp("ffmpeg produced no output for \(patience / 1000) s")
      return false
    case .failure(let failure):
      throw AudioError(.notStarted(program: "ffmpeg", failure.description), file: source.path)
    }
  }

  /// After the end of the output.
  private func end(_ process: ChildProcess) throws(AudioError) {
    let ending = (try? process.finish(within: Self.endMilliseconds)) ?? .unknown
    let messages = messages
    switch ending {
    case .code(0) where position == 0 && !messages.tellOfDamage:
      // Such as 32-bit FLAC before version 6.
      throw refusal("ffmpeg finds no sound in it; a newer version may")
    case .code(0), .unknown:
      if position == 0 { throw refusal(messages.problem) }
      if messages.tellOfDamage {
        warnings.append(
          .damaged("parts of the \(format.name) stream can't be decoded and are left out"))
      }
      if ending == .unknown {
        warnings.append(
          .damaged("whether ffmpeg decoded the \(format.name) stream to its end isn't known"))
      }
    case .code: try giveUp(messages.problem)
    case .signal(let number): try giveUp("ffmpeg was killed by signal \(number)")
    }
    self.process = nil
  }

  /// - Throws: Where there is nothing before.
  private func giveUp(_ problem: String) throws(AudioError) {
    process = nil
    if position == 0 { throw refusal(problem) }
    let seconds = (Double(position) / Double(sampleRate) * 1000).rounded() / 1000
    warnings.append(.damaged("it can't be decoded after \(seconds) s: \(problem)"))
  }

  private func refusal(_ problem: String) -> AudioError {
    AudioError(.notDecoded(format: format.name, problem), file: source.path)
  }

  /// How long ffmpeg may take to end after its output has.
  private static let endMilliseconds = 5_000

  // MARK: Samples

  func seek(to frame: Int) -> Bool {
    if frame == position { return true }
    return frame == 0 && (try? start()) == true
  }

  func read(
    _ frameCount: Int, into samples: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError) -> Int {
    let frameBytes = channelCount * MemoryLayout<Float>.size
    while pending.count - taken < frameBytes {
      guard try receive() else { return 0 }
    }
    let count = min(frameCount, (pending.count - taken) / frameBytes)
    UnsafeMutableRawBufferPointer(samples)
      .copyBytes(from: pending[taken..<taken + count * frameBytes])
    taken += count * frameBytes
    position += count
    return count
  }
}
