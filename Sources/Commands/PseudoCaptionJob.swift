import Foundation
import MusicCaptioner

/// All that the `pseudocaption` command does: tags to captions, with messages and progress on
/// standard error.
package struct PseudoCaptionJob: Sendable {
  /// Where tags come from and captions go to.
  package enum Source: Sendable {
    /// Tags between commas; captions go to standard output.
    case tags(String)
    case table(input: String, output: String?)
  }

  package var source: Source
  /// Names between commas, or `all`; all where a model is asked, writing for a baseline, if nil.
  package var instructions: String?
  /// A YAML or JSON file with words of the instructions.
  package var prompts: String?
  package var tagColumn: String?
  /// Asks no model if set.
  package var baseline: TagBaseline?
  /// `OPENAI_BASE_URL`, or OpenAI itself, if nil.
  package var endpoint: String?
  package var model: String?
  /// Names between commas, `all` or `none`.
  package var filters = "none"
  /// Under the keys of `PseudoCaptionOptions`; what `prompts`, `instructions` and `filters` say is
  /// filled in.
  package var overrides: [OptionOverride] = []
  package var price: TokenPrice?
  /// Say what it comes to, and end.
  package var isEstimate = false

  private let console = Console.standard

  package init(_ source: Source) { self.source = source }

  /// Does the job. Call once in a process: it takes over Ctrl-C, after which it waits for what is on
  /// its way, up to half a minute, keeps it, and returns `.interrupted`.
  package func run() async -> ExitStatus {
    let work = Task { try await perform() }
    let isInterrupted = StopFlag()
    InterruptSignal.onFirst { [console, asksModel] in
      isInterrupted.raise()
      if asksModel { console.say("stopping; waiting for the answers that are on their way …") }
      work.cancel()
    }
    do {
      try await work.value
      return .done
    } catch {
      console.end()
      let status = ExitStatus(error)
      // Whoever ends the run knows why the server gives no more answers.
      guard status == .interrupted || isInterrupted.isRaised && status == .failure else {
        console.error(message(for: error) + advice(after: error))
        return status
      }
      switch source {
      case .table where asksModel:
        console.say("interrupted: what was answered is kept; run the same command to continue")
      default: console.say("interrupted: nothing was written")
      }
      return .interrupted
    }
  }

  private var asksModel: Bool { baseline == nil && !isEstimate }

  /// What to do after the server failed a run over a table.
  private func advice(after error: any Error) -> String {
    guard case .table = source, error is ChatError else { return "" }
    return " (what was answered is kept; run the same command to continue)"
  }

  /// Prints the words of the instructions, as a file for `prompts`.
  package static func printPrompts() throws -> ExitStatus {
    let text = try ConfigurationFile<InstructionPrompts>.yaml(InstructionPrompts())
    try CaptionOutput(nil).write(text)
    return .done
  }

  private func perform() async throws {
    let options = try resolvedOptions()
    for option in optionsWithoutEffect(options) { console.warn(option) }
    switch source {
    case .tags(let text):
      let tags = text.split(separator: ",").map { $0.trimmingASCIIWhitespace() }.filter {
        !$0.isEmpty
      }
      guard !tags.isEmpty else {
        throw UsageError(
          "--tags", found: "no tag", expected: "tags between commas, such as \"waltz, harp\"")
      }
      try await caption(tags, options)
    case .table(let input, let output):
      let table = TagTable(path: input, tagColumn: tagColumn)
      var outputs = OutputGuard()
      outputs.reads(table: input)
      outputs.reads(prompts)
      try outputs.writes(output, as: "--output", hasCompanions: baseline == nil)
      if baseline == nil { try outputs.writes(output.map(AnswerJournal.path), as: "--output") }
      if isEstimate { return try estimate(table, output, options) }
      guard let output else {
        throw UsageError(
          "--output", found: "nothing", expected: "the file for the captions of --input")
      }
      try await caption(table, output, options)
    }
  }

  private func caption(
    _ tags: [String], _ options: PseudoCaptionOptions
  ) async throws {
    if let baseline {
      return try CaptionOutput.print(BaselineCaptioner(baseline, options: options).line(tags: tags))
    }
    let captioner = try PseudoCaptioner(try server(options), options: options)
    let retries = RetryWarnings(console)
    let line = try await captioner.line(tags: tags) { [console] event in
      switch event {
      case .retry(let reason): retries.add(reason)
      case .change(let what): console.warn(what)
      case .planned, .answered: break
      }
    }
    try CaptionOutput.print(line)
  }

  private func caption(
    _ table: TagTable, _ output: String, _ options: PseudoCaptionOptions
  ) async throws {
    let progress = RequestProgress(
      console, unit: baseline == nil ? "requests" : "tracks", price: price)
    let summary: PseudoCaptionSummary
    if let baseline {
      let rows = try PseudoCaptionPlan(table, options) { _, _ in false }.rowCount
      progress.begin(total: rows)
      summary = try BaselineCaptioner(baseline, options: options).run(table, output: output) {
        progress.update(doneCount: $0)
      }
    } else {
      let captioner = try PseudoCaptioner(try server(options), options: options)
      let retries = RetryWarnings(console)
      summary = try await captioner.run(table, output: output) { event in
        switch event {
        case .planned(let plan):
          console.say(lines(describe(plan)))
          progress.begin(total: plan.requestCount)
        case .answered(let summary):
          progress.update(doneCount: summary.answerCount, tokens: summary.tokens)
        case .retry(let reason): retries.add(reason)
        case .change(let what): console.warn(what)
        }
      }
    }
    console.end()
    console.say(lines(describe(summary)))
  }

  private func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init)
  }

  private func estimate(
    _ table: TagTable, _ output: String?, _ options: PseudoCaptionOptions
  ) throws {
    try CaptionOutput.print(
      describe(try PseudoCaptioner.plan(table, options: options, output: output)))
  }

  private func describe(_ plan: PseudoCaptionPlan) -> String {
    guard let price else { return "\(plan)" }
    return "\(plan)\ncost: about \(price.words(for: plan.tokens))"
  }

  private func describe(_ summary: PseudoCaptionSummary) -> String {
    guard summary.answerCount > 0 else { return "\(summary)" }
    let tokens = summary.tokens
    var text = "\(summary)\ntokens: \(tokens.prompt) in prompts, \(tokens.completion) in answers"
    if let price { text += "; cost \(price.words(for: tokens))" }
    return text
  }

  private func resolvedOptions() throws -> PseudoCaptionOptions {
    var options = try PseudoCaptionOptions().overlaid(with: overrides)
    options.instructions =
      try instructions.map { words throws(OptionError) in try Instruction.named(words) }
      ?? (baseline == nil ? Instruction.allCases : [.writing])
    options.filter.filters = try CaptionFilterOptions.filters(named: filters)
    if let prompts {
      let file = try ConfigurationFile<InstructionPrompts>(
        contentsOf: PathName.url(prompts), name: prompts)
      try file.validate()
      options.prompts = file.value
    }
    try options.validate()
    return options
  }

  private func optionsWithoutEffect(_ options: PseudoCaptionOptions) -> [String] {
    var unused: [(flag: String, reason: String)] = []
    if baseline != nil {
      let files = [("--endpoint", endpoint), ("--model", model), ("--prompts", prompts)]
      let given = overrides.map(\.path).filter { $0.hasPrefix("chat.") || $0 == "sorts_output" }
      unused =
        (files.filter { $0.1 != nil }.map(\.0) + given.map(OptionFlags.flag)
        + (price == nil ? [] : ["--price-in and --price-out"]))
        .map { ($0, "with --baseline") }
    }
    for (key, filter) in [
      ("filter.words", CaptionFilter.length), ("filter.minimum_coverage", .coverage),
    ] where overrides.contains(where: { $0.path == key }) {
      if options.filter.filters.contains(filter) { continue }
      unused.append((OptionFlags.flag(key), "without --filter \(filter.rawValue)"))
    }
    return unused.map { flag, reason in
      "\(flag) \(flag.contains(" and ") ? "have" : "has") no effect \(reason)"
    }
  }

  private func server(_ options: PseudoCaptionOptions) throws -> ChatServer {
    try OpenFiles.require(connections: options.chat.concurrency)
    let environment = ProcessInfo.processInfo.environment
    guard let model else {
      throw UsageError(
        "--model", found: "nothing",
        expected: "the name of one of the server's models, or --baseline for captions without one")
    }
    let server = try ChatServer(
      endpoint: endpoint ?? environment["OPENAI_BASE_URL"] ?? "https://api.openai.com/v1",
      model: model, key: environment["OPENAI_API_KEY"])
    if server.sendsKeyInTheClear {
      console.warn(
        "the key goes to \(server.name) without TLS, for everybody on the way to read")
    }
    return server
  }
}
