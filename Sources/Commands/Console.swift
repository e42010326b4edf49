import Foundation
import MusicCaptioner
import Synchronization

/// What a command says while it works: messages of one line each, and below them one status line, a bar
/// that is drawn over in place. Where nothing can be drawn over, the status is a plain line now and then.
///
/// Any thread may use it. Nothing else writes to standard error, save the handler of a second signal.
/// The cursor stays visible all the time, so that a killed process leaves a usable terminal.
final class Console: Sendable {
  /// Standard error.
  static let standard = Console(.standardError)

  private struct State {
    var pace = Pace()
    /// The newest, drawn or not.
    var status: Status?
    /// Whether it is on the terminal's last line.
    var isShown = false
    /// When the last bar or line was written.
    var lastTime: Double?
    var hasLines = false
    /// Whether the process is about to end: then no status is shown any more.
    var isClosed = false
  }

  private let terminal: Terminal
  /// Seconds from any origin.
  let clock: @Sendable () -> Double
  private let state = Mutex(State())

  /// Seconds between two drawings of the bar: more than an eye sees.
  private static let drawInterval = 0.1
  /// Seconds between two plain lines.
  private static let lineInterval = 10.0

  init(
    _ terminal: Terminal,
    clock: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime }
  ) {
    self.terminal = terminal
    self.clock = clock
  }

  // MARK: Messages

  /// Writes messages, a line each, above the status line.
  func say(_ messages: String...) { say(messages) }

  func say(_ messages: [String]) {
    let text = messages.map { $0.printable(keepsLines: false) + "\n" }.joined()
    state.withLock { state in
      // In one write, so that nothing flickers.
      terminal.write(state.isShown ? Terminal.eraseLine + text + bar(state) : text)
    }
  }

  func warn(_ message: String) { say("warning: \(Terminal.shortened(message))") }

  func error(_ message: String) { say("error: \(Terminal.shortened(message))") }

  /// Says what went wrong and what can be done about it.
  ///
  /// - Returns: The exit code that belongs to it.
  @discardableResult func error(_ error: any Error) -> ExitStatus {
    self.error(message(for: error))
    return ExitStatus(error)
  }

  /// Runs `body`, which may write to the same terminal by another way, without a status line.
  func withStatusHidden<Failure>(_ body: () throws(Failure) -> Void) throws(Failure) {
    // `withLock` would lose the error's type.
    var failure: Failure?
    state.withLock { state in
      if state.isShown { terminal.write(Terminal.eraseLine) }
      do throws(Failure) { try body() } catch { failure = error }
      if state.isShown { terminal.write(bar(state)) }
    }
    if let failure { throw failure }
  }

  // MARK: The status line

  /// Shows the status of a job that begins now. Without it, a job begins with its first update.
  func begin(_ status: Status) {
    let time = clock()
    state.withLock { state in
      guard !state.isClosed else { return }
      clear(&state)
      state = State(status: status, lastTime: time)
      state.pace.add(status.done, of: status.total, at: time)
      if terminal.width != nil { draw(&state) }
    }
  }

  /// Shows a status. What comes too soon after the last is only counted.
  func update(_ status: Status) {
    let time = clock()
    state.withLock { state in
      guard !state.isClosed else { return }
      let elapsed = state.lastTime.map { time - $0 } ?? .infinity
      state.status = status
      state.pace.add(status.done, of: status.total, at: time)
      if terminal.width != nil {
        guard status.isComplete || elapsed >= Self.drawInterval else { return }
        draw(&state)
      } else {
        let isLast = status.isComplete && state.hasLines
        guard isLast || elapsed >= Self.lineInterval else { return }
        terminal.write(status.line(timeLeft: timeLeft(status, state.pace)) + "\n")
        state.hasLines = true
      }
      state.lastTime = time
    }
  }

  /// Takes the status line away: the job is over.
  func end() {
    state.withLock { state in
      clear(&state)
      state = State(isClosed: state.isClosed)
    }
  }

  /// The same for good: threads that are still computing may report what they have done.
  func close() {
    state.withLock { state in
      clear(&state)
      state = State(isClosed: true)
    }
  }

  private func clear(_ state: inout State) {
    if state.isShown { terminal.write(Terminal.eraseLine) }
    state.isShown = false
  }

  private func draw(_ state: inout State) {
    terminal.write(bar(state))
    state.isShown = true
  }

  private func bar(_ state: State) -> String {
    guard let width = terminal.width?(), let status = state.status else { return "" }
    // Over the old one, then the rest is erased: erasing first would flicker.
    return "\r\(status.bar(timeLeft: timeLeft(status, state.pace), width: width))\u{1b}[K"
  }

  private func timeLeft(_ status: Status, _ pace: Pace) -> String? {
    guard let total = status.total, !status.isComplete else { return nil }
    return pace.seconds(for: Double(total) - status.done).map(ProgressFormat.duration)
  }
}
