import Testing

@testable import MusicCaptioner

@Suite struct CaptionFilterTests {
  private static let row = TagRow(
    number: 0,
    fields: [
      "artist_name": .text("The Blue Harbours"), "release": .text("Air"), "title": .text("Waltz"),
    ],
    tagColumn: "tag", tags: ["waltz", "energetic drums", "harps"])

  private func objection(
    _ caption: String, _ filters: Set<CaptionFilter> = Set(CaptionFilter.allCases),
    isCut: Bool = false
  ) -> CaptionFilter? {
    var options = CaptionFilterOptions()
    options.filters = filters
    let prompt = InstructionPrompts().text(.writing, tags: [])
    return options.objection(to: caption, row: Self.row, prompt: prompt, isCut: isCut)
  }

  @Test func eachFilterObjectsToItsOwnFault() {
    let faults: [(CaptionFilter, String)] = [
      (
        .promptEcho,
        "Write a sentence that describes a song with all of the attributes below: waltz, harp, drums."
      ),
      (.refusals, "I'm sorry, but as an AI language model I can't hear the waltz or its harp."),
      (.refusals, "I\u{2019}m sorry, a waltz with a harp and drums is beyond me."),
      (.names, "A waltz by the Blue Harbours with a harp and energetic drums."),
      (.names, "This waltz from Air has a harp and energetic drums."),
      (.language, "Ein langsamer Walzer mit harp und energetic drums klingt sehr ruhig."),
      (.language, "Вальс с арфой и барабанами"),
      (.length, "A waltz, harp."),
      (.length, "A waltz " + Array(repeating: "and a harp", count: 40).joined(separator: " ")),
      (.coverage, "A calm song with a piano and the sound of rain."),
    ]
    for (filter, caption) in faults {
      #expect(objection(caption) == filter, "\(caption)")
      #expect(objection(caption, [.duplicates]) == nil, "\(caption)")
    }
  }

  @Test func aGoodCaptionPasses() {
    for caption in [
      "This waltz is led by a harp, while drumming drives it on energetically.",
      "A waltz with a harp in the air.",
      "An energetic waltz for the harp, with drums that can't be ignored.",
    ] {
      #expect(objection(caption) == nil, "\(caption)")
    }
  }

  @Test func whatWasCutOffIsTooShort() {
    #expect(objection("A waltz with a harp and drums that", isCut: true) == .length)
  }

  @Test func tagsAreNoNames() {
    // The title of this one is a tag.
    #expect(objection("A lively Waltz with a harp and drums.", [.names]) == nil)
  }

  @Test func filtersAreNamed() throws {
    #expect(try CaptionFilterOptions.filters(named: "none").isEmpty)
    #expect(try CaptionFilterOptions.filters(named: "all").count == CaptionFilter.allCases.count)
    #expect(try CaptionFilterOptions.filters(named: "names, length") == [.names, .length])
    #expect(throws: OptionError.self) { try CaptionFilterOptions.filters(named: "nice") }
  }

  @Test func aSecondLikeIsADuplicateAndThoughtsAndQuotesAreTakenOff() {
    var options = PseudoCaptionOptions()
    options.filter.filters = [.duplicates]
    let processor = AnswerProcessor(options)
    func outcome(_ text: String) -> CaptionOutcome {
      processor.outcome(ChatAnswer(text: text), .writing, Self.row)
    }
    #expect(
      outcome("<think>A \"waltz\"?</think>\n\"A waltz,\nslow.\"")
        == .caption("A waltz, slow.", newAttributes: nil))
    #expect(outcome("A waltz: slow!") == .rejected(.duplicates, text: "A waltz: slow!"))
    #expect(
      outcome("\"Slow\" is a \"waltz\"") == .caption("\"Slow\" is a \"waltz\"", newAttributes: nil))
    #expect(outcome(" \n") == .unparsed(" \n", why: "no text"))
  }
}
