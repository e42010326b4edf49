import Foundation
import MusicCaptioner
import Synchronization

/// Standard error of `pseudocaption`: messages of one line each, and below them, on a terminal, a bar
/// of answers with what they cost. In a log, a plain line now and then instead. Any thread may tell.
final class RequestProgress: Sendable {
  private struct State {
    var total = 0
    var doneCount = 0
    var tokens = TokenCount()
    var start: Double
    var lastDrawn = -Double.infinity
    var isShown = false
    var lastRetry = -Double.infinity
    var hiddenRetries = 0
  }

  private let unit: String
  private let price: TokenPrice?
  private let isTerminal: Bool
  private let now: @Sendable () -> Double
  private let write: @Sendable (String) -> Void
  private let state: Mutex<State>

  /// Seconds between plain lines, between two drawings of the bar, and between two warnings.
  private static let lineInterval = 30.0
  private static let drawInterval = 0.1
  private static let retryInterval = 2.0

  /// - Parameters:
  ///   - unit: What is counted, in the plural.
  ///   - isTerminal: Whether a line can be written over.
  ///   - now: A clock, in seconds.
  ///   - write: Takes what is to be shown.
  init(
    unit: String, price: TokenPrice? = nil, isTerminal: Bool = Descriptor.standardError.isTerminal,
    now: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime },
    write: @escaping @Sendable (String) -> Void = CaptionProgress.standardError
  ) {
    self.unit = unit
    self.price = price
    self.isTerminal = isTerminal
    self.now = now
    self.write = write
    state = Mutex(State(start: now()))
  }

  /// Sets what there is to do; time counts from here.
  func begin(total: Int) {
    state.withLock { state in
      state.total = total
      state.start = now()
      state.lastDrawn = isTerminal ? -.infinity : now()
    }
  }

  func update(doneCount: Int, tokens: TokenCount = TokenCount()) {
    state.withLock { state in
      // Answers come from many threads, and a later count may be told first.
      state.doneCount = max(state.doneCount, doneCount)
      if tokens.prompt > state.tokens.prompt { state.tokens = tokens }
      let interval = isTerminal ? Self.drawInterval : Self.lineInterval
      guard now() - state.lastDrawn >= interval else { return }
      state.lastDrawn = now()
      draw(&state)
    }
  }

  /// Says something in a line of its own.
  func say(_ message: String) {
    state.withLock { state in
      hide(&state)
      write(message + "\n")
    }
  }

  /// Warns of a request that is sent again. When a server is in trouble, there are many: one in two
  /// seconds is told.
  func retry(_ reason: String) {
    state.withLock { state in
      guard now() - state.lastRetry >= Self.retryInterval else {
        state.hiddenRetries += 1
        return
      }
      hide(&state)
      let more = state.hiddenRetries > 0 ? " (and \(state.hiddenRetries) like it before)" : ""
      write("warning: \(ExitStatus.oneLine(reason))\(more)\n")
      state.lastRetry = now()
      state.hiddenRetries = 0
    }
  }

  /// Leaves the last state on a line of its own.
  func finish() {
    state.withLock { state in
      guard state.isShown else { return }
      draw(&state)
      write("\n")
      state.isShown = false
    }
  }

  private func hide(_ state: inout State) {
    if state.isShown { write("\r\u{1B}[K") }
    state.isShown = false
  }

  private func draw(_ state: inout State) {
    let text = describe(state)
    if isTerminal {
      let width = 20
      let filled = state.total > 0 ? width * min(state.doneCount, state.total) / state.total : 0
      let bar =
        String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled)
      write("\r[\(bar)] \(text)\u{1B}[K")
      state.isShown = true
    } else {
      write(text + "\n")
    }
  }

  private func describe(_ state: State) -> String {
    let elapsed = now() - state.start
    let share = state.total > 0 ? 100 * state.doneCount / state.total : 100
    var text = "\(share)%  \(state.doneCount)/\(state.total) \(unit)"
    if elapsed > 0 {
      text += "  " + String(format: "%.1f", Double(state.doneCount) / elapsed) + "/s"
    }
    let tokens = state.tokens.prompt + state.tokens.completion
    if tokens > 0 { text += "  \(tokens) tokens" }
    if let price { text += "  cost " + Self.amount(price.cost(of: state.tokens)) }
    if state.doneCount > 0, state.doneCount < state.total {
      let left = elapsed / Double(state.doneCount) * Double(state.total - state.doneCount)
      let seconds = Int(min(left, 1e9).rounded(.up))
      text += String(
        format: "  %d:%02d:%02d left", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
    return text
  }

  static func amount(_ cost: Double) -> String { String(format: cost < 1 ? "%.4f" : "%.2f", cost) }
}
