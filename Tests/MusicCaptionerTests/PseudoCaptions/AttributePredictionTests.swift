import Testing

@testable import MusicCaptioner

@Suite struct AttributePredictionTests {
  private static let whole = AttributePrediction(
    newAttributes: ["warm", "piano"], description: "A calm song, warm and slow.")

  private static let forms: [(String, String)] = [
    (
      "Python", "{'new_attribute': ['warm', 'piano'], 'description': 'A calm song, warm and slow.'}"
    ),
    (
      "JSON", #"{"new_attribute": ["warm", "piano"], "description": "A calm song, warm and slow."}"#
    ),
    (
      "mixed quotes",
      #"{'new_attribute': ["warm", 'piano'], "description": 'A calm song, warm and slow.'}"#
    ),
    (
      "a fence",
      "```python\n{'new_attribute': ['warm', 'piano'],\n 'description': 'A calm song, warm and slow.'}\n```"
    ),
    (
      "trailing commas",
      "{'new_attribute': ['warm', 'piano',], 'description': 'A calm song, warm and slow.',}"
    ),
    (
      "prose around",
      """
      Sure! Here is {one} dictionary:

      { "new_attribute": ["warm", "piano"],
        "description": "A calm song, warm and slow." }

      Let me know {if} you want another.
      """
    ),
    (
      "an assignment",
      "result = {'new_attribute': ['warm', 'piano'], 'description': 'A calm song, warm and slow.'}"
    ),
    (
      "no quotes at keys",
      "{new_attribute: ['warm', 'piano'], description: 'A calm song, warm and slow.'}"
    ),
    (
      "a text for the list",
      "{'new_attribute': 'warm, piano', 'description': 'A calm song, warm and slow.'}"
    ),
    (
      "a tuple",
      "{'new_attribute': ('warm', 'piano'), 'description': ('A calm song, ' 'warm and slow.')}"
    ),
    ("a set", "{'new_attribute': {'warm', 'piano'}, 'description': 'A calm song, warm and slow.'}"),
    (
      "other names",
      "{'New Attributes': ['warm', 'piano'], 'Description': 'A calm song, warm and slow.'}"
    ),
    (
      "typographic quotes",
      "{“new_attribute”: [“warm”, ‘piano’], “description”: “A calm song, warm and slow.”}"
    ),
    (
      "no closing brace",
      "{'new_attribute': ['warm', 'piano'], 'description': 'A calm song, warm and slow.'"
    ),
    (
      "the other order",
      "{'description': 'A calm song, warm and slow.', 'new_attribute': ['warm', 'piano']}"
    ),
    (
      "a forgotten comma",
      "{'new_attribute': ['warm', 'piano']\n'description': 'A calm song, warm and slow.'}"
    ),
    ("lines", "new_attribute: ['warm', 'piano']\ndescription: A calm song, warm and slow."),
    ("bare lines", "New attributes: warm, piano\n\nDescription: \"A calm song, warm and slow.\""),
    ("Markdown", "**new_attribute**: warm, piano\n**description**: A calm song, warm and slow."),
    (
      "Python's assignments",
      "new_attribute = ['warm', 'piano']\ndescription = 'A calm song, warm and slow.'"
    ),
    (
      "a broken line",
      "{'new_attribute': ['warm', 'piano'], 'description': 'A calm song,\nwarm and slow.'}"
    ),
    (
      "three quotes",
      #"{'new_attribute': ['warm', 'piano'], 'description': """A calm song, warm and slow."""}"#
    ),
    (
      "an unfinished try first",
      "{'new_attribute': ['warm']} or better {'new_attribute': ['warm', 'piano'], 'description': 'A calm song, warm and slow.'}"
    ),
  ]

  @Test func everyFormThatModelsReturnIsRead() {
    for (name, answer) in Self.forms {
      #expect(AttributePrediction(parsing: answer) == Self.whole, "\(name): \(answer)")
    }
  }

