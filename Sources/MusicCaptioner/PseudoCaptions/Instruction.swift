/// What a language model is asked to make of a track's tags: the four tasks of LP-MusicCaps
/// (arXiv 2307.16372, section 3.1).
package enum Instruction: String, CaseIterable, Codable, Sendable {
  /// A sentence that describes a song with these tags.
  case writing
  /// One sentence that sums the song up, without names.
  case summary
  /// As writing, but freer in its words.
  case paraphrase
  /// Tags that may well go with these, and a sentence with all of them.
  case attributePrediction = "attribute_prediction"

  /// The column of the official data sets that holds the caption.
  var column: String { "caption_\(rawValue)" }

  /// Tokens that an answer usually has: sentences of this kind take 30 to 60, dictionaries 60 to 120.
  var usualAnswerTokens: Int { self == .attributePrediction ? 90 : 45 }

  /// The column that holds the tags that `attributePrediction` adds.
  static let newAttributesColumn = "pseudo_attribute"
}

extension Instruction {
  /// The instructions that the words of a command line or a configuration name.
  ///
  /// - Parameter words: Names between commas; `all` stands for all four.
  /// - Returns: Each once, in the order of the official columns.
  /// - Throws: `OptionError` for an unknown name, or none.
  package static func named(_ words: String) throws(OptionError) -> [Instruction] {
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
