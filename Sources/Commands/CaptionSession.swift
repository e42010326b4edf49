import Foundation
import MusicCaptioner
import Synchronization

/// What a run of `caption` has written and said so far. The thread that captions tells it each event; the
/// one that listens for signals may end the process between two of them, never within one.
final class CaptionSession: Sendable {
  private struct State {
    let progress: CaptionProgress
    var writer: CaptionWriter?
    var path: String?
    /// The file whose captions have nowhere to go.
    var unwritable: String?
    var failures: [ExitStatus] = []
  }

  private let state: Mutex<State>

  init(fileCount: Int) {
    state = Mutex(State(progress: CaptionProgress(fileCount: fileCount)))
  }

  /// - Throws: `CaptionerError` where the output can't be written, or can't hold so many files.
  func open(_ format: CaptionFormat, of files: [URL], best: Int, path: String?) throws {
    try state.withLock { state in
      state.writer = try CaptionWriter(format, of: files, best: best, path: path)
      state.path = path
      state.progress.tell()
    }
  }

  /// Writes or tells what happened.
  ///
  /// - Throws: `CaptionerError` where the output of all files can't be written.
  func handle(_ event: CaptionEvent) throws {
    try state.withLock { state in
      if state.writer?.isTerminal == true { state.progress.hide() }
      switch event {
      case .caption(let caption):
        if caption.audio != state.unwritable {
          try write(of: caption.audio, &state) { (writer) throws(CaptionerError) in
            try writer.add(caption)
          }
        }
        state.progress.chunkDone()
      case .warning(let audio, let warning):
        state.progress.say("warning: " + ExitStatus.oneLine("\(audio): \(warning)"))
      case .failed(let audio, let error):
        try endAudio(audio, &state)
        Self.report(error, &state)
        state.progress.fileDone()
      case .finished(let audio):
        try endAudio(audio, &state)
        state.progress.fileDone()
      }
    }
  }

  private func endAudio(_ audio: String, _ state: inout State) throws(CaptionerError) {
    if audio != state.unwritable {
      try write(of: audio, &state) { (writer) throws(CaptionerError) in try writer.endAudio() }
    }
    state.unwritable = nil
  }

  private func write(
    of audio: String, _ state: inout State,
    _ body: (CaptionWriter) throws(CaptionerError) -> Void
  ) throws(CaptionerError) {
    guard let writer = state.writer else { return }
    do throws(CaptionerError) {
      try body(writer)
    } catch {
      guard writer.writesFiles else { throw error }
      writer.abandonAudio()
      Self.report(error, &state)
      state.unwritable = audio
    }
  }

  /// - Throws: `CaptionerError` where the output can't be written.
  func finish() throws {
    try state.withLock { state in
      state.progress.hide()
      try state.writer?.finish(keepsEmpty: state.failures.isEmpty)
    }
  }

  func warn(_ message: String) {
    state.withLock { $0.progress.say("warning: " + ExitStatus.oneLine(message)) }
  }

  /// Says what went wrong, and takes note of it.
  @discardableResult func report(_ error: any Error) -> ExitStatus {
    state.withLock { Self.report(error, &$0) }
  }

  @discardableResult
  private static func report(_ error: any Error, _ state: inout State) -> ExitStatus {
    state.progress.say("error: " + ExitStatus.message(for: error))
    let status = ExitStatus(error)
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
      state.progress.hide()
      do {
        try state.writer?.finish(keepsEmpty: false)
      } catch {
        return Self.report(error, &state)
      }
      let count = state.writer?.count ?? 0
      let place = state.path.map { count == 0 ? "" : " in \($0)" } ?? ""
      state.progress.say("interrupted: \(count) captions written\(place)")
      // Nothing more is written: the lock is held to the end.
      ExitStatus.interrupted.exit()
    }
    status.exit()
  }
}
