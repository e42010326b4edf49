import Testing

@testable import MusicCaptioner

@Suite struct ChatAnswerTests {
  private static func answer(message: String, finish: String = "\"stop\"") -> ChatAnswer? {
    let body = "{\"choices\": [{\"message\": \(message), \"finish_reason\": \(finish)}]}"
    return ChatAnswer(body: Array(body.utf8))
  }

  @Test func theTextIsThatOfTheContentWithoutReasoning() {
    for (message, text) in [
      (#"{"content": "A waltz."}"#, "A waltz."),
      (#"{"content": "A waltz.", "reasoning_content": "Okay", "reasoning": "so"}"#, "A waltz."),
      (
        #"{"content": [{"type": "text", "text": "A "}, {"type": "text", "text": "waltz."}]}"#,
        "A waltz."
      ),
      (
        #"{"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Okay"}]}, {"type": "text", "text": "A waltz."}]}"#,
        "A waltz."
      ),
      (
        #"{"content": [{"type": "reasoning", "text": "Okay"}, {"type": "output_text", "text": "A waltz."}]}"#,
        "A waltz."
      ),
      (#"{"content": ["A ", {"text": "waltz."}]}"#, "A waltz."),
    ] {
      #expect(Self.answer(message: message)?.text == text, "\(message)")
      #expect(Self.answer(message: message)?.absence == nil)
    }
  }

  @Test func whatStandsInPlaceOfTextIsNamed() {
    for (message, absence) in [
      (#"{"content": null, "reasoning_content": "Okay"}"#, "nothing but reasoning"),
      (#"{"content": "", "reasoning": "Okay"}"#, "nothing but reasoning"),
      (#"{"reasoning": "Okay"}"#, "nothing but reasoning"),
      (#"{"content": [{"type": "thinking", "thinking": "Okay"}]}"#, "nothing but reasoning"),
      (#"{"content": null, "refusal": "I can't."}"#, "the model refuses: I can't."),
      (#"{"content": null, "tool_calls": [{"id": 1}]}"#, "a tool call"),
      (#"{"content": null}"#, nil),
    ] as [(String, String?)] {
      let answer = Self.answer(message: message)
      #expect(answer?.text == "", "\(message)")
      #expect(answer?.absence == absence, "\(message)")
    }
    for message in [#"{"content": 3}"#, "{}", "3", #"{"content": {"text": "x"}}"#] {
      #expect(Self.answer(message: message) == nil, "\(message)")
    }
  }

  @Test func theLimitOfTokensHasSeveralNames() {
    for reason in ["length", "max_tokens", "MAX_TOKENS", "model_length"] {
      #expect(Self.answer(message: #"{"content": "A"}"#, finish: "\"\(reason)\"")?.isCut == true)
    }
    #expect(Self.answer(message: #"{"content": "A"}"#, finish: "null")?.isCut == false)
    #expect(
      Self.answer(message: #"{"content": "A"}"#, finish: "\"content_filter\"")?.isWithheld == true)
  }

  /// Some servers stream although the request declines it.
  @Test func aStreamIsJoined() throws {
    let stream = """
      : OPENROUTER PROCESSING

      data: {"choices": [{"delta": {"role": "assistant", "content": ""}}]}

      data: {"choices": [{"delta": {"reasoning_content": "Okay"}}]}

      data:{"choices": [{"delta": {"content": "A "}}]}
      event: x
      data: {"choices": [{"delta": {"content": "waltz."}, "finish_reason": "stop"}]}

      data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}

      data: [DONE]

      """
    let answer = ChatAnswer(
      text: "A waltz.", finishReason: "stop", promptTokens: 3, completionTokens: 4)
    #expect(ChatAnswer(body: Array(stream.utf8)) == answer)
    let lines = stream.replacing("\n", with: "\r\n")
    #expect(ChatAnswer(body: Array(lines.utf8)) == answer)
    // An error that is null is none.
    let calm = stream.replacing("data: {", with: "data: {\"error\": null, ")
    #expect(ChatAnswer(body: Array(calm.utf8))?.text == ChatAnswer(body: Array(stream.utf8))?.text)
    // A stream without its end is not a whole answer.
    let end = try #require(
      stream.range(of: "data: {\"choices\": [{\"delta\": {\"content\": \"waltz"))
    #expect(ChatAnswer(body: Array(stream[..<end.lowerBound].utf8)) == nil)
    #expect(ChatAnswer(body: Array("data: [DONE]\n".utf8)) == nil)
    #expect(ChatAnswer(body: Array("data: {\"error\": \"x\"}\n\ndata: [DONE]".utf8)) == nil)
    for cut in 0..<stream.utf8.count { _ = ChatAnswer(body: Array(stream.utf8.prefix(cut))) }
  }

  @Test func partsWithoutTextTellWhatTheyAre() {
    for (parts, absence) in [
      (#"{"type": "text", "text": ""}"#, nil),
      (#"{"type": "thinking", "thinking": "hm"}"#, "nothing but reasoning"),
      (#"{"type": "refusal", "refusal": "I can't"}"#, "the model refuses: I can't"),
    ] as [(String, String?)] {
      let body = #"{"choices": [{"message": {"content": [\#(parts)]}, "finish_reason": "stop"}]}"#
      let answer = ChatAnswer(body: Array(body.utf8))
      #expect(answer?.text == "" && answer?.absence == absence, "\(parts)")
    }
  }

  @Test func errorsAreReadInTheirShapes() {
    for (body, message) in [
      (#"{"error": "no"}"#, "no"), (#"{"error": {"message": "no"}}"#, "no"),
      (#"[{"error": {"code": 400, "message": "no"}}]"#, "no"), (#"{"message": "no"}"#, "no"),
      (#"{"detail": "no"}"#, "no"), (#"{"detail": [{"msg": "no"}, {"msg": "not"}]}"#, "no; not"),
      ("no", "no"), (" \n", "without a word"),
      (
        #"{"detail": [{"loc": ["body", "max_tokens"], "msg": "no"}, {"loc": ["body", "messages", 0], "msg": "not"}]}"#,
        "max_tokens: no; messages.0: not"
      ),
      (
        #"{"object": "error", "message": {"detail": [{"loc": ["body", "n"], "msg": "no"}]}}"#,
        "n: no"
      ),
      (#"{"error": {"message": "no", "param": "n"}}"#, "n: no"),
      ("data: {\"choices\": []}\n\ndata: {\"error\": {\"message\": \"no\"}}\n", "no"),
    ] {
      #expect(ChatRefusal(body: Array(body.utf8)).message == message, "\(body)")
    }
    let google = #"{"error": {"code": 429, "details": [{"@type": "x"}, {"retryDelay": "34s"}]}}"#
    #expect(ChatRefusal(body: Array(google.utf8)).wait == 34)
    #expect(ChatRefusal(body: Array(#"{"choices": [], "error": null}"#.utf8)).isError == false)
  }
}
