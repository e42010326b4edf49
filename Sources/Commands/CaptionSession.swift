import Foundation
import MusicCaptioner
import Synchronization

/// What a run of `caption` has written so far. The thread that captions hands it each event; the one that
/// listens for signals may end the process between two of them, never within one.
final class CaptionSession: Sendable {
  private struct State {
    var writer: CaptionWriter?
    var path: String?
    /// The file whose captions have nowhere to go.
    var unwritable: String?
    var failures: [ExitStatus] = []
    var start = 0.0
    var fileCount = 0
    var chunkCount = 0
  }

  private let console: Console
  private let inputCount: Int
  private let state = Mutex(State())

  /// - Parameter inputCount: All files that will be captioned.
  init(_ console: Console, inputCount: Int) {
    self.console = console
    self.inputCount = inputCount
  }

  /// - Throws: `FileError` where the output can't be written, `CaptionerError` where it can't hold the
  ///   captions of several files.
  func open(_ format: CaptionFormat, of files: [URL], best: Int, path: String?) throws {
    try state.withLock { state in
      state.writer = try CaptionWriter(format, of: files, best: best, path: path)
      state.path = path
      state.start = console.clock()
      // One file needs no bar.
      if inputCount > 1 { console.begin(status(state)) }
    }
  }

  /// Writes or shows what happened.
  ///
  /// - Throws: `FileError` where the output of all files can't be written.
  func handle(_ event: CaptionEvent) throws {
    try state.withLock { state in
      switch event {
      case .caption(let caption):
        if caption.audio != state.unwritable {
          try write(of: caption.audio, &state) { (writer) throws(FileError) in
            try writer.add(caption)
          }
        }
        state.chunkCount += 1
      case .warning(let audio, let warning):
        console.warn("\(audio): \(warning)")
      case .failed(let audio, let error):
        try endAudio(audio, &state)
        report(error, &state)
        state.fileCount += 1
      case .finished(let audio):
        try endAudio(audio, &state)
        state.fileCount += 1
      }
      if inputCount > 1 { console.update(status(state)) }
    }
  }

  private func status(_ state: State) -> Status {
    var status = Status(state.fileCount, of: inputCount, "files")
    let elapsed = console.clock() - state.start
    if state.chunkCount > 0 && elapsed > 0 {
      let rate = ProgressFormat.number(Double(state.chunkCount) / elapsed)
      status.add("\(rate) chunks/s", importance: 1)
    }
    return status
  }

  private func endAudio(_ audio: String, _ state: inout State) throws(FileError) {
    if audio != state.unwritable {
      try write(of: audio, &state) { (writer) throws(FileError) in try writer.endAudio() }
    }
    state.unwritable = nil
  }

  private func write(
    of audio: String, _ state: inout State,
    _ body: (CaptionWriter) throws(FileError) -> Void
  ) throws(FileError) {
    guard let writer = state.writer else { return }
    do throws(FileError) {
      try body(writer)
    } catch {
      guard writer.writesFiles else { throw error }
      writer.abandonAudio()
      report(error, &state)
      state.unwritable = audio
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
      let place = state.path.map { count == 0 ? "" : " in \($0)" } ?? ""
      console.say("interrupted: \(count) captions written\(place)")
      // Nothing more is written: the lock is held to the end.
      ExitStatus.interrupted.exit()
    }
    status.exit()
  }
}
