import ArgumentParser
import Commands
import MusicCaptioner

@main
struct CaptionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caption",
    abstract: "Describe music in words.",
    discussion: """
      Each AUDIO is a file (WAV, FLAC, Ogg, AIFF, MP3; with ffmpeg also M4A, WebM, WMA and others), a \
      folder of them, or - for standard input. Music is split into chunks of ten seconds, and each \
      chunk gets a caption.

      Exit codes: 0 done, 64 wrong usage, 65 bad data, 66 an input is missing, 74 the output can't \
      be written, 130 interrupted. A bad file doesn't stop the others.
      """)

  @Argument(help: "Audio files and folders; - is standard input.")
  var audio: [String]

  @Option(help: "A model folder, a .safetensors file, or an official LP-MusicCaps .pth file.")
  var model: String

  @Option(
    help: ArgumentHelp(
      "A folder with tokenizer.json, or vocab.json and merges.txt, if the model has none.",
      valueName: "dir"))
  var tokenizer: String?

  @Option(help: "text, json, jsonl, csv, srt or vtt.")
  var format = CaptionFormat.text

  @Option(
    help: ArgumentHelp(
      "The output file instead of standard output; a folder for subtitles of several files.",
      valueName: "file"))
  var output: String?

  @Flag(help: "Include subfolders.")
  var recursive = false

  @Flag(help: "Leave out a last chunk that is shorter than the others.")
  var dropPartial = false

  @OptionGroup(title: "Decoding (the defaults shown apply if the model has none of its own)")
  var decoding: DecodingArguments

  @OptionGroup(title: "Computing")
  var computing: ComputingArguments

  static func main() {
    CommandEntry.run { (command: Self) in command.job.run() }
  }

  private var job: CaptionJob {
    var job = CaptionJob(audio: audio, model: model)
    job.isRecursive = recursive
    job.tokenizer = tokenizer
    job.overrides =
      decoding.overrides
      + OptionOverride.given([
        ("batch_size", computing.batchSize), ("precision", computing.precision),
        ("drop_partial", dropPartial ? true : nil),
      ])
    job.threadCount = computing.threads
    job.format = format
    job.output = output
    return job
  }
}

extension CaptionFormat: ExpressibleByArgument {}
extension ComputePrecision: ExpressibleByArgument {}
