import ArgumentParser
import Commands
import MusicCaptioner

struct ChatArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "An OpenAI-compatible server. (default: OPENAI_BASE_URL, else OpenAI's)", valueName: "url"))
  var endpoint: String?

  @Option(help: "The model's name, as the server knows it.")
  var model: String?

  @Option(
    help: ArgumentHelp("Words of your own for the instructions, YAML or JSON.", valueName: "file"))
  var prompts: String?

  @Flag(help: "Print the words of the instructions, as a file for --prompts.")
  var printPrompts = false

  @Option(help: "Requests in flight at a time.")
  var concurrency = 8

  @Option(help: "Most requests per minute.")
  var requestsPerMinute: Int?

  @Option(help: "Most tokens per minute, prompts and answers together.")
  var tokensPerMinute: Int?

  @Option(help: "How often a request is sent again.")
  var maxRetries = 7

  @Option(help: "Seconds without a response, after which a request has failed.")
  var timeout = 120.0

  @Option(help: "The temperature of the model's sampling. (default: the server's own)")
  var temperature: Double?

  @Option(help: "The longest answer, in tokens. (default: the server's own)")
  var maxTokens: Int?

  var options: ChatOptions {
    var options = ChatOptions()
    options.concurrency = concurrency
    options.requestsPerMinute = requestsPerMinute
    options.tokensPerMinute = tokensPerMinute
    options.timeoutSeconds = timeout
    // Clamped far outside what is allowed: the library says so in words.
    options.retries.attemptCount = min(max(maxRetries, -1), 1 << 30) + 1
    options.temperature = temperature
    options.maximumTokens = maxTokens
    return options
  }
}

struct CostArguments: ParsableArguments {
  @Flag(help: "Say how many requests and tokens it comes to, ask nothing, and end.")
  var estimate = false

  @Option(help: "Price of a million tokens in prompts.")
  var priceIn: Double?

  @Option(help: "Price of a million tokens in answers.")
  var priceOut: Double?
}

struct QualityArguments: ParsableArguments {
  @Option(
    help: """
      prompt-echo, names, refusals, language, duplicates, coverage, length, several between commas, \
      all or none. What is held back stays in the output, under "rejected".
      """)
  var filter = "none"

  @Option(help: "For the filter length: the fewest words.")
  var minWords = 4

  @Option(help: "For the filter length: the most words.")
  var maxWords = 80

  @Option(help: "For the filter coverage: the share of the tags that a caption must mention.")
  var minCoverage = 0.5
}

extension PseudoCaptionCommand {
  /// Options that need or exclude each other.
  func validate() throws {
    if chat.printPrompts { return }
    guard (tags == nil) != (input == nil) else {
      throw ValidationError("expected one of --tags and --input")
    }
    guard tags == nil || output == nil && !cost.estimate else {
      throw ValidationError("--output and --estimate belong to --input")
    }
    guard tags == nil || tagColumn == nil && !sort else {
      throw ValidationError("--tag-column and --sort belong to --input")
    }
    guard baseline == nil || !cost.estimate else {
      throw ValidationError("--estimate belongs to a model; a --baseline asks none")
    }
    guard (cost.priceIn == nil) == (cost.priceOut == nil) else {
      throw ValidationError("--price-in and --price-out belong together")
    }
    guard quality.minWords >= 0, quality.minWords <= quality.maxWords else {
      throw ValidationError("--min-words must not be above --max-words, nor below 0")
    }
  }
}
