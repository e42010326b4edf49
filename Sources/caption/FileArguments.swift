import ArgumentParser
import Commands
import MusicCaptioner

struct FileArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A model folder, a run's folder (for its best model), a .safetensors file, or an official LP-MusicCaps .pth file.
      """, valueName: "path"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "A folder with tokenizer.json, or vocab.json and merges.txt, if the model has none.",
      valueName: "dir"))
  var tokenizer: String?

  @Option(
    help:
      "The captions' format. \"all\" writes every format and needs --output-dir. (default: text)")
  var format: FormatChoice?

  @Option(
    help: ArgumentHelp("One file for all captions, instead of standard output.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write one file per audio file into this folder, keeping subfolders.",
      valueName: "dir"))
  var outputDir: String?

  @Flag(help: "Continue --output, a file of JSON Lines, or --output-dir: skip what is done.")
  var resume = false

  @Flag(help: "Include subfolders.")
  var recursive = false

  @Flag(help: "Leave out a last chunk that is shorter than the others.")
  var dropPartial = false
}

/// Descriptions of whole songs.
struct SongArguments: ParsableArguments {
  @Flag(
    help: """
      Describe each file as a whole: one caption, tags, tempo, key, meter and loudness.
      """)
  var song = false

  @Flag(
    inversion: .prefixedNo,
    help: """
      Don't write "slow", "fast", "major", "minor" or "waltz" where it contradicts the measured tempo, key or meter. \
      (default with --song)
      """)
  var consistent: Bool?

  @Option(
    help: """
      Write each file's description beside it, or under --output-dir, for another tool.
      """)
  var sidecar: Sidecar?

  @Option(help: ArgumentHelp("Begin each caption in sidecars with this.", valueName: "words"))
  var prefix: String?

  @Flag(help: "Replace existing sidecars, which are skipped otherwise.")
  var overwrite = false
}

extension Sidecar: ExpressibleByArgument {}

/// The formats to write.
enum FormatChoice: ExpressibleByArgument {
  case one(CaptionFormat)
  case all

  init?(argument: String) {
    if argument == "all" {
      self = .all
    } else if let format = CaptionFormat(rawValue: argument) {
      self = .one(format)
    } else {
      return nil
    }
  }

  static var allValueStrings: [String] { CaptionFormat.allCases.map(\.rawValue) + ["all"] }

  var formats: [CaptionFormat] {
    if case .one(let format) = self { [format] } else { CaptionFormat.allCases }
  }
}
