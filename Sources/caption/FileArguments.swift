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

  @Option(help: "The captions' format. \"all\" writes every format and needs --output-dir.")
  var format = FormatChoice.one(.text)

  @Option(
    help: ArgumentHelp("One file for all captions, instead of standard output.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write one file per audio file into this folder, keeping subfolders.",
      valueName: "dir"))
  var outputDir: String?

  @Flag(help: "Include subfolders.")
  var recursive = false

  @Flag(help: "Leave out a last chunk that is shorter than the others.")
  var dropPartial = false
}

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

  var defaultValueDescription: String {
    if case .one(let format) = self { format.rawValue } else { "all" }
  }

  var formats: [CaptionFormat] {
    if case .one(let format) = self { [format] } else { CaptionFormat.allCases }
  }
}
