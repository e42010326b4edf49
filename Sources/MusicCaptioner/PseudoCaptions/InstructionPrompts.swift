/// The wording of the instructions, which users can read and replace with a YAML or JSON file that
/// has any of these keys.
package struct InstructionPrompts: Options {
  /// One instruction, in one form for a single tag and one for several. `{tags}` is replaced by the
  /// tags.
  package struct Forms: Codable, Sendable, Equatable {
    package var oneTag: String
    package var severalTags: String
  }

  /// The system message before each conversation; empty for none.
  package var system = ""

  package var writing = Forms(
    oneTag: "Write a sentence that describes a song with the attribute below. "
      + "Answer with the sentence alone.\n\n{tags}",
    severalTags: "Write a sentence that describes a song with all of the attributes below. "
      + "Answer with the sentence alone.\n\n{tags}")

  package var summary = Forms(
    oneTag: "Sum up, in one sentence, a song that has the attribute below. Name no artist and no "
      + "album. Answer with the sentence alone.\n\n{tags}",
    severalTags: "Sum up, in one sentence, a song that has the attributes below. Name no artist "
      + "and no album. Answer with the sentence alone.\n\n{tags}")

  package var paraphrase = Forms(
    oneTag: "Write a sentence that describes a song with the attribute below. You are welcome to "
      + "say it in creative words of your own. Answer with the sentence alone.\n\n{tags}",
    severalTags: "Write a sentence that describes a song with all of the attributes below. You "
      + "are welcome to say them in creative words of your own. Answer with the sentence "
      + "alone.\n\n{tags}")

  package var attributePrediction = Forms(
    oneTag: "A song has the attribute below. Answer with a Python dictionary of two keys and "
      + "nothing else: 'new_attribute', a list of attributes that often go with this one, and "
      + "'description', a sentence that describes a song with the given and the new "
      + "attributes.\n\n{tags}",
    severalTags: "A song has the attributes below. Answer with a Python dictionary of two keys "
      + "and nothing else: 'new_attribute', a list of attributes that often go with these, and "
      + "'description', a sentence that describes a song with the given and the new "
      + "attributes.\n\n{tags}")

  package init() {}

  /// The place of the tags.
  static let placeholder = "{tags}"

  subscript(instruction: Instruction) -> Forms {
    switch instruction {
    case .writing: writing
    case .summary: summary
    case .paraphrase: paraphrase
    case .attributePrediction: attributePrediction
    }
  }

  /// The prompt for a track.
  ///
  /// - Parameter tags: One or more.
  func text(_ instruction: Instruction, tags: [String]) -> String {
    let forms = self[instruction]
    return (tags.count == 1 ? forms.oneTag : forms.severalTags)
      .replacing(Self.placeholder, with: tags.joined(separator: ", "))
  }

  package var problems: [OptionError] {
    Instruction.allCases.flatMap { instruction in
      let forms = self[instruction]
      return [("one_tag", forms.oneTag), ("several_tags", forms.severalTags)].filter { _, text in
        !text.contains(Self.placeholder)
      }.map { form, _ in
        OptionError(
          "\(instruction.rawValue).\(form)", found: "an instruction without \(Self.placeholder)",
          expected: "\(Self.placeholder) where the tags go")
      }
    }
  }
}
