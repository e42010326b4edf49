import ArgumentParser
import Commands
import MusicCaptioner

@main
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model that describes music in words.",
    discussion: """
      All settings are in a YAML file; Configs/ has some to start from. --set overrides a setting: \
      --set training.batch_size=32 --set model.encoder_layers=3.

      Exit codes: 0 done, 64 wrong usage, 65 bad data or a bad configuration, 66 an input is \
      missing, 74 the output can't be written, 130 interrupted (a checkpoint is saved first).
      """,
    version: CommandEntry.version(of: "train"))

  @Option(help: ArgumentHelp("The configuration, a YAML file.", valueName: "file"))
  var config: String

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Override one setting; may be repeated.", valueName: "key.path=value"))
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "The run folder. (default: the configuration's name in runs/)", valueName: "dir"))
  var output: String?

  @Flag(help: "Resume the run in the folder from its newest intact checkpoint.")
  var resume = false

  @Option(help: "The number of threads. (default: the number of processors)")
  var threads: Int?

  @Flag(help: "Show the complete configuration, sizes and first captions, then exit.")
  var dryRun = false

  static func main() {
    CommandEntry.run { (command: Self) in command.job.run() }
  }

  private var job: TrainingJob {
    var job = TrainingJob(configuration: config)
    job.overrides = set
    job.output = output
    job.resumes = resume
    job.threadCount = threads
    job.isDryRun = dryRun
    return job
  }
}
