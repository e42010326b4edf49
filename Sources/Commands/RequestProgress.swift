import Foundation
import MusicCaptioner
import Synchronization

/// The status of a run of `pseudocaption` over a table: answers, and what they cost.
final class RequestProgress: Sendable {
  private struct State {
    var total = 0
    var doneCount = 0
    var tokens = TokenCount()
    var start = 0.0
  }

  private let console: Console
  private let unit: String
  private let price: TokenPrice?
  private let state = Mutex(State())

  /// - Parameter unit: What is counted, in the plural.
  init(_ console: Console, unit: String, price: TokenPrice?) {
    self.console = console
    self.unit = unit
    self.price = price
  }

  /// Sets what there is to do; time counts from here.
  func begin(total: Int) {
    state.withLock { state in
      state = State(total: total, start: console.clock())
      console.begin(status(state))
    }
  }

  func update(doneCount: Int, tokens: TokenCount = TokenCount()) {
    state.withLock { state in
      // Answers come from many threads, and a later count may come first.
      guard doneCount > state.doneCount else { return }
      state.doneCount = doneCount
      if tokens.prompt > state.tokens.prompt { state.tokens = tokens }
      console.update(status(state))
    }
  }

  private func status(_ state: State) -> Status {
    var status = Status(state.doneCount, of: state.total, unit)
    let elapsed = console.clock() - state.start
    if state.doneCount > 0 && elapsed > 0 {
      status.add("\(ProgressFormat.number(Double(state.doneCount) / elapsed))/s", importance: 2)
    }
    let tokens = state.tokens.prompt + state.tokens.completion
    if tokens > 0 { status.add("\(tokens) tokens", importance: 1) }
    status.add(price.map { "cost \($0.words(for: state.tokens))" }, importance: 3)
    return status
  }
}

extension TokenPrice {
  func words(for tokens: TokenCount) -> String {
    let cost = cost(of: tokens)
    return String(format: cost < 1 ? "%.4f" : "%.2f", cost)
  }
}

/// Warns of requests that are sent again. When a server is in trouble, there are many: one in two seconds is
/// shown.
final class RetryWarnings: Sendable {
  private let console: Console
  private let state = Mutex((last: -Double.infinity, hiddenCount: 0))

  private static let interval = 2.0

  init(_ console: Console) { self.console = console }

  func add(_ reason: String) {
    let time = console.clock()
    let hiddenCount: Int? = state.withLock { state in
      guard time - state.last >= Self.interval else {
        state.hiddenCount += 1
        return nil
      }
      defer { state = (time, 0) }
      return state.hiddenCount
    }
    guard let hiddenCount else { return }
    console.warn(reason + (hiddenCount > 0 ? " (and \(hiddenCount) like it before)" : ""))
  }
}
