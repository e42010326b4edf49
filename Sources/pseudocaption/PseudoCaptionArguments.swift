import ArgumentParser
import Commands
import MusicCaptioner

struct ChatArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "An OpenAI-compatible server. (default: OPENAI_BASE_URL, else OpenAI's)", valueName: "url"))
  var endpoint: String?

  @Option(help: "The model's name on the server.")
  var model: String?

  @Option(
    help: ArgumentHelp("Your own wording of the instructions, YAML or JSON.", valueName: "file"))
  var prompts: String?

  @Flag(help: "Print the wording of the instructions, as a file for --prompts.")
  var printPrompts = false

  @Option(help: "Requests in flight at a time. (default: 8)")
  var concurrency: Int?

  @Option(help: "The most requests per minute.")
  var requestsPerMinute: Int?

  @Option(help: "The most tokens per minute, prompts and answers together.")
  var tokensPerMinute: Int?

  @Option(help: "The most retries of a request. (default: 7)")
  var maxRetries: Int?

  @Option(
    help: """
      Seconds without data, after which a request fails; a whole answer may take five times as long. \
      (default: 120)
      """)
  var timeout: Double?

  @Option(help: "The sampling temperature. (default: the server's own)")
  var temperature: Double?

  @Option(help: "The longest answer, in tokens. (default: the server's own)")
  var maxTokens: Int?
}

struct CostArguments: ParsableArguments {
  @Flag(help: "Estimate the requests and tokens, ask nothing, and exit.")
  var estimate = false

  @Option(help: "The price of a million prompt tokens.")
  var priceIn: Double?

  @Option(help: "The price of a million answer tokens.")
  var priceOut: Double?
}

struct QualityArguments: ParsableArguments {
  @Option(
    help: """
      prompt-echo, names, refusals, language, duplicates, coverage, length, several separated by \
      commas, all or none. Rejected captions stay in the output, under "rejected".
      """)
  var filter = "none"

  @Option(help: "For the filter length, the fewest words of a caption. (default: 4)")
  var minWords: Int?

  @Option(help: "For the filter length, the most words of a caption. (default: 80)")
  var maxWords: Int?

  @Option(
    help: """
      For the filter coverage, the part of the tags that a caption must mention. (default: 0.5)
      """)
  var minCoverage: Double?

  /// The range of words in a caption that the filter length accepts.
  var words: ClosedRange<Int>? {
    let usual = CaptionFilterOptions().words
    let (least, most) = (minWords ?? usual.lowerBound, maxWords ?? usual.upperBound)
    return least <= most ? least...most : nil
  }
}

extension PseudoCaptionCommand {
  /// Checks options that need or exclude each other.
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
    guard quality.minWords ?? 0 >= 0, quality.words != nil else {
      throw ValidationError("--min-words must not be above --max-words, nor below 0")
    }
  }
}
