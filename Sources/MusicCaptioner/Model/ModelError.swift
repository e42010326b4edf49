import Foundation

/// Why a model can't be opened or built.
package struct ModelError: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
  package enum Reason: Equatable, Sendable {
    case notFound
    /// A folder without one of the files of a model folder.
    case missingFile(String)
    /// A `config.json` that isn't a JSON object; the parser's message.
    case malformedConfiguration(String)
    case invalidSetting(key: String, found: String, expected: String)
    /// No tokenizer beside the weights, and none given.
    case noTokenizer
    case vocabularyMismatch(model: Int, tokenizer: Int)
    case specialTokenMismatch(key: String, model: Int, tokenizer: Int)
    /// A copy of the shared embedding table that differs from it: another kind of model.
    case untiedEmbedding(String)
  }

  package let path: String
  package let reason: Reason

  init(_ reason: Reason, path: String) {
    self.path = path
    self.reason = reason
  }

  /// A `config.json` that can't be read or understood.
  init(malformedConfiguration error: FileError) {
    let line = error.line.map { "line \($0): " } ?? ""
    self.init(.malformedConfiguration(line + error.problem), path: error.path)
  }

  package var errorDescription: String? { description }

  package var description: String {
    let explanation =
      switch reason {
      case .notFound:
        "no such file or folder; expected a model folder, a .safetensors or a .pth file"
      case .missingFile(let name):
        "no \(name) in this folder; a model folder has config.json, model.safetensors and "
          + "tokenizer.json"
      case .malformedConfiguration(let problem):
        "not a model's config.json: \(problem)"
      case .invalidSetting(let key, let found, let expected):
        "\(key) is \(found), expected \(expected)"
      case .noTokenizer:
        "no tokenizer beside the weights; name a folder with tokenizer.json, or with vocab.json "
          + "and merges.txt (--tokenizer DIR)"
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
    return "\(path): \(explanation)"
  }
}
