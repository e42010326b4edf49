/// What a server's version of the protocol lacks; known once it has refused a request for it.
struct ChatDialect: Sendable, Equatable {
  /// Newer models of OpenAI take `max_completion_tokens` in place of `max_tokens`.
  var limitName = "max_tokens"
  var sendsTemperature = true
  var sendsStream = true

  /// The dialect for asking again after a refusal, and what changes in it; nil if the refusal has
  /// another reason.
  ///
  /// - Parameter message: The server's words.
  func adapted(
    to message: String, _ question: ChatQuestion
  ) -> (dialect: ChatDialect, change: String)? {
    let message = message.lowercased()
    let isUnknown = Self.words.contains { message.contains($0) }
    var dialect = self
    // A wrong value would be wrong under the other name too.
    let isTooLarge = ["too large", "at most", "exceed"].contains { message.contains($0) }
    if question.maximumTokens != nil, limitName == "max_tokens", !isTooLarge,
      message.contains("max_completion_tokens") || message.contains("max_tokens") && isUnknown
    {
      dialect.limitName = "max_completion_tokens"
      return (dialect, "the server doesn't take max_tokens; sending max_completion_tokens")
    }
    if question.temperature != nil, sendsTemperature, message.contains("temperature"), isUnknown {
      dialect.sendsTemperature = false
      return (dialect, "the server takes no temperature but its own; sending none")
    }
    // "Upstream" is in other messages.
    if sendsStream, isUnknown,
      message.split(whereSeparator: { !$0.isLetter && $0 != "_" }).contains("stream")
    {
      dialect.sendsStream = false
      return (dialect, "the server doesn't know \"stream\"; leaving it out")
    }
    return nil
  }

  /// How servers say that they don't take a parameter, or only one value of it.
  private static let words = [
    "unsupported", "not supported", "does not support", "doesn't support", "only the default",
    "unrecognized", "unknown", "not allowed", "not permitted", "deprecated", "extra ", "unexpected",
    "no longer",
  ]
}
