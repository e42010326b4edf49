import Foundation

/// Why a model can't be opened or built.
public struct ModelError: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
  package enum Reason: Equatable, Sendable {
    /// There is no such file, or a `config.json` can't be read or understood.
    case file(FileError)
    /// A folder without one of the files of a model folder.
    case incompleteFolder(missing: String)
    /// The folder of a run that has no model yet; the path of its newest checkpoint.
    case unfinishedRun(checkpoint: String?)
    /// A `config.json` with a value of the wrong type; what is wrong.
    case malformedConfiguration(String)
    /// A setting with a value that can't be used.
    case invalidSetting(OptionError)
    /// Neither beside the weights nor given.
    case noTokenizer
    case vocabularyMismatch(model: Int, tokenizer: Int)
    case specialTokenMismatch(key: String, model: Int, tokenizer: Int)
    /// The folder to write to has files that aren't a model's; the name of one.
    case foreignFolder(example: String)
    /// The model and one clip need more memory than there is.
    case tooLarge(bytes: Double, limit: Double)
    /// Log-mels or token ids that the model can't take.
    case input(found: String, expected: String)
    /// A copy of the shared embedding table that differs from it: another kind of model.
    case untiedEmbedding(String)
  }

  public let file: String
  package let reason: Reason

  package init(_ reason: Reason, file: String) {
    self.file = file
    self.reason = reason
  }

  init(_ error: FileError) { self.init(.file(error), file: error.file) }

  /// A setting of the model that can't be used.
  package init(_ problem: OptionError, file: String) {
    self.init(.invalidSetting(problem), file: file)
  }

  /// A `config.json` with a value of the wrong type.
  init(_ error: ConfigurationError, file: String) {
    self.init(.malformedConfiguration(error.words), file: file)
  }

  public var errorDescription: String? { description }

  public var description: String {
    let explanation =
      switch reason {
      case .file(let error):
        (error.line.map { "line \($0): " } ?? "") + error.problem
      case .incompleteFolder(let name):
        "no \(name) in this folder; a model folder has config.json, model.safetensors and "
          + "tokenizer.json"
      case .unfinishedRun(let checkpoint):
        "the folder of a run without a best or final model; "
          + (checkpoint.map { "expected a model, such as its newest checkpoint, \($0)" }
            ?? "it has no checkpoint either")
      case .foreignFolder(let example):
        "holds \"\(example)\", which is no part of a model and would be removed; choose another folder"
      case .tooLarge(let bytes, let limit):
        "with these sizes a clip needs at least \(gigabytes(bytes)) GB of memory, and this machine has "
          + "\(gigabytes(limit)) GB; expected smaller sizes"
      case .input(let found, let expected):
        "found \(found); expected \(expected)"
      case .malformedConfiguration(let problem):
        problem
      case .invalidSetting(let option):
        "\(option.key) is \(option.found), expected \(option.expected)"
      case .noTokenizer:
        "no tokenizer beside the weights; expected tokenizer.json, or vocab.json and merges.txt"
      case .vocabularyMismatch(let model, let tokenizer):
        "the model knows \(model) tokens, its tokenizer \(tokenizer); give the tokenizer that the "
          + "model was trained with"
      case .specialTokenMismatch(let key, let model, let tokenizer):
        "\(key) is \(model), but \(tokenizer) in the tokenizer; give the tokenizer that the model "
          + "was trained with"
      case .untiedEmbedding(let key):
        "\(key) differs from bart.model.shared.weight, but the model has one table for both; "
          + "expected a checkpoint with tied embeddings"
      }
    return "\(file): \(explanation)"
  }
}

private func gigabytes(_ bytes: Double) -> String {
  let tenths = (bytes / 1e8).rounded() / 10
  return tenths < 100 ? "\(tenths)" : "\(Int(min(tenths, 1e15)))"
}
