import Testing

@testable import MusicCaptioner

@Suite struct OptionsFromJSONTests {
  private struct Sizes: Decodable, Equatable {
    enum Kind: String, Decodable, CaseIterable { case one, two }
    struct Part: Decodable, Equatable {
      var hopLength = 0
      var mean: [Float]?
    }
    var layerCount: Int
    var dropout: Float
    var isOn: Bool?
    var kind: Kind?
    var part: Part?
  }

  private func decode(_ text: String) throws -> Sizes {
    let json = try JSONReader.document(Array(text.utf8), name: "c.json")
    return try ConfigurationNodeDecoder.decode(
      Sizes.self, ConfigurationNode(json), from: .json("c.json"))
  }

  @Test func membersAreFoundByTheirNamesAndOthersLeftAlone() throws {
    let found = try decode(
      #"{"layer_count": 6.0, "dropout": 1e-1, "kind": "two", "x": [{}], "part": {"hop_length": 3, "mean": [1, 2.5]}}"#
    )
    #expect(
      found
        == Sizes(
          layerCount: 6, dropout: 0.1, kind: .two, part: .init(hopLength: 3, mean: [1, 2.5])))
  }

  @Test func nullIsAsGoodAsAbsent() throws {
    let found = try decode(
      #"{"layer_count": 6, "dropout": 0, "is_on": null, "kind": null, "part": null}"#)
    #expect(found == Sizes(layerCount: 6, dropout: 0))
  }

  @Test(arguments: [
    ("[]", "expected an object, found an empty list"),
    ("{}", "the key \"layer_count\" is needed and has no default; add it"),
    (#"{"layer_count": null}"#, "the key \"layer_count\" is needed and has no default; add it"),
    (#"{"layer_count": "6"}"#, "layer_count: expected a whole number, found the text \"6\""),
    (#"{"layer_count": 6.5}"#, "layer_count: expected a whole number, found 6.5"),
    (#"{"layer_count": 1e99}"#, "layer_count: expected a whole number from -"),
    (#"{"layer_count": 6, "dropout": 1e999}"#, "dropout: expected a number whose size is within"),
    (#"{"layer_count": 6, "dropout": {}}"#, "dropout: expected a number, found an empty mapping"),
    (
      #"{"layer_count": 6, "dropout": 0, "kind": "three"}"#,
      "kind: expected one of one, two, found \"three\""
    ),
    (
      #"{"layer_count": 6, "dropout": 0, "part": {"hop_length": 1, "mean": [1, "x"]}}"#,
      "part.mean.1: expected a number, found \"x\""
    ),
    (#"{"layer_count": 6, "dropout": 0, "is_on": 1}"#, "is_on: expected true or false, found 1"),
  ])
  func whatIsWrongIsSaidWithItsPlace(text: String, words: String) {
    let error = #expect(throws: ConfigurationError.self) { try decode(text) }
    #expect(error?.description.hasPrefix("c.json: \(words)") == true, "\(error as Any)")
  }
}
