import ArgumentParser
import Commands
import MusicCaptioner

/// Options to have people compare two systems.
struct RatingArguments: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Two files of predictions: makes a page on which people choose the better captions.",
      valueName: "file"))
  var ratingPage: [String] = []

  @Option(help: ArgumentHelp("For a page, the folder with the clips' audio.", valueName: "dir"))
  var audio: String?

  @Option(help: ArgumentHelp("For a page, how many clips to draw. (default: all)", valueName: "n"))
  var sample: Int?

  @Flag(help: "The page loads the audio from its files instead of holding it.")
  var linkAudio = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What raters exported from a page: reports preference and agreement.", valueName: "file"))
  var ratings: [String] = []

  @Option(
    help: ArgumentHelp(
      "With ratings, a preference above one half to give the sample size for, such as 0.05.",
      valueName: "number"))
  var difference: Double?

  /// Whether people are to be asked, or have been.
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

  /// Does what these options ask for; nil where they ask for nothing.
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
