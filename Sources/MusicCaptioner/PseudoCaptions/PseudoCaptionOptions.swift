/// How captions are made from tags.
public struct PseudoCaptionOptions: Options {
  public var instructions = Instruction.allCases
  package var prompts = InstructionPrompts()
  /// Shuffles each track's tags; as written if nil.
  public var shuffleSeed: UInt64?
  package var filter = CaptionFilterOptions()
  public var chat = ChatOptions()
  /// Sorts the output into the input's order at the end.
  public var sortsOutput = false

  public init() {}

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    checks.check(
      !instructions.isEmpty, .instructions, "nothing",
      Instruction.allCases.map(\.rawValue).joined(separator: ", "))
    checks.include(prompts, .prompts)
    checks.include(filter, .filter)
    checks.include(chat, .chat)
    return checks.problems
  }

  var order: TagOrder { TagOrder(seed: shuffleSeed) }

  func question(_ instruction: Instruction, tags: [String]) -> ChatQuestion {
    ChatQuestion(
      system: prompts.system, user: prompts.text(instruction, tags: tags),
      temperature: chat.temperature, maximumTokens: chat.maximumTokens)
  }

  /// The settings that all answers of one output must share.
  func settings(model: String, table: TagTable, plan: PseudoCaptionPlan) -> [(String, String)] {
    var words = Fingerprint(prompts.system)
    for instruction in Instruction.allCases {
      words.add(prompts[instruction].oneTag)
      words.add(prompts[instruction].severalTags)
    }
    return [
      (AnswerJournal.mark, "1"), ("model", model), ("input", plan.inputName),
      ("instructions", instructions.map(\.rawValue).joined(separator: ",")),
      ("prompts", "\(words)"), ("tags", shuffleSeed.map { "shuffled, seed \($0)" } ?? "as written"),
      ("temperature", chat.temperature.map { "\($0)" } ?? "the server's own"),
    ]
  }
}

/// The results of a run.
public struct PseudoCaptionSummary: Sendable, Equatable {
  /// Rows written.
  public var rowCount = 0
  /// Tracks in the input without tags, which are left out.
  public var withoutTags = 0
  /// Answers received in this run.
  public var answerCount = 0
  /// Their tokens as reported by the server, or an estimate if it doesn't report them.
  package var tokens = TokenCount()
  /// Answers without the requested dictionary, or without any words.
  public var unparsedCount = 0
  /// Captions rejected by filters.
  package var rejectedCounts: [CaptionFilter: Int] = [:]
  /// Questions that the server refused individually.
  public var refusedCount = 0

  mutating func count(_ outcome: CaptionOutcome) {
    switch outcome {
    case .caption: break
    case .unparsed: unparsedCount += 1
    case .rejected(let filter, _): rejectedCounts[filter, default: 0] += 1
    }
  }
}

extension PseudoCaptionSummary: CustomStringConvertible {
  public var description: String {
    var parts = ["\(rowCount) \(rowCount == 1 ? "track" : "tracks") written"]
    if withoutTags > 0 { parts.append("\(withoutTags) without tags left out") }
    if unparsedCount > 0 { parts.append("\(unparsedCount) answers kept as they came (unparsed)") }
    for filter in CaptionFilter.allCases {
      if let count = rejectedCounts[filter] {
        parts.append("\(count) held back by \(filter.rawValue)")
      }
    }
    if refusedCount > 0 { parts.append("\(refusedCount) refused by the server") }
    return parts.joined(separator: ", ")
  }
}
