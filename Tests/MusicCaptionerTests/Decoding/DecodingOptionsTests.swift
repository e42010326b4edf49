import Foundation
import Testing

@testable import MusicCaptioner

struct DecodingOptionsTests {
  private func read(_ json: String) throws -> DecodingOptions {
    let json = try JSONReader.document(Array(json.utf8), name: "config.json", dialect: .strict)
    return try ConfigurationNodeDecoder.decode(
      DecodingOptions.self, ConfigurationNode(json), from: .json("config.json"))
  }

  @Test func absentKeysKeepTheirDefaults() throws {
    var expected = DecodingOptions()
    #expect(try read("{}") == expected)
    expected.topK = 7
    expected.noRepeatNgramSize = 0
    expected.earlyStopping = false
    #expect(
      try read(#"{"top_k": 7, "no_repeat_ngram_size": 0, "early_stopping": false}"#) == expected)
  }

  @Test func everyOptionSurvivesWritingAndReading() throws {
    var options = DecodingOptions()
    options.beamWidth = 3
    options.maximumLength = 64
    options.minimumLength = 4
    options.lengthPenalty = 0.1
    options.noRepeatNgramSize = 2
    options.repetitionPenalty = 1.3
    options.best = 2
    options.earlyStopping = false
    options.sampling = true
    options.temperature = 0.7
    options.topK = 5
    options.topP = 0.95
    options.seed = .max
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let json = try encoder.encode(options)
    #expect(try read(String(decoding: json, as: UTF8.self)) == options)
    let keys = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any]).keys
    #expect(keys.count == Mirror(reflecting: options).children.count)
  }

  @Test func defaultsAreValid() { #expect(DecodingOptions().problems.isEmpty) }

  private static let wrong: [(String, @Sendable (inout DecodingOptions) -> Void)] = [
    ("beam_width", { $0.beamWidth = 0 }),
    ("beam_width", { $0.beamWidth = .max }),
    ("maximum_length", { $0.maximumLength = 1 }),
    ("maximum_length", { $0.maximumLength = .max }),
    ("minimum_length", { $0.minimumLength = -1 }),
    ("minimum_length", { $0.minimumLength = 129 }),
    ("length_penalty", { $0.lengthPenalty = .nan }),
    ("no_repeat_ngram_size", { $0.noRepeatNgramSize = -1 }),
    ("repetition_penalty", { $0.repetitionPenalty = 0 }),
    ("repetition_penalty", { $0.repetitionPenalty = 1e300 }),
    ("best", { $0.best = 6 }),
    ("best", { $0.best = 0 }),
    ("temperature", { $0.temperature = 0 }),
    ("temperature", { $0.temperature = 1e-300 }),
    ("top_k", { $0.topK = -1 }),
    ("top_p", { $0.topP = 0 }),
    ("top_p", { $0.topP = 1.01 }),
  ]

  @Test func whatMakesNoSenseIsNamedWithWhatWasFoundAndExpected() throws {
    let model = try TinyBart().model
    for (key, change) in Self.wrong {
      var options = DecodingOptions()
      change(&options)
      #expect(options.problems.map(\.key) == [key])
      let error = #expect(throws: OptionError.self) { try DecodingTask(model, options) }
      #expect(error?.key == key)
    }
  }

  @Test func moreSamplesThanBeamsAreFine() {
    var options = DecodingOptions()
    options.best = 20
    #expect(options.problems.map(\.key) == ["best"])
    options.sampling = true
    #expect(options.problems.isEmpty)
  }

  @Test func moreTokensThanTheModelHasPositionsAreAnError() throws {
    let model = try TinyBart().model
    var options = DecodingOptions()
    options.maximumLength = 41
    _ = try DecodingTask(model, options)
    options.maximumLength = 42
    let error = #expect(throws: OptionError.self) { try DecodingTask(model, options) }
    #expect(
      error?.description == """
        maximum_length: found 42; expected at most 41, the model's max_position_embeddings and \
        an end token
        """)
  }

  @Test func aModelKeepsItsOptions() throws {
    let tokenizer = try Tokenizer(contentsOf: Fixtures.url("tokenizer"))
    var configuration = ModelConfiguration()
    configuration.vocabularySize = tokenizer.vocabularySize
    var bundle = try ModelBundle(
      withoutValues: configuration, audio: AudioFeatureOptions(), tokenizer: tokenizer)
    #expect(try bundle.decodingOptions() == DecodingOptions())
    var options = DecodingOptions()
    options.beamWidth = 2
    try bundle.setDecodingOptions(options)
    #expect(try bundle.decodingOptions() == options)
    bundle.extras["generation"] = .object(["top_p": .number("3")])
    let error = #expect(throws: ModelError.self) { try bundle.decodingOptions() }
    #expect(
      error?.description
        == "model: generation.top_p is 3.0, expected a probability above 0, at most 1")
    bundle.extras["generation"] = .object(["top_p": .text("x")])
    #expect(throws: ModelError.self) { try bundle.decodingOptions() }
  }
}
