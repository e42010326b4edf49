import Foundation

extension ModelBundle {
  /// The decoding options in the model's `config.json`; those that it doesn't name have their defaults.
  ///
  /// They stand there by Hugging Face's names, `num_beams` for ``DecodingOptions/beamWidth``, or in a section
  /// `generation` by the keys of a run's configuration; the section counts more.
  ///
  /// - Throws: `ModelError` where they can't be read or used.
  public func decodingOptions() throws(ModelError) -> DecodingOptions {
    var members = JSONObject()
    for (key, name) in ConfigurationMember.decodingNames {
      if let value = extras[name] { members.append(key, value) }
    }
    let section = ConfigurationMember.generation
    var options: DecodingOptions
    do throws(ConfigurationError) {
      options = try decoded(.object(members), over: nil, at: [])
    } catch {
      var error = error
      error.path = name(ofOption: error.path)
      throw ModelError(error, file: source)
    }
    do throws(ConfigurationError) {
      if let json = extras[section] {
        options = try decoded(
          json, over: ConfigurationNodeEncoder.node(for: options), at: [section])
      }
    } catch {
      throw ModelError(error, file: source)
    }
    if let problem = options.problems.first { throw decodingProblem(problem) }
    return options
  }

  private func decoded(
    _ json: JSONValue, over defaults: ConfigurationNode?, at path: [String]
  ) throws(ConfigurationError) -> DecodingOptions {
    try ConfigurationNodeDecoder.decode(
      DecodingOptions.self, ConfigurationNode(json), over: defaults, at: path, from: .json(source))
  }

  /// An error of the model's own decoding options, by the name that the option has in its `config.json`.
  package func decodingProblem(_ problem: OptionError) -> ModelError {
    ModelError(
      OptionError(
        place(ofOption: problem.key), found: problem.found, expected: problem.expected),
      file: source)
  }

  private func place(ofOption key: String) -> String {
    if extras[ConfigurationMember.generation]?[key] != nil {
      return dottedPath([ConfigurationMember.generation, key])
    }
    return name(ofOption: key)
  }

  /// As it stands outside of the section.
  private func name(ofOption key: String) -> String {
    ConfigurationMember.decodingNames.first { $0.key == key }?.name ?? key
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
    let json = try JSONWriter.value(options, keys: .convertToSnakeCase)
    extras[ConfigurationMember.generation] = nil
    for (key, name) in ConfigurationMember.decodingNames { extras[name] = json[key] }
    // Hugging Face's classes refuse whole numbers here.
    for (name, value) in [
      ("length_penalty", options.lengthPenalty), ("temperature", options.temperature),
      ("repetition_penalty", options.repetitionPenalty), ("top_p", options.topP),
    ] {
      extras[name] = JSONValue(value)
    }
  }
}