  @Test func apostrophesThatNobodyEscapedStayInTheSentence() {
    let answer =
      "{'new_attribute': ['rock 'n' roll', 'singer's voice'], 'description': 'It's a singer's song, the band's best.'}"
    let found = AttributePrediction(parsing: answer)
    #expect(found?.newAttributes == ["rock 'n' roll", "singer's voice"])
    #expect(found?.description == "It's a singer's song, the band's best.")
  }

  @Test func escapesAreUndone() {
    let answer =
      #"{"new_attribute": ["caf\u00e9 \ud83c\udfb5"], "description": "It\'s \"good\"\nand loud."}"#
    let found = AttributePrediction(parsing: answer)
    #expect(found?.newAttributes == ["café 🎵"])
    #expect(found?.description == "It's \"good\" and loud.")
  }

  @Test func whatHasNoWholeDescriptionIsNotRead() {
    for answer in [
      "", "I can't do that.", "{}", "{'new_attribute': ['warm']}", "{'description': ''}",
      "{'new_attribute': ['warm'], 'description': 'A calm song, wa", "{'description': ['a', 'b']}",
      "{{{{{{", "'", "{'", "{'a':", "new_attribute", "new_attribute:", "{\"description\": null}",
      String(repeating: "{'a':", count: 10_000), String(repeating: "[", count: 10_000),
      "{'new_attribute':" + String(repeating: "[", count: 10_000),
    ] {
      #expect(AttributePrediction(parsing: answer) == nil, "\(answer.prefix(60))")
    }
  }

  /// Texts whose parts could be read again and again: exponentially or quadratically often.
  private static let entangled = [
    String(repeating: "{\"a\":\n", count: 15) + "\"" + String(repeating: "x", count: 20_000),
    "new\n" + String(repeating: "\"a\n", count: 20_000),
    String(repeating: "{'", count: 20_000), String(repeating: "{'a',{", count: 10_000),
    "{'description': 'a" + String(repeating: "'" + String(repeating: " ", count: 300), count: 200),
    String(repeating: "new_attribute: '", count: 4_000),
  ]

  @Test(arguments: entangled.indices) func entangledAnswersAreGivenUpSoon(index: Int) {
    #expect(AttributePrediction(parsing: Self.entangled[index]) == nil)
  }

  @Test(
    .enabled(if: SharedData.has("faults/attack")),
    arguments: ["answer-exponential-20k.txt", "answer-quadratic.txt"])
  func answersThatTookHalfAMinuteAreGivenUp(name: String) throws {
    let answer = try String(contentsOf: SharedData.url("faults/attack/\(name)"), encoding: .utf8)
    #expect(AttributePrediction(parsing: answer) == nil)
  }

  /// What comes before the answer may be long.
  @Test func manyBracesBeforeTheAnswerDoNotHideIt() {
    let reasoning = String(repeating: "Maybe {piano} or {'new_attribute': [...]}?\n", count: 200)
    let found = AttributePrediction(parsing: reasoning + Self.forms[0].1)
    #expect(found?.description == Self.whole.description)
  }

  @Test func aDescriptionAloneIsEnough() {
    let found = AttributePrediction(parsing: "{'description': 'A song.', 'new_attribute': None}")
    #expect(found == AttributePrediction(newAttributes: [], description: "A song."))
  }

  /// Cuts, doublings and swaps of real answers: anything may come back, but nothing may trap.
  @Test func damagedAnswersDoNotTrap() {
    let seed: UInt64 = 5
    var random = RandomSource(seed: seed, stream: "damage")
    for (_, answer) in Self.forms {
      for _ in 0..<40 {
        var characters = Array(answer.unicodeScalars)
        for _ in 0...random.integer(below: 4) where !characters.isEmpty {
          let index = random.integer(below: characters.count)
          switch random.integer(below: 3) {
          case 0: characters.remove(at: index)
          case 1: characters.insert(characters[random.integer(below: characters.count)], at: index)
          default: characters = Array(characters[..<index])
          }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: characters)
        _ = AttributePrediction(parsing: String(text))
      }
    }
  }
}
