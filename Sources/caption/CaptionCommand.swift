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

      --output-dir DIR --format all writes all formats, as Whisper does: DIR/song.txt, song.json, song.srt and \
      so on.

      Exit codes: 0 done, 64 wrong usage, 65 bad data, 66 an input is missing, 74 the output can't \
      be written, 130 interrupted. A bad file doesn't stop the others.
      """,
    version: CommandEntry.version(of: "caption"))

  @Argument(help: "Audio files and folders; - is standard input.")
  var audio: [String]

  @OptionGroup(title: "Model and output")
  var files: FileArguments

  @OptionGroup(title: "Songs")
  var songs: SongArguments

  @OptionGroup(title: "Decoding (the defaults shown apply if the model has none of its own)")
  var decoding: DecodingArguments

  @OptionGroup(title: "Computing")
  var computing: ComputingArguments

  static func main() {
    CommandEntry.run { (command: Self) in command.job.run() }
  }

  private var job: CaptionJob {
    var job = CaptionJob(audio: audio, model: files.model)
    job.isRecursive = files.recursive
    job.tokenizer = files.tokenizer
    job.overrides =
      decoding.overrides
      + OptionOverride.given([
        ("batch_size", computing.batchSize), ("precision", computing.precision),
        ("drop_partial", files.dropPartial ? true : nil),
      ])
    job.threadCount = computing.threads
    // Only lines can be continued.
    let isLines = files.resume && files.outputDir == nil
    job.formats = files.format?.formats ?? [isLines ? .jsonl : .text]
    job.describesSongs = songs.song || songs.sidecar != nil
    job.isConsistent = songs.consistent
    job.sidecar = songs.sidecar
    job.prefix = songs.prefix
    job.overwrites = songs.overwrite
    job.resumes = files.resume
    job.output = files.output
    job.outputFolder = files.outputDir
    return job
  }
}

extension ComputePrecision: ExpressibleByArgument {}
