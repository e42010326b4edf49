/// What a model says to its reader: its answer without reasoning, without the prompt if the server
/// repeats it, and without the marks of its chat format, which servers leave in when they don't know
/// the model's template.
enum SpokenText: Equatable {
  case text(String)
  /// There is none; why.
  case absent(String)

  init(_ answer: String) {
    var answer = Self.withoutUnmarkedPrompt(answer)
    var bytes = Array(answer.utf8)
    var marks = ModelMark.all(in: bytes)
    let restored = Self.withBrackets(answer)
    if restored != answer {
      // A caption keeps its "&lt;" unless it stands for a mark.
      let restoredBytes = Array(restored.utf8)
      let restoredMarks = ModelMark.all(in: restoredBytes)
      if restoredMarks.count > marks.count {
        (answer, bytes, marks) = (restored, restoredBytes, restoredMarks)
      }
    }
    if marks.contains(where: { $0.kind == .channel }) {
      self = Self.finalChannel(bytes, marks)
    } else if let text = Self.withoutUnmarkedThoughts(answer) {
      self = text
    } else {
      self = Self.withoutThoughts(bytes, marks)
    }
  }

  private static let onlyReasoning = SpokenText.absent("nothing but reasoning")
  private static let endlessReasoning = SpokenText.absent("reasoning without an end")

  private static func of(_ bytes: [UInt8]) -> SpokenText {
    .text(String(decoding: bytes, as: UTF8.self).trimmingASCIIWhitespace())
  }

  private static func isBlank(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
  }

  /// The text outside of reasoning and of the prompt, up to the end of the turn.
  private static func withoutThoughts(_ bytes: [UInt8], _ marks: [ModelMark]) -> SpokenText {
    var spoken: [UInt8] = []
    var position = 0
    var isThinking = false
    var hasThought = false
    var isPrompt = false
    for mark in marks where mark.range.lowerBound >= position {
      if !isThinking { spoken += bytes[position..<mark.range.lowerBound] }
      position = mark.range.upperBound
      // The prompt may speak of other marks.
      if isPrompt, ![.token, .turn, .header, .promptBegins, .promptEnds].contains(mark.kind) {
        continue
      }
      switch mark.kind {
      case .thoughtBegins: isThinking = true
      case .thoughtEnds:
        // Some templates open the reasoning in the prompt: what came before was all reasoning.
        if !isThinking { spoken = [] }
        isThinking = false
        hasThought = true
      case _ where isThinking: continue
      case .answerBegins: spoken = []
      case .message:
        // What came before is a header, perhaps the name of a channel that has lost its mark.
        let header = String(decoding: spoken.suffix(32), as: UTF8.self).trimmingASCIIWhitespace()
        isThinking = header.hasSuffix("analysis") || header.hasSuffix("commentary")
        spoken = []
      case .answerEnds, .token, .turn, .channel, .promptBegins, .promptEnds:
        // What follows a turn's end was made up by a model that didn't stop.
        if !isPrompt && !isBlank(spoken) { return of(spoken) }
        spoken = []
        isPrompt = mark.kind == .promptBegins
        if mark.kind == .turn {
          let role = role(bytes, position)
          position = role.end
          isPrompt = role.isPrompt
        }
      case .header:
        // What came before is the name of a role.
        if !spoken.contains(0x20) { spoken = [] }
      case .box: continue
      }
    }
    if isThinking { return endlessReasoning }
    spoken += bytes[position...]
    if isPrompt { spoken = [] }
    return hasThought && isBlank(spoken) ? onlyReasoning : of(spoken)
  }

  /// The position after the name of the author that follows the beginning of a turn, if there is
  /// one, and whether that isn't the model.
  private static func role(_ bytes: [UInt8], _ position: Int) -> (end: Int, isPrompt: Bool) {
    let start = position + bytes[position...].prefix(16).prefix { $0 == 0x20 }.count
    let name = bytes[start...].prefix(16).prefix { (0x61...0x7A).contains($0 | 0x20) }
    switch String(decoding: name, as: UTF8.self).lowercased() {
    case "assistant", "model", "bot", "ai": return (name.endIndex, false)
    case "user", "system", "human", "developer", "tool": return (name.endIndex, true)
    default: return (position, false)
    }
  }

  /// The last message on the channel "final" of an answer in OpenAI's harmony format.
  private static func finalChannel(_ bytes: [UInt8], _ marks: [ModelMark]) -> SpokenText {
    var found: SpokenText?
    for (index, mark) in marks.enumerated() where mark.kind == .channel {
      guard let start = marks[index...].dropFirst().first(where: { $0.kind != .token }),
        start.kind == .message
      else { continue }
      let name = String(
        decoding: bytes[mark.range.upperBound..<start.range.lowerBound].prefix(64), as: UTF8.self)
      guard name.trimmingASCIIWhitespace().lowercased().hasPrefix("final") else { continue }
      let end = marks[(index + 1)...].first { $0.range.lowerBound >= start.range.upperBound }
      found = of(Array(bytes[start.range.upperBound..<(end?.range.lowerBound ?? bytes.count)]))
    }
    if let found, found != .text("") { return found }
    // The end of the analysis is marked; without it, the model was stopped in the middle.
    let isEnded = marks.last.map { $0.kind == .token || $0.kind == .turn } ?? false
    return isEnded ? onlyReasoning : endlessReasoning
  }

  /// The answer after reasoning that has no marks: the harmony format of a server that drops the
  /// marks but not the channels' names, and the phrases of IBM's Granite. Nil for another text.
  private static func withoutUnmarkedThoughts(_ answer: String) -> SpokenText? {
    let text = answer.trimmingASCIIWhitespace()
    for (beginning, end) in [
      ("analysis", "assistantfinal"), ("Here is my thought process:", "Here is my response:"),
    ] where text.hasPrefix(beginning) {
      if let found = text.ranges(of: end).last {
        let spoken = String(text[found.upperBound...]).trimmingASCIIWhitespace()
        return spoken.isEmpty ? onlyReasoning : .text(spoken)
      }
      // "analysisThe user wants"; a caption has a space there.
      let next = text.dropFirst(beginning.count).first
      if beginning.last == ":" || next?.isUppercase ?? false { return endlessReasoning }
    }
    return nil
  }
}
