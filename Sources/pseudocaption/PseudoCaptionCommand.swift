import ArgumentParser
import Commands
import MusicCaptioner

@main
struct PseudoCaptionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pseudocaption",
    abstract: "Make captions from tags.",
    discussion: """
      With --endpoint and --model, a language model behind an OpenAI-compatible server writes them; \
      the key is taken from the environment, OPENAI_API_KEY. With --baseline, no server is needed. \
      The same command continues an interrupted run, and asks nothing twice.

      Exit codes: 0 done, 64 wrong usage, 65 bad data, 66 an input is missing, 74 the output can't \
      be written, 130 interrupted, 1 no answer from the server.
      """,
    version: CommandEntry.version(of: "pseudocaption"))

  @Option(help: "Tags separated by commas; the captions go to standard output.")
  var tags: String?

  @Option(
    help: ArgumentHelp(
      "A table of tracks: .json, .jsonl, .csv, .tsv or .parquet, or one of these with .gz or .zst.",
      valueName: "file"))
  var input: String?

  @Option(
    help: ArgumentHelp("The file for the captions of --input, as JSON Lines.", valueName: "file"))
  var output: String?

  @Option(
    help: """
      writing, summary, paraphrase, attribute_prediction, several separated by commas, or all. \
      (default: all; for --baseline, writing)
      """)
  var instruction: String?

  @Option(help: "The column of the tags. (default: the first known one that has some)")
  var tagColumn: String?

  @Flag(help: "Sort the output into the input's order at the end.")
  var sort = false

  @Option(help: "tag-concat or template: captions without a model.")
  var baseline: TagBaseline?

  @Option(help: "Shuffle each track's tags; the same seed gives the same order.")
  var shuffleSeed: UInt64?

  @OptionGroup(title: "The model")
  var chat: ChatArguments

  @OptionGroup(title: "Cost")
  var cost: CostArguments

  @OptionGroup(title: "Quality")
  var quality: QualityArguments

  static func main() async {
    await CommandEntry.run { (command: Self) in
      if command.chat.printPrompts { return try PseudoCaptionJob.printPrompts() }
      return await command.job.run()
    }
  }

  private var job: PseudoCaptionJob {
    var job = PseudoCaptionJob(
      tags.map { .tags($0) } ?? .table(input: input ?? "", output: output))
    job.instructions = instruction
    job.prompts = chat.prompts
    job.tagColumn = tagColumn
    job.baseline = baseline
    job.endpoint = chat.endpoint
    job.model = chat.model
    job.filters = quality.filter
    job.overrides = OptionOverride.given([
      ("shuffle_seed", shuffleSeed),
      ("sorts_output", sort ? true : nil),
      ("filter.words", quality.minWords ?? quality.maxWords == nil ? nil : quality.words),
      ("filter.minimum_coverage", quality.minCoverage),
      ("chat.concurrency", chat.concurrency),
      ("chat.requests_per_minute", chat.requestsPerMinute),
      ("chat.tokens_per_minute", chat.tokensPerMinute),
      ("chat.timeout_seconds", chat.timeout),
      ("chat.retries.retry_count", chat.maxRetries),
      ("chat.temperature", chat.temperature),
      ("chat.maximum_tokens", chat.maxTokens),
    ])
    if let priceIn = cost.priceIn, let priceOut = cost.priceOut {
      job.price = TokenPrice(promptMillion: priceIn, completionMillion: priceOut)
    }
    job.isEstimate = cost.estimate
    return job
  }
}

extension TagBaseline: ExpressibleByArgument {}
