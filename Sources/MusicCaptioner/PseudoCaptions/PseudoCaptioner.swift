import Foundation
import Synchronization

/// Makes captions from tags with a language model: a resumable run over a table of any length.
public struct PseudoCaptioner: Sendable {
  public let server: ChatServer
  public let options: PseudoCaptionOptions

  package enum Event: Sendable {
    /// The work to do; sent once, before the first request.
    case planned(PseudoCaptionPlan)
    /// Another answer has been saved; the current summary.
    case answered(PseudoCaptionSummary)
    /// A request will be sent again; why.
    case retry(String)
    /// Requests are sent in another form from now on, because the server wants it; what changes.
    case change(String)

    init(_ event: ChatClient.Event) {
      switch event {
      case .retry(let why): self = .retry(why)
      case .change(let what): self = .change(what)
      }
    }
  }

  /// - Throws: `OptionError` for the first invalid option.
  public init(_ server: ChatServer, options: PseudoCaptionOptions) throws {
    try options.validate()
    self.server = server
    self.options = options
  }

  /// The captions of one list of tags, as a line of JSON.
  ///
  /// - Throws: `ChatError` if the server doesn't answer.
  public func line(tags: [String]) async throws -> String {
    try await line(tags: tags) { _ in }
  }

  /// The captions of one list of tags, as a line of JSON.
  ///
  /// - Parameter onEvent: Called on any thread.
  /// - Throws: `ChatError` if the server doesn't answer.
  package func line(
    tags: [String], onEvent: @escaping @Sendable (Event) -> Void
  ) async throws -> String {
    let client = try ChatClient(server, options.chat) { onEvent(Event($0)) }
    let processor = AnswerProcessor(options)
    let row = TagRow(number: 0, fields: [:], tagColumn: "tag", tags: tags)
    var outcomes: [Instruction: CaptionOutcome] = [:]
    for instruction in options.instructions {
      switch try await ask(client, row, instruction) {
      case .answer(let answer): outcomes[instruction] = processor.outcome(answer, instruction, row)
      case .refused(let error): throw error
      }
    }
    return CaptionedRow(row: row, outcomes: outcomes, tellsNumber: false).line
  }

  /// The work that a run would have to do. Asks nothing, and writes nothing.
  ///
  /// - Throws: `DataError` for the input, `PseudoCaptionError` for the output.
  package static func plan(
    _ table: TagTable, options: PseudoCaptionOptions, output: String?
  ) throws -> PseudoCaptionPlan {
    try options.validate()
    guard let output,
      PathName.exists(AnswerJournal.path(besides: output))
    else { return try PseudoCaptionPlan(table, options) { _, _ in false } }
    let former = try CaptionedRows(path: output, isWritable: false) { _ in }.former
    let journal = try AnswerJournal(besides: output, isWritable: false) { former.contains($0) }
    return try PseudoCaptionPlan(table, options) { row, instruction in
      former.contains(row) || journal.has(row: row, instruction: instruction)
    }
  }

  /// Captions a table, or continues an earlier run with the same settings.
  ///
  /// Every answer is on disk in `OUTPUT.answers.jsonl` before it counts. A canceled task sends no more
  /// requests, and keeps the answers to those in flight.
  ///
  /// - Throws: `DataError` for the input; `PseudoCaptionError` or `ChatError` for the server and
  ///   the output; `CancellationError`.
  public func run(_ table: TagTable, output: String) async throws -> PseudoCaptionSummary {
    try await run(table, output: output) { _ in }
  }

