import ArgumentParser
import Commands
import MusicCaptioner

@main
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score captions against references.",
    discussion: """
      PREDICTIONS is a JSON array of {"prediction", "ground_truth"}, an object of {"predictions", \
      "true_captions", "audio_id"}, or JSON Lines, CSV, TSV or Parquet with prediction or caption, \
      and reference or references. With --model and --config, the clips of a split are captioned first. The output \
      is JSON with the keys of the official results.

      Exit codes: 0 done, 64 wrong usage, 65 bad data, 66 an input is missing, 74 the output can't \
      be written, 130 interrupted (captions are kept).
      """,
    version: CommandEntry.version(of: "evaluate"))

  @Argument(help: "A file of predicted captions.")
  var predictions: String?

  @OptionGroup var modelArguments: ModelArguments

  @Option(help: ArgumentHelp("References, if PREDICTIONS has none.", valueName: "file"))
  var references: String?

  @Option(
    help: ArgumentHelp(
      "The system's training captions: a table with them, or one caption a line.",
      valueName: "file")
  )
  var trainCaptions: String?

  @OptionGroup var metricArguments: MetricArguments

  @Option(
    help: ArgumentHelp("Adds a 95 % interval to each score, from N samples.", valueName: "n"))
  var bootstrap: Int?

  @Option(help: "The same seed gives the same intervals and pages.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Predictions of another system: adds differences, intervals and p-values.",
      valueName: "other"))
  var against: String?

  @Option(help: ArgumentHelp("Writes each caption's scores as CSV.", valueName: "file"))
  var perCaption: String?

  @Option(help: ArgumentHelp("The output file instead of standard output.", valueName: "file"))
  var output: String?

  @Option(help: "The number of threads. (default: the number of processors)")
  var threads: Int?

  @OptionGroup(title: "Asking people")
  var people: RatingArguments

  func validate() throws {
    guard people.isUsed else {
      _ = try modelArguments.source(predictions: predictions)
      return
    }
    if predictions != nil {
      throw ValidationError("--rating-page and --ratings name their files themselves")
    }
    let scoring: [(String, Bool)] = [
      ("--references", references != nil), ("--train-captions", trainCaptions != nil),
      ("--against", against != nil), ("--per-caption", perCaption != nil),
      ("--model", modelArguments.model != nil), ("--metrics", metricArguments.metrics != nil),
    ]
    if let (name, _) = scoring.first(where: \.1) {
      throw ValidationError("\(name) belongs to scoring, not to --rating-page and --ratings")
    }
  }

  static func main() {
    CommandEntry.run { (command: Self) in try command.run() }
  }

  private func run() throws -> ExitStatus {
    try people.run(bootstrap: bootstrap, seed: seed, output: output) ?? job().run()
  }

  private func job() throws -> EvaluationJob {
    var job = EvaluationJob(try modelArguments.source(predictions: predictions))
    job.references = references
    job.trainingCaptions = trainCaptions
    job.metrics = try metricArguments.metrics.map(CaptionMetric.named)
    job.bertModel = metricArguments.bertModel
    job.bertLayer = metricArguments.bertLayer
    job.bertIDF = metricArguments.bertIdf
    job.wordNet = metricArguments.wordnet
    job.against = against
    job.bootstrap = bootstrap
    job.seed = seed
    job.perCaption = perCaption
    job.output = output
    job.threadCount = threads
    return job
  }
}
