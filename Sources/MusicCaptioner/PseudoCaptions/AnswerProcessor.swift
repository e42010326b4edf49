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
    func unparsed(_ why: String) -> CaptionOutcome { .unparsed(answer.text, why: why) }
    let isCut = answer.isCut || answer.isWithheld
    let cut = answer.isCut ? "cut off at the limit of tokens" : "cut off by the server's filter"
    let spoken: String
    switch SpokenText(answer.text) {
    case .text(""): return unparsed(answer.absence ?? (isCut ? cut : "no text"))
    case .text(let text): spoken = text
    case .absent(let why): return unparsed(why)
    }
    let text: String
    var newAttributes: [String]?
    if instruction == .attributePrediction {
      guard let found = AttributePrediction(parsing: spoken) else {
        return unparsed(isCut ? cut : "no dictionary with a description")
      }
      text = found.description
      newAttributes = found.newAttributes
    } else {
      text = Self.sentence(spoken)
      if text.isEmpty { return unparsed("no text") }
      // The filter for lengths rejects all that were cut.
      if isCut, !Self.endsSentence(text), !options.filter.filters.contains(.length) {
        return unparsed(cut)
      }
    }
    let prompt = options.prompts.text(instruction, tags: [])
    return judged(text, newAttributes, row, prompt: prompt, isCut: isCut)
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

  /// Whether a text ends where a sentence does, perhaps before closing marks.
  private static func endsSentence(_ text: String) -> Bool {
    let closers: Set<Character> = ["\"", "'", ")", "]", "\u{201D}", "\u{2019}", "*"]
    let last = text.reversed().first { !closers.contains($0) }
    return last.map { ".!?\u{2026}\u{3002}".contains($0) } ?? false
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
