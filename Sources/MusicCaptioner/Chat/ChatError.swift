/// Why a chat server doesn't answer.
package struct ChatError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// An option has an invalid value.
    case option(found: String, expected: String)
    /// The server refuses permanently: its status and message.
    case refused(status: Int, message: String)
    /// The connection can't be secured, or the address is invalid; why.
    case unreachable(String)
    /// All attempts failed; how the last one ended.
    case gaveUp(attempts: Int, last: String)
  }

  /// The option or the server's address.
  package let place: String
  package let reason: Reason

  package init(_ reason: Reason, place: String) {
    self.place = place
    self.reason = reason
  }

  package static func option(_ name: String, found: String, expected: String) -> ChatError {
    ChatError(.option(found: found, expected: expected), place: name)
  }
}

extension ChatError: CustomStringConvertible {
  /// One line: the place and the problem.
  package var description: String { "\(place): \(problem)" }

  private var problem: String {
    switch reason {
    case .option(let found, let expected): "found \(found); expected \(expected)"
    case .refused(let status, let message): "the server refuses (\(status)): \(message)"
    case .unreachable(let why): "no connection: \(why)"
    case .gaveUp(let attempts, let last):
      "no answer after \(attempts) \(attempts == 1 ? "attempt" : "attempts"); the last: \(last)"
    }
  }
}
