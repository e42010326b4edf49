/// A mark of a chat format in a model's answer: of reasoning, of an answer, or of a turn.
struct ModelMark: Equatable {
  enum Kind: Equatable {
    case thoughtBegins, thoughtEnds
    case answerBegins, answerEnds
    /// Begins a message, whose author's role may follow.
    case turn
    /// Ends the header with a message's role.
    case header
    /// Begins what the model was told or asked, and begins its answer.
    case promptBegins, promptEnds
    /// Names the channel of a message (gpt-oss), and separates the name from the message.
    case channel, message
    /// Any other mark, such as the end of a text.
    case token
    /// A mark around the answer's essence, which stays.
    case box
  }

  let kind: Kind
  /// In bytes.
  let range: Range<Int>

  /// All marks in a text, in UTF-8. A caption may contain "<" and brackets; these are no marks.
  static func all(in text: [UInt8]) -> [ModelMark] {
    var marks: [ModelMark] = []
    var position = 0
    while position < text.count {
      guard starts.contains(text[position]),
        let (kind, count) = mark(text[position...].prefix(longest))
      else {
        position += 1
        continue
      }
      marks.append(ModelMark(kind: kind, range: position..<position + count))
      position += count
    }
    return marks
  }

  /// The longest mark, in bytes.
  private static let longest = 160

  // The first bytes of "<", "[", "]" and "◁".
  private static let starts: Set<UInt8> = [0x3C, 0x5B, 0x5D, 0xE2]

  /// The mark at the beginning of a text, and its length; nil if there is none.
  private static func mark(_ text: ArraySlice<UInt8>) -> (Kind, Int)? {
    for (mark, kind) in exact where text.starts(with: mark) { return (kind, mark.count) }
    return token(text) ?? (text.first == 0x3C ? tag(text) : bracket(text))
  }

  private static let exact: [([UInt8], Kind)] = [
    // Kimi
    ("◁think▷", Kind.thoughtBegins), ("◁/think▷", .thoughtEnds),
    // Gemma
    ("<|channel>", .thoughtBegins), ("<channel|>", .thoughtEnds), ("<|turn>", .turn),
    ("<turn|>", .token),
    // MiniMax
    ("]~!b[", .token), ("]~b]", .turn), ("[e~[", .token),
  ].map { (Array($0.0.utf8), $0.1) }

  // MARK: [THINK], [/INST]

  private static func bracket(_ text: ArraySlice<UInt8>) -> (Kind, Int)? {
    guard text.first == 0x5B, let end = text.prefix(16).firstIndex(of: 0x5D) else { return nil }
    let kind: Kind
    switch String(decoding: text[..<end].dropFirst(), as: UTF8.self).uppercased() {
    case "THINK": kind = .thoughtBegins
    case "/THINK": kind = .thoughtEnds
    case "INST", "SYSTEM_PROMPT": kind = .promptBegins
    case "/INST", "/SYSTEM_PROMPT": kind = .promptEnds
    case "EOS", "/S": kind = .token
    default: return nil
    }
    return (kind, end + 1 - text.startIndex)
  }

  // MARK: <|im_end|>, [|endofturn|]

  private static func token(_ text: ArraySlice<UInt8>) -> (Kind, Int)? {
    // DeepSeek's have a wide bar, and "▁" between words.
    let close: UInt8 = text.first == 0x3C ? 0x3E : 0x5D
    for bar in [[UInt8(0x7C)], Array("｜".utf8)] where text.dropFirst().starts(with: bar) {
      let slash = text.dropFirst(1 + bar.count).prefix(1).prefix { $0 == UInt8(ascii: "/") }
      let rest = text[slash.endIndex...].prefix(48).prefix {
        isNameByte($0) || bar.count > 1 && $0 >= 0x80 && $0 != bar[0]
      }
      let name = slash + rest
      guard !rest.isEmpty, text[name.endIndex...].starts(with: bar + [close]) else { continue }
      let count = name.endIndex + bar.count + 1 - text.startIndex
      return (kind(ofToken: String(decoding: name, as: UTF8.self).lowercased()), count)
    }
    return nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }

  private static func kind(ofToken name: String) -> Kind {
    switch name {
    case "begin_of_thought", "start_thinking", "think", "thinking", "begin_of_thinking":
      .thoughtBegins
    case "end_of_thought", "end_thinking", "end_of_thinking": .thoughtEnds
    case "begin_of_solution", "start_response": .answerBegins
    case "end_of_solution", "end_response": .answerEnds
    case "im_start", "start", "start_header_id", "start_of_role", "start_of_turn",
      "start_of_turn_token":
      .turn
    case "end_header_id", "end_of_role", "im_middle": .header
    case "user", "system", "human", "prompter", "developer", "observation", "user_token",
      "system_token", "im_user", "im_system":
      .promptBegins
    case "assistant", "chatbot_token", "im_assistant", "bot", "model": .promptEnds
    case "channel": .channel
    case "message": .message
    case "begin_of_box", "end_of_box": .box
    case _ where thoughtTags.contains(name): .thoughtBegins
    case _ where name.first == "/" && thoughtTags.contains(String(name.dropFirst())): .thoughtEnds
    default: .token
    }
  }

  // MARK: <think>, </s>

  private static func tag(_ text: ArraySlice<UInt8>) -> (Kind, Int)? {
    let isEnd = text.dropFirst().first == UInt8(ascii: "/")
    let inner = text.dropFirst(isEnd ? 2 : 1)
    let name = inner.prefix(32).prefix { isNameByte($0) || $0 == UInt8(ascii: ":") }
    guard !name.isEmpty, let close = text[name.endIndex...].firstIndex(of: 0x3E) else { return nil }
    // Attributes follow after a space.
    let attributes = text[name.endIndex..<close]
    guard attributes.isEmpty || [0x09, 0x0A, 0x0D, 0x20, 0x2F].contains(attributes.first),
      !attributes.contains(0x3C)
    else { return nil }
    // Seed's tags have a namespace.
    let words = String(decoding: name, as: UTF8.self).lowercased().split(separator: ":")
    guard let word = words.last.map(String.init) else { return nil }
    let count = close + 1 - text.startIndex
    if thoughtTags.contains(word) {
      // "<think/>" is a thought without content.
      let isEmpty = attributes.last == UInt8(ascii: "/")
      return (isEmpty ? .box : isEnd ? .thoughtEnds : .thoughtBegins, count)
    }
    if answerTags.contains(word) { return (isEnd ? .answerEnds : .answerBegins, count) }
    if word == "start_of_turn" { return (.turn, count) }
    return tokenTags.contains(word) && attributes.isEmpty ? (.token, count) : nil
  }

  private static let thoughtTags: Set<String> = [
    "think", "thinking", "thought", "thoughts", "reason", "reasoning", "reflection", "analysis",
    "scratchpad", "inner_monologue", "chain_of_thought", "cot",
  ]
  private static let answerTags: Set<String> = [
    "answer", "final_answer", "final", "output", "response", "solution",
  ]
  private static let tokenTags: Set<String> = [
    "s", "eos", "bos", "pad", "unk", "end_of_turn", "end_of_text", "eot", "end_of_utterance",
  ]
}
