/// What a model says to its reader: its answer without reasoning, and without the marks of its chat
/// format, which servers leave in when they don't know the model's template.
enum SpokenText: Equatable {
  case text(String)
  /// There is none; why.
  case absent(String)

  init(_ answer: String) {
    let bytes = Array(answer.utf8)
    let marks = ModelMark.all(in: bytes)
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

  /// The text outside of reasoning, up to the end of the turn.
  private static func withoutThoughts(_ bytes: [UInt8], _ marks: [ModelMark]) -> SpokenText {
    var spoken: [UInt8] = []
    var position = 0
    var isThinking = false
    var hasThought = false
    for mark in marks where mark.range.lowerBound >= position {
      if !isThinking { spoken += bytes[position..<mark.range.lowerBound] }
      position = mark.range.upperBound
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
      case .answerEnds, .token, .turn, .channel:
        // What follows a turn's end was made up by a model that didn't stop.
        if !isBlank(spoken) { return of(spoken) }
        spoken = []
        if mark.kind == .turn { position = endOfRole(bytes, position) }
      case .box: continue
      }
    }
    if isThinking { return endlessReasoning }
    spoken += bytes[position...]
    return hasThought && isBlank(spoken) ? onlyReasoning : of(spoken)
  }

  /// The position after the name of the author that follows the beginning of a turn.
  private static func endOfRole(_ bytes: [UInt8], _ position: Int) -> Int {
    let name = bytes[position...].prefix(16).prefix { (0x61...0x7A).contains($0 | 0x20) }
    let roles: Set<String> = ["assistant", "model", "bot"]
    return roles.contains(String(decoding: name, as: UTF8.self).lowercased())
      ? name.endIndex : position
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
