import Foundation

/// Why a chat server doesn't answer.
public struct ChatError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// The server refuses permanently: its status and message.
    case refused(status: Int, message: String)
    /// The connection can't be secured, or the address is invalid; why.
    case unreachable(String)
    /// All attempts failed; how the last one ended.
    case gaveUp(attempts: Int, last: String)
  }

  /// The server's address.
  public let server: String
  package let reason: Reason

  package init(_ reason: Reason, server: String) {
    self.server = server
    self.reason = reason
  }
}

extension ChatError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  /// One line: the server and the problem.
  public var description: String { "\(server): \(problem)" }

  private var problem: String {
    switch reason {
    case .refused(let status, let message): "the server refuses (\(status)): \(message)"
    case .unreachable(let why): "no usable answer: \(why)"
    case .gaveUp(let attempts, let last):
      "no answer after \(attempts) \(attempts == 1 ? "attempt" : "attempts"); the last: \(last)"
    }
  }
}
