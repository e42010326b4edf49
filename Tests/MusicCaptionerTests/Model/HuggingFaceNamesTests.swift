import Foundation
import Testing

@testable import MusicCaptioner

/// What Hugging Face's classes find in a folder that we wrote, and what we find in theirs.
/// `Scripts/check-hugging-face.py` runs those classes.
@Suite struct HuggingFaceNamesTests {
  /// A model folder whose `config.json` has other members: null removes one.
  private func withFolder<Result>(
    _ members: [String: JSONValue] = [:], _ body: (URL, JSONObject) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      let model = folder.appending(path: "model")
      try TinyModel.bundle().write(to: model)
      let file = model.appending(path: "config.json")
      guard case .object(var json) = try JSONReader.document(of: file) else {
        throw CocoaError(.fileReadCorruptFile)
      }
      let written = json
      for (key, value) in members { json[key] = value == .null ? nil : value }
      try Data(json.line.utf8).write(to: file)
      return try body(model, written)
    }
  }

  private func options(_ members: [String: JSONValue]) throws -> DecodingOptions {
    try withFolder(members) { folder, _ in try ModelBundle(contentsOf: folder).decodingOptions() }
  }

  private func problem(_ members: [String: JSONValue]) -> String {
    do {
      _ = try options(members)
      return ""
    } catch {
      return "\(error)".components(separatedBy: "config.json: ").last ?? ""
    }
  }

  @Test func whatIsWrittenHasTheirNames() throws {
    try withFolder { folder, json in
      let expected: [(String, JSONValue)] = [
        ("model_type", .text("bart")), ("num_beams", JSONValue(5)), ("max_length", JSONValue(12)),
        ("min_length", JSONValue(2)), ("no_repeat_ngram_size", JSONValue(3)),
        ("early_stopping", .truth(true)), ("do_sample", .truth(false)),
        ("num_return_sequences", JSONValue(1)), ("forced_bos_token_id", JSONValue(0)),
        ("forced_eos_token_id", JSONValue(2)), ("decoder_start_token_id", JSONValue(2)),
        ("is_encoder_decoder", .truth(true)), ("activation_function", .text("gelu")),
        ("architectures", JSONValue(["BartForConditionalGeneration"])),
        // Whole numbers are refused here.
        ("length_penalty", .number("1.0")), ("repetition_penalty", .number("1.0")),
        ("temperature", .number("1.0")), ("top_p", .number("1.0")),
      ]
      for (key, value) in expected { #expect(json[key] == value, "\(key)") }
      #expect(json["generation"] == nil && json["beam_width"] == nil)

      let weights = try CheckpointFile.read(folder.appending(path: "model.safetensors"))
      #expect(weights.metadata == ["format": "pt"])
      let tokenizer = try JSONReader.document(of: folder.appending(path: "tokenizer_config.json"))
      #expect(tokenizer["tokenizer_class"] == .text("BartTokenizer"))
      #expect(tokenizer["pad_token"] == .text("<pad>"))
      #expect(tokenizer["mask_token"]?["lstrip"] == .truth(true))
    }
  }

  /// `BartTokenizer` reads these two, and so do we where there is nothing else.
  @Test func vocabularyAndMergesAreTheSameTokenizer() throws {
    try withFolder { folder, _ in
      let whole = try Tokenizer(contentsOf: folder)
      try FileManager.default.removeItem(at: folder.appending(path: "tokenizer.json"))
      let parts = try Tokenizer(contentsOf: folder)
      for text in ["A slow piano melody.", "<mask> x", "Ünïcödé 音楽", ""] {
        #expect(parts.encode(text) == whole.encode(text))
      }
      #expect(parts.vocabularySize == whole.vocabularySize)
    }
  }

  @Test func aNormalizerNeedsTokenizerJSON() throws {
    try withFolder { folder, _ in
      let file = folder.appending(path: "tokenizer.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data(text.replacing(#""normalizer": null"#, with: #""normalizer": {"type": "NFC"}"#).utf8)
        .write(to: file)
      let other = folder.deletingLastPathComponent().appending(path: "other")
      try ModelBundle(contentsOf: folder).write(to: other)
      let names = Set(try FileManager.default.contentsOfDirectory(atPath: other.path))
      #expect(names.isDisjoint(with: ["vocab.json", "merges.txt"]))
      let json = try JSONReader.document(of: other.appending(path: "tokenizer_config.json"))
      #expect(json["tokenizer_class"] == .text("PreTrainedTokenizerFast"))
      let tokenizer = try Tokenizer(contentsOf: other)
      #expect(tokenizer.encode("e\u{301}") == tokenizer.encode("\u{e9}"))
    }
  }

  @Test func normsInFrontAreMBART() throws {
    try withTemporaryFolder { folder in
      var configuration = try TinyModel.bundle().model.configuration
      configuration.normalizesBefore = true
      let given = try TinyModel.bundle()
      let bundle = try ModelBundle(
        untrained: configuration, audio: given.audio, tokenizer: given.tokenizer)
      try bundle.write(to: folder.appending(path: "m"))
      let json = try JSONReader.document(of: folder.appending(path: "m/config.json"))
      #expect(json["model_type"] == .text("mbart"))
    }
  }

  @Test func theirNamesAreRead() throws {
    let found = try options([
      "num_beams": JSONValue(3), "max_length": JSONValue(40), "length_penalty": JSONValue(2),
      "no_repeat_ngram_size": JSONValue(0), "early_stopping": .truth(false), "top_k": .null,
    ])
    var expected = DecodingOptions()
    expected.beamWidth = 3
    expected.maximumLength = 40
    expected.lengthPenalty = 2
    expected.noRepeatNgramSize = 0
    expected.earlyStopping = false
    #expect(found == expected)
    let section = try options([
      "num_beams": JSONValue(3), "generation": .object(["beam_width": JSONValue(4)]),
    ])
    #expect(section.beamWidth == 4 && section.maximumLength == 12)
  }

  @Test func problemsNameTheMember() {
    #expect(
      problem(["num_beams": JSONValue(0)]) == "num_beams is 0, expected a number from 1 to 1000")
    #expect(
      problem(["num_beams": .text("x")]) == "num_beams: expected a whole number, found \"x\"")
    #expect(
      problem(["num_beams": .text("x"), "generation": .object(["beam_width": JSONValue(4)])])
        == "num_beams: expected a whole number, found \"x\"")
    #expect(
      problem(["min_length": JSONValue(50)])
        == "min_length is 50, expected a number from 0 to maximum_length (12)")
    #expect(
      problem(["generation": .object(["beam_width": JSONValue(0)])])
        == "generation.beam_width is 0, expected a number from 1 to 1000")
  }

  @Test(arguments: [
    ("activation_function", JSONValue.text("relu"), "is \"relu\", expected \"gelu\""),
    ("forced_bos_token_id", JSONValue(7), "is 7, expected 0"),
    ("forced_eos_token_id", JSONValue(7), "is 7, expected 2"),
    ("num_beam_groups", JSONValue(2), "is 2, expected 1"),
    ("bad_words_ids", .list([JSONValue([1])]), "is a list, expected an empty list"),
  ])
  func whatMakesOtherCaptionsThereIsRefused(key: String, value: JSONValue, words: String) {
    #expect(problem([key: value]) == "\(key) \(words)")
    #expect(problem([key: .null]) == "")
  }

  /// A `config.json` without audio features is of an official checkpoint, and the official code gives the
  /// width of the beam itself.
  @Test func anOfficialConfigurationSaysNoMoreThanInTheOfficialCode() throws {
    let expected = DecodingOptions()
    let json: JSONValue = .object([
      "num_beams": JSONValue(4), "max_length": JSONValue(20), "no_repeat_ngram_size": JSONValue(2),
    ])
    let official = ConfigurationMember.extras(of: json, isOfficial: true)
    #expect(Array(official.keys) == ["no_repeat_ngram_size"])
    #expect(ConfigurationMember.extras(of: json, isOfficial: false).count == 3)
    guard SharedData.has("parity/tiny-a") else { return }
    #expect(try ParityFixture.bundle("model.safetensors").decodingOptions() == expected)
  }
}
