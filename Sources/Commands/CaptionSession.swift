import MusicCaptioner
import Synchronization

/// What a run of `caption` has written so far. The thread that captions hands it each event; the one that
/// listens for signals may end the process between two of them, never within one.
final class CaptionSession: Sendable {
  private struct State {
    var writer: (any CaptionSink)?
    /// Where the captions are, in messages; nil for standard output.
    var place: String?
    /// Whether the captions of the current file have nowhere to go.
    var isUnwritable = false
    var failures: [ExitStatus] = []
    var start = 0.0
    var inputCount = 0
    var fileCount = 0
    var chunkCount = 0
    /// Whether there is a status line.
    var isShown = false
    /// The length that the current file's header declares, in seconds.
    var length: Double?
    /// How far the current file is captioned, in seconds.
    var position = 0.0
  }

  private let console: Console
  private let state = Mutex(State())

  /// Shorter files need no bar of their own, in seconds.
  private static let longFile = 30.0

  init(_ console: Console) { self.console = console }

  /// Opens the outputs.
  ///
  /// - Parameters:
  ///   - paths: The audio files.
  ///   - best: Captions of each chunk.
  /// - Returns: The positions of the audio files that are left out.
  func open(
    _ plan: CaptionOutputPlan, _ paths: [String], best: Int, holdsSongs: Bool
  ) throws -> Set<Int> {
    try state.withLock { state in
      let (sink, done, problems) = try plan.open(paths, best: best, holdsSongs: holdsSongs)
      state.writer = sink
      state.place = plan.place
      for problem in problems { report(problem, &state) }
      if let line = plan.line(done: done.count - problems.count, of: paths.count) {
        console.say(line)
      }
      state.inputCount = paths.count - done.count
      state.start = console.clock()
      if state.inputCount > 1 { show(&state) }
      return done
    }
  }

  /// Captions of the next file come.
  ///
  /// - Parameter length: In seconds, as its header declares it.
  func begin(length: Double?) {
    state.withLock { state in
      (state.length, state.position) = (length, 0)
      show(&state)
    }
  }

  /// Writes or shows what happened.
  ///
  /// - Throws: `FileError` where the output of all files can't be written.
  func handle(_ event: CaptionEvent) throws {
    try state.withLock { state in
      switch event {
      case .caption(let caption):
        if !state.isUnwritable {
          try write(&state) { try $0.add(caption) }
        }
        state.chunkCount += 1
        state.position = caption.end
      case .warning(let audio, let warning):
        console.warn("\(audio): \(warning)")
      case .failed(_, let error):
        try endAudio(isComplete: false, &state)
        report(error, &state)
      case .finished:
        try endAudio(isComplete: true, &state)
      }
      show(&state)
    }
  }

  /// The same for songs.
  ///
  /// - Parameter asChunks: Whether the captions of a song's chunks are written, not the song.
  func handle(_ event: SongEvent, asChunks: Bool) throws {
    try state.withLock { state in
      switch event {
      case .progress(_, let seconds):
        state.chunkCount += 1
        state.position = seconds
      case .song(let song):
        try write(&state) { writer in
          if asChunks {
            for chunk in song.chunks { try writer.add(chunk) }
          } else {
            try writer.add(song)
          }
        }
        try endAudio(isComplete: true, &state)
      case .warning(let audio, let warning):
        console.warn("\(audio): \(warning)")
      case .contradiction(let audio, let word, let fact):
        console.warn(
          "\(audio): the caption says \"\(word)\" of music with \(fact), as all captions that were found do"
        )
      case .failed(_, let error):
        try endAudio(isComplete: false, &state)
        report(error, &state)
      }
      show(&state)
    }
  }

  private func show(_ state: inout State) {
    guard state.inputCount > 1 || isLong(state) else { return }
    if state.isShown { console.update(status(state)) } else { console.begin(status(state)) }
    state.isShown = true
  }

  private func isLong(_ state: State) -> Bool {
    max(state.length ?? 0, state.position) > Self.longFile
  }

  private func status(_ state: State) -> Status {
    // Headers only estimate the length.
    let length = state.length.flatMap { $0 >= state.position ? $0 : nil }
    let total = length.map { Int($0.rounded(.up)) }
    var status: Status
    if state.inputCount == 1 {
      status = Status(Int(state.position), of: total, "s")
    } else {
      status = Status(state.fileCount, of: state.inputCount, "files")
      if let length, let total, state.position > 0 {
        status.part = state.position / length
        if isLong(state) { status.add("\(Int(state.position))/\(total) s", importance: 2) }
      }
    }
    let elapsed = console.clock() - state.start
    if state.chunkCount > 0 && elapsed > 0 {
      let rate = ProgressFormat.number(Double(state.chunkCount) / elapsed)
      status.add("\(rate) chunks/s", importance: 1)
    }
    return status
  }

  private func endAudio(isComplete: Bool, _ state: inout State) throws {
    let isComplete = isComplete && !state.isUnwritable
    try write(&state) { try $0.endAudio(isComplete: isComplete) }
    state.fileCount += 1
    state.isUnwritable = false
    if state.inputCount > 1 { (state.length, state.position) = (nil, 0) }
  }

  private func write(
    _ state: inout State, _ body: (any CaptionSink) throws -> Void
  ) throws {
    guard let writer = state.writer else { return }
    do {
      try body(writer)
    } catch {
      guard writer.writesFiles else { throw error }
      writer.abandonAudio()
      report(error, &state)
      state.isUnwritable = true
    }
  }

  /// - Throws: `FileError` where the output can't be written.
  func finish() throws {
    try state.withLock { state in
      console.end()
      try state.writer?.finish(keepsEmpty: state.failures.isEmpty)
    }
  }

  /// Says what went wrong, and takes note of it.
  @discardableResult func report(_ error: any Error) -> ExitStatus {
    state.withLock { report(error, &$0) }
  }

  @discardableResult
  private func report(_ error: any Error, _ state: inout State) -> ExitStatus {
    let status = console.error(error)
    state.failures.append(status)
    return status
  }

  /// Of the whole batch: bad data, unless nothing but missing files, or an output, kept some.
  var status: ExitStatus {
    let failures = state.withLock { Set($0.failures) }
    return failures.count > 1 ? .badData : failures.first ?? .done
  }

  /// Completes what is written, and ends the process.
  func interrupt() -> Never {
    let status = state.withLock { state -> ExitStatus in
      console.end()
      do {
        try state.writer?.finish(keepsEmpty: false)
      } catch {
        return report(error, &state)
      }
      let count = state.writer?.count ?? 0
      let place = state.place.map { count == 0 ? "" : " in \($0)" } ?? ""
      console.say("interrupted: \(count) captions written\(place)")
      // Nothing more is written: the lock is held to the end.
      ExitStatus.interrupted.exit()
    }
    status.exit()
  }
}
