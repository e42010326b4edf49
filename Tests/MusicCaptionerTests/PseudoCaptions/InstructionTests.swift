import Testing

@testable import MusicCaptioner

@Suite struct InstructionTests {
  @Test func theFourInstructionsDifferAndFitOneTagOrSeveral() {
    let prompts = InstructionPrompts()
    var texts: Set<String> = []
    for instruction in Instruction.allCases {
      let one = prompts.text(instruction, tags: ["waltz"])
      let several = prompts.text(instruction, tags: ["waltz", "harp"])
      #expect(one.hasSuffix("waltz") && several.hasSuffix("waltz, harp"))
      #expect(!one.contains("{tags}") && one.contains("attribute below"))
      #expect(several.contains("attributes below"))
      texts.formUnion([one, several])
    }
    #expect(texts.count == 8)
    #expect(prompts.text(.summary, tags: ["a", "b"]).contains("no artist and no album"))
    #expect(prompts.text(.attributePrediction, tags: ["a"]).contains("'new_attribute'"))
  }

  @Test func columnsAreThoseOfTheOfficialData() {
    #expect(
      Instruction.allCases.map(\.column) == [
        "caption_writing", "caption_summary", "caption_paraphrase", "caption_attribute_prediction",
      ])
  }

  @Test func instructionsAreNamed() throws {
    #expect(try Instruction.named("summary") == [.summary])
    #expect(try Instruction.named("paraphrase, writing") == [.writing, .paraphrase])
    #expect(try Instruction.named("attribute-prediction") == [.attributePrediction])
    #expect(try Instruction.named("all") == Instruction.allCases)
    #expect(throws: OptionError.self) { try Instruction.named("poem") }
    #expect(throws: OptionError.self) { try Instruction.named("") }
  }

  @Test func aPromptNeedsAPlaceForTheTags() throws {
    var prompts = InstructionPrompts()
    try prompts.validate()
    prompts.paraphrase.oneTag = "Say something."
    #expect(
      throws: OptionError(
        "paraphrase.one_tag", found: "an instruction without {tags}",
        expected: "{tags} where the tags go")
    ) { try prompts.validate() }
  }

  @Test func baselinesSayTheTags() {
    #expect(TagBaseline.tagConcat.caption(["a", "b c"]) == "a, b c")
    #expect(TagBaseline.template.caption(["a", "b c"]) == "the music is characterized by a, b c")
  }

  @Test func tagsAreShuffledByTheirSeedTrackAndInstruction() {
    let tags = (0..<12).map { "tag \($0)" }
    let order = TagOrder(seed: 7)
    let first = order.arrange(tags, row: 3, instruction: .writing)
    #expect(first != tags && first.sorted() == tags.sorted())
    #expect(first == order.arrange(tags, row: 3, instruction: .writing))
    #expect(first != order.arrange(tags, row: 4, instruction: .writing))
    #expect(first != order.arrange(tags, row: 3, instruction: .summary))
    #expect(first != TagOrder(seed: 8).arrange(tags, row: 3, instruction: .writing))
    #expect(TagOrder(seed: nil).arrange(tags, row: 3, instruction: .writing) == tags)
  }
}
