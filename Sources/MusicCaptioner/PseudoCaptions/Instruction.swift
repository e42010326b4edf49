/// The instruction to a language model for turning a track's tags into a caption: the four tasks of
/// LP-MusicCaps (arXiv 2307.16372, section 3.1).
public enum Instruction: String, CaseIterable, Codable, Sendable {
  /// A sentence that describes a song with these tags.
  case writing
  /// One sentence that summarizes the song, without names.
  case summary
  /// Like writing, but worded more freely.
  case paraphrase
  /// Tags that are likely to go with these, and a sentence with all of them.
  case attributePrediction = "attribute_prediction"

  /// The caption's column in the official data sets.
  var column: String { "caption_\(rawValue)" }

  /// The usual number of tokens in an answer: sentences take 30 to 60, dictionaries 60 to 120.
  var usualAnswerTokens: Int { self == .attributePrediction ? 90 : 45 }

  /// The column for the tags that `attributePrediction` adds.
  static let newAttributesColumn = "pseudo_attribute"
}

extension Instruction {
  /// The instructions named on a command line or in a configuration.
  ///
  /// - Parameter words: Names separated by commas; `all` stands for all four.
  /// - Returns: Each one once, in the order of the official columns.
  /// - Throws: `OptionError` for an unknown name, or if there is none.
  public static func named(_ words: String) throws(OptionError) -> [Instruction] {
    var chosen: Set<Instruction> = []
    for word in words.split(separator: ",") {
      let name = word.trimmingASCIIWhitespace().replacing("-", with: "_")
      if name == "all" {
        chosen.formUnion(allCases)
      } else if let instruction = Instruction(rawValue: name) {
        chosen.insert(instruction)
      } else {
        throw OptionError("instructions", found: "\"\(name)\"", expected: optionWords)
      }
    }
    guard !chosen.isEmpty else {
      throw OptionError("instructions", found: "nothing", expected: optionWords)
    }
    return allCases.filter(chosen.contains)
  }

  private static let optionWords =
    allCases.map(\.rawValue).joined(separator: ", ") + " or all"
}
