import ArgumentParser
import Commands
import MusicCaptioner

/// The model and the clips to caption, if there are no predictions yet.
struct ModelArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Captions a split with this model and scores that. Needs --config.", valueName: "path"))
  var model: String?

  @Option(
    help: ArgumentHelp("The training configuration that names the data.", valueName: "file"))
  var config: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Overrides one setting; may be repeated.", valueName: "key.path=value"))
  var set: [String] = []

  @Option(help: ArgumentHelp("The split to caption. (default: test)", valueName: "name"))
  var split: String?

  @Option(
    name: .customLong("predictions"),
    help: ArgumentHelp(
      "The file for the captions; the same command continues after them. "
        + "(default: predictions-SPLIT.json)", valueName: "file"))
  var predictionsFile: String?

  /// The source of the captions to score: a file, or a model.
  ///
  /// - Throws: `ValidationError` if there is neither, or both.
  func source(predictions: String?) throws -> EvaluationJob.Source {
    switch (predictions, try captioner()) {
    case (let file?, nil): return .file(file)
    case (nil, let captioner?): return .model(captioner)
    case (nil, nil):
      throw ValidationError("expected a file of predictions, or --model and --config")
    case (_?, _?):
      throw ValidationError("expected a file of predictions or --model, not both")
    }
  }

  /// Nil if no model is given.
  ///
  /// - Throws: `ValidationError` if one option lacks another that it needs.
  private func captioner() throws -> DatasetCaptioner? {
    guard let model else {
      let others = [config, split, predictionsFile].compactMap { $0 } + set
      if !others.isEmpty {
        throw ValidationError("--config, --set, --split and --predictions need --model")
      }
      return nil
    }
    guard let config else { throw ValidationError("--model needs --config") }
    let name = split ?? "test"
    var captioner = DatasetCaptioner(
      model: model, configuration: config,
      predictions: predictionsFile ?? "predictions-\(name).json")
    captioner.overrides = set
    captioner.split = name
    return captioner
  }
}
