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
  /// Answers that give no caption: reasoning only, cut off, or without the requested dictionary.
  public var unparsedCount: Int { unparsedReasons.values.reduce(0, +) }
  /// Why they don't.
  package var unparsedReasons: [String: Int] = [:]
  /// Captions rejected by filters.
  package var rejectedCounts: [CaptionFilter: Int] = [:]
  /// Questions that the server refused individually.
  public var refusedCount = 0

  mutating func count(_ outcome: CaptionOutcome) {
    switch outcome {
    case .caption: break
    // What the server says differs from answer to answer.
    case .unparsed(_, let why):
      unparsedReasons[String(why.prefix { $0 != ":" }), default: 0] += 1
    case .rejected(let filter, _): rejectedCounts[filter, default: 0] += 1
    }
  }
}

extension PseudoCaptionSummary: CustomStringConvertible {
  public var description: String {
    var parts = ["\(rowCount) \(rowCount == 1 ? "track" : "tracks") written"]
    if withoutTags > 0 { parts.append("\(withoutTags) without tags left out") }
    if unparsedCount > 0 {
      let reasons = unparsedReasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { unparsedReasons.count == 1 ? $0.key : "\($0.value) \($0.key)" }
      let answers = unparsedCount == 1 ? "1 answer" : "\(unparsedCount) answers"
      parts.append(
        "\(answers) kept under \"unparsed\" (\(reasons.joined(separator: ", ")))")
    }
    for filter in CaptionFilter.allCases {
      if let count = rejectedCounts[filter] {
        parts.append("\(count) held back by \(filter.rawValue)")
      }
    }
    if refusedCount > 0 { parts.append("\(refusedCount) refused by the server") }
    return parts.joined(separator: ", ")
  }
}