  /// Captions a table, or continues an earlier run with the same settings.
  ///
  /// An answer counts once it is on disk in `OUTPUT.answers.jsonl`; rows are written when all their
  /// answers are there. After the task is canceled, no more requests start; those in flight are
  /// awaited, and their answers are kept.
  ///
  /// - Parameter onEvent: Called on any thread.
  /// - Throws: `DataError` for the input; `PseudoCaptionError` or `ChatError` for the server and
  ///   the output; `CancellationError`.
  package func run(
    _ table: TagTable, output: String, onEvent: @escaping @Sendable (Event) -> Void
  ) async throws -> PseudoCaptionSummary {
    let processor = AnswerProcessor(options)
    let rows = try CaptionedRows(path: output) { processor.remember($0) }
    let former = rows.former
    let journal = try AnswerJournal(besides: output) { former.contains($0) }
    defer {
      journal.close()
      rows.close()
    }
    let plan = try PseudoCaptionPlan(table, options) { row, instruction in
      former.contains(row) || journal.has(row: row, instruction: instruction)
    }
    try await journal.begin(options.settings(model: server.model, table: table, plan: plan))
    onEvent(.planned(plan))
    let client = try ChatClient(server, options.chat) { onEvent(Event($0)) }
    let run = Run(
      captioner: self, client: client, processor: processor, journal: journal, rows: rows,
      onEvent: onEvent)
    let feed = TagTableFeed(table, ahead: 2 * options.chat.concurrency) { !former.contains($0) }
    defer { feed.stop() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      var active = 0
      for try await row in feed.rows {
        feed.taken()
        if active == options.chat.concurrency {
          try await group.next()
          active -= 1
        }
        group.addTask { try await run.caption(row) }
        active += 1
      }
      try await group.waitForAll()
    }
    try Task.checkCancellation()
    if options.sortsOutput { try rows.sort() }
    var summary = try run.finish(place: server.name)
    summary.withoutTags = plan.withoutTags
    return summary
  }

  fileprivate func ask(
    _ client: ChatClient, _ row: TagRow, _ instruction: Instruction
  ) async throws -> ChatClient.Outcome {
    let tags = options.order.arrange(row.tags, row: row.number, instruction: instruction)
    let question = options.question(instruction, tags: tags)
    return try await client.ask(
      question, estimate: question.estimate(usualAnswer: instruction.usualAnswerTokens))
  }
}

/// State shared by the tasks of a run.
private final class Run: Sendable {
  private let captioner: PseudoCaptioner
  private let client: ChatClient
  private let processor: AnswerProcessor
  private let journal: AnswerJournal
  private let rows: CaptionedRows
  private let onEvent: @Sendable (PseudoCaptioner.Event) -> Void
  private let state = Mutex((summary: PseudoCaptionSummary(), refusal: ChatError?.none))

  init(
    captioner: PseudoCaptioner, client: ChatClient, processor: AnswerProcessor,
    journal: AnswerJournal,
    rows: CaptionedRows, onEvent: @escaping @Sendable (PseudoCaptioner.Event) -> Void
  ) {
    self.captioner = captioner
    self.client = client
    self.processor = processor
    self.journal = journal
    self.rows = rows
    self.onEvent = onEvent
  }

  func caption(_ row: TagRow) async throws {
    var outcomes: [Instruction: CaptionOutcome] = [:]
    for instruction in captioner.options.instructions {
      if let answer = try await answer(row, instruction) {
        outcomes[instruction] = processor.outcome(answer, instruction, row)
      }
    }
    // Questions that the server refused are asked again by a later run.
    guard outcomes.count == captioner.options.instructions.count else { return }
    try await rows.append(CaptionedRow(row: row, outcomes: outcomes, tellsNumber: true))
    state.withLock { state in
      state.summary.rowCount += 1
      outcomes.values.forEach { state.summary.count($0) }
    }
  }

  private func answer(_ row: TagRow, _ instruction: Instruction) async throws -> ChatAnswer? {
    if let answer = try journal.answer(row: row.number, instruction: instruction) { return answer }
    switch try await captioner.ask(client, row, instruction) {
    case .refused(let error):
      state.withLock { state in
        state.summary.refusedCount += 1
        state.refusal = state.refusal ?? error
      }
      return nil
    case .answer(let answer):
      try await journal.append(answer, row: row.number, instruction: instruction)
      let summary = state.withLock { state in
        state.summary.answerCount += 1
        state.summary.tokens += tokens(answer, row, instruction)
        return state.summary
      }
      onEvent(.answered(summary))
      return answer
    }
  }

  private func tokens(
    _ answer: ChatAnswer, _ row: TagRow, _ instruction: Instruction
  ) -> TokenCount {
    let estimate = captioner.options.question(instruction, tags: row.tags)
      .estimate(usualAnswer: instruction.usualAnswerTokens)
    return TokenCount(
      prompt: answer.promptTokens ?? estimate.prompt,
      completion: answer.completionTokens ?? TokenCount.estimate(answer.text))
  }

  /// - Throws: `PseudoCaptionError` if the server refused some of the questions.
  func finish(place: String) throws(PseudoCaptionError) -> PseudoCaptionSummary {
    let (summary, refusal) = state.withLock { ($0.summary, $0.refusal) }
    if let refusal {
      throw PseudoCaptionError(
        .unanswered(count: summary.refusedCount, first: "\(refusal)"), file: place)
    }
    return summary
  }
}
