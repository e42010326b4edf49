import Synchronization

/// Turns answers into captions: parses them, and rejects those that fail a filter.
final class AnswerProcessor: Sendable {
  private let options: PseudoCaptionOptions
  /// Hashes of all sentences so far, for finding duplicates.
  private let sentences = Mutex<Set<UInt64>>([])

  init(_ options: PseudoCaptionOptions) { self.options = options }

  /// Registers a caption from an earlier run.
  func remember(_ caption: String) { _ = isNew(caption) }

  func outcome(_ answer: ChatAnswer, _ instruction: Instruction, _ row: TagRow) -> CaptionOutcome {
    let spoken = Self.withoutThoughts(answer.text)
    let text: String
    var newAttributes: [String]?
    if instruction == .attributePrediction {
      guard let found = AttributePrediction(parsing: spoken) else { return .unparsed(answer.text) }
      text = found.description
      newAttributes = found.newAttributes
    } else {
      text = Self.sentence(spoken)
      if text.isEmpty { return .unparsed(answer.text) }
    }
    let prompt = options.prompts.text(instruction, tags: [])
    return judged(
      text, newAttributes, row, prompt: prompt, isCut: answer.finishReason == "length")
  }

  /// - Parameters:
  ///   - prompt: The instruction without tags.
  ///   - isCut: Whether the model was stopped before it finished.
  func judged(
    _ text: String, _ newAttributes: [String]?, _ row: TagRow, prompt: String, isCut: Bool
  ) -> CaptionOutcome {
    let objection = options.filter.objection(to: text, row: row, prompt: prompt, isCut: isCut)
    if let objection { return .rejected(objection, text: text) }
    guard isNew(text) else { return .rejected(.duplicates, text: text) }
    return .caption(text, newAttributes: newAttributes)
  }

  private func isNew(_ caption: String) -> Bool {
    guard options.filter.filters.contains(.duplicates) else { return true }
    let print = Fingerprint(FoldedWords(caption).joined)
    return sentences.withLock { $0.insert(print.value).inserted }
  }

  /// Removes the reasoning before an answer.
  private static func withoutThoughts(_ text: String) -> String {
    text.ranges(of: "</think>").last.map { String(text[$0.upperBound...]) } ?? text
  }

  /// One line, without a code fence or quotes around it.
  private static func sentence(_ answer: String) -> String {
    let lines = answer.split(whereSeparator: \.isNewline).map { $0.trimmingASCIIWhitespace() }
      .filter { !$0.isEmpty && !$0.hasPrefix("```") }
    var text = lines.joined(separator: " ")
    for (open, close) in [("\"", "\""), ("\u{201C}", "\u{201D}"), ("'", "'")] {
      let inner = text.dropFirst().dropLast()
      guard text.count > 2, text.hasPrefix(open), text.hasSuffix(close),
        !inner.contains(open), !inner.contains(close)
      else { continue }
      text = String(inner)
    }
    return text.trimmingASCIIWhitespace()
  }
}

extension FoldedWords {
  /// The words alone: sentences that differ only in punctuation are equal.
  fileprivate var joined: String { lowercased.joined(separator: " ") }
}
