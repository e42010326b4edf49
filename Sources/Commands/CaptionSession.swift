import MusicCaptioner
import Synchronization

/// What a run of `caption` has written so far. The thread that captions hands it each event; the one that
/// listens for signals may end the process between two of them, never within one.
final class CaptionSession: Sendable {
  private struct State {
    var writer: CaptionWriter?
    /// Where the captions are, in messages; nil for standard output.
    var place: String?
    /// Whether the captions of the current file have nowhere to go.
    var isUnwritable = false
    var failures: [ExitStatus] = []
    var start = 0.0
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
  private let inputCount: Int
  private let state = Mutex(State())

  /// Shorter files need no bar of their own, in seconds.
  private static let longFile = 30.0

  /// - Parameter inputCount: All files that will be captioned.
  init(_ console: Console, inputCount: Int) {
    self.console = console
    self.inputCount = inputCount
  }

  /// - Throws: `FileError` where the output can't be written, `CaptionerError` where it can't hold the
  ///   captions of several files.
  func open(_ destination: CaptionWriter.Destination, best: Int) throws {
    try state.withLock { state in
      state.writer = try CaptionWriter(destination, fileCount: inputCount, best: best)
      state.place =
        switch destination {
        case .document(_, let path): path
        case .tree(let tree): tree.folder
        }
      state.start = console.clock()
      if inputCount > 1 { show(&state) }
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
          try write(&state) { (writer) throws(FileError) in try writer.add(caption) }
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

  private func show(_ state: inout State) {
    guard inputCount > 1 || isLong(state) else { return }
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
    if inputCount == 1 {
      status = Status(Int(state.position), of: total, "s")
    } else {
      status = Status(state.fileCount, of: inputCount, "files")
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

  private func endAudio(isComplete: Bool, _ state: inout State) throws(FileError) {
    let isComplete = isComplete && !state.isUnwritable
    try write(&state) { (writer) throws(FileError) in
      try writer.endAudio(isComplete: isComplete)
    }
    state.fileCount += 1
    state.isUnwritable = false
    if inputCount > 1 { (state.length, state.position) = (nil, 0) }
  }

  private func write(
    _ state: inout State, _ body: (CaptionWriter) throws(FileError) -> Void
  ) throws(FileError) {
    guard let writer = state.writer else { return }
    do throws(FileError) {
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
      do throws(FileError) {
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
