import Foundation

extension ModelBundle {
  private static let section = "generation"

  /// The decoding options in the model's `config.json`; those that it doesn't name have their defaults.
  ///
  /// - Throws: `ModelError` where they can't be read or are invalid.
  package func decodingOptions(source: String = "config.json") throws(ModelError) -> DecodingOptions
  {
    guard let json = extras[Self.section] else { return DecodingOptions() }
    let options: DecodingOptions
    do throws(FileError) {
      options = try JSONValueDecoder.decode(
        DecodingOptions.self, from: json, at: [Self.section], file: source, keys: .snakeCase)
    } catch {
      throw ModelError(malformedConfiguration: error)
    }
    if let (key, found, expected) = options.problems.first {
      throw ModelError(
        .invalidSetting(key: "\(Self.section).\(key)", found: found, expected: expected),
        path: source)
    }
    return options
  }

  /// A hypothesis as text, its spaces cleaned up as the official code's tokenizer does.
  func text(of hypothesis: Hypothesis) -> String {
    Tokenizer.cleanUp(tokenizer.decode(hypothesis.tokens))
  }

  /// The best caption of a clip; empty if there is none.
  package func text(of result: DecodingResult) -> String { result.best.map(text) ?? "" }

  /// Stores decoding options with the model.
  ///
  /// - Precondition: The options are valid.
  package mutating func setDecodingOptions(_ options: DecodingOptions) throws {
    extras[Self.section] = try JSONWriter.value(options, keys: .convertToSnakeCase)
  }
}
