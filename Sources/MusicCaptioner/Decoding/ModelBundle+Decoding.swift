import Foundation

extension ModelBundle {
  private static let section = "generation"

  /// The decoding options in the model's `config.json`; those that it doesn't name have their defaults.
  ///
  /// - Throws: `ModelError` where they can't be read or used.
  public func decodingOptions() throws(ModelError) -> DecodingOptions {
    guard let json = extras[Self.section] else { return DecodingOptions() }
    let options: DecodingOptions
    do throws(ConfigurationError) {
      options = try ConfigurationNodeDecoder.decode(
        DecodingOptions.self, ConfigurationNode(json), at: [Self.section], from: .json(source))
    } catch {
      throw ModelError(error, file: source)
    }
    if let problem = options.problems.first {
      throw ModelError(problem.within(Self.section), file: source)
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
  public mutating func setDecodingOptions(_ options: DecodingOptions) throws {
    extras[Self.section] = try JSONWriter.value(options, keys: .convertToSnakeCase)
  }
}
