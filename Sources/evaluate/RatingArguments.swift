import ArgumentParser
import Commands
import MusicCaptioner

/// Options for having people compare two systems.
struct RatingArguments: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Two files of predictions: makes a page where people choose the better captions.",
      valueName: "file"))
  var ratingPage: [String] = []

  @Option(help: ArgumentHelp("For a page, the folder with the clips' audio.", valueName: "dir"))
  var audio: String?

  @Option(help: ArgumentHelp("For a page, the clips to draw. (default: all)", valueName: "n"))
  var sample: Int?

  @Flag(help: "The page links to the audio files instead of containing them.")
  var linkAudio = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files that raters exported: reports preference and agreement.", valueName: "file"))
  var ratings: [String] = []

  @Option(
    help: ArgumentHelp(
      "With ratings, the preference minus one half to report a sample size for, such as 0.05.",
      valueName: "number"))
  var difference: Double?

  /// Whether any of these options is used.
  var isUsed: Bool { !ratingPage.isEmpty || !ratings.isEmpty }

  func validate() throws {
    if !ratingPage.isEmpty, !ratings.isEmpty {
      throw ValidationError("--rating-page and --ratings are two steps; name one")
    }
    if ratingPage.isEmpty, audio != nil || sample != nil || linkAudio {
      throw ValidationError("--audio, --sample and --link-audio belong to --rating-page")
    }
    if ratings.isEmpty, difference != nil {
      throw ValidationError("--difference belongs to --ratings")
    }
  }

  /// Runs the job that these options ask for; nil if they ask for none.
  func run(bootstrap: Int?, seed: UInt64, output: String?) -> ExitStatus? {
    if !ratingPage.isEmpty {
      var job = RatingPageJob(predictions: ratingPage)
      job.audio = audio
      job.sample = sample
      job.linksAudio = linkAudio
      job.seed = seed
      job.output = output
      return job.run()
    }
    guard !ratings.isEmpty else { return nil }
    var job = RatingsJob(files: ratings)
    job.difference = difference
    job.bootstrap = bootstrap
    job.seed = seed
    job.output = output
    return job.run()
  }
}
