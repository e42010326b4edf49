import Foundation
import Testing

@testable import MusicCaptioner

struct ConfigurationErrorTests {
  @Test(arguments: [
    (
      "model:\n  layr_count: 4",
      "configuration line 2: model.layr_count: unknown key \"layr_count\"; "
        + "did you mean \"layer_count\"?"
    ),
    (
      "model: {layerCount: 4}",
      "configuration line 1: model.layerCount: unknown key \"layerCount\"; "
        + "did you mean \"layer_count\"?"
    ),
    (
      "model:\n\n  zzz: 4",
      "configuration line 3: model.zzz: unknown key \"zzz\"; "
        + "the keys here are layer_count, head_count, dropout, precision"
    ),
    (
      "optimiser: {}\n",
      "configuration line 1: optimiser: unknown key \"optimiser\"; "
        + "the keys here are model, training, data, initialize, labels"
    ),
    (
      "data:\n  train:\n    - manifest: a\n    - manfest: b",
      "configuration line 4: data.train.1.manfest: unknown key \"manfest\"; "
        + "did you mean \"manifest\"?"
    ),
    (
      "training:\n  learning_rate: abc",
      "configuration line 2: training.learning_rate: expected a number, found \"abc\""
    ),
    (
      "training:\n  learning_rate: \"1\"",
      "configuration line 2: training.learning_rate: expected a number, found the text \"1\""
    ),
    (
      "training: {step_count: 4.5}",
      "configuration line 1: training.step_count: expected a whole number, found 4.5"
    ),
    (
      "training: {small: 300}",
      "configuration line 1: training.small: expected a whole number from -128 to 127, found 300"
    ),
    (
      "training: {seed: -1}",
      "configuration line 1: training.seed: expected a whole number from 0 to "
        + "18446744073709551615, found -1"
    ),
    (
      "training: {learning_rate: .nan}",
      "configuration line 1: training.learning_rate: expected a finite number, found \".nan\""
    ),
    (
      "training: {learning_rate: -.inf}",
      "configuration line 1: training.learning_rate: expected a finite number, found \"-.inf\""
    ),
    (
      "training: {is_dry_run: 1}",
      "configuration line 1: training.is_dry_run: expected true or false, found 1"
    ),
    (
      "training: {step_count: }",
      "configuration line 1: training.step_count: expected a whole number, found nothing (null)"
    ),
    (
      "model: {precision: float23}",
      "configuration line 1: model.precision: expected one of float32, bfloat16, int8, "
        + "found \"float23\"; did you mean \"float32\"?"
    ),
    (
      "model: {precision: [int8]}",
      "configuration line 1: model.precision: expected text, found a list"
    ),
    (
      "model: [1]", "configuration line 1: model: expected a mapping of keys, found a list"
    ),
    (
      "data:\n  train: {manifest: a}",
      "configuration line 2: data.train: expected a list, "
        + "found a mapping (\"manifest\": …)"
    ),
    (
      "data: {train: }",
      "configuration line 1: data.train: expected a list, found nothing (null)"
    ),
    (
      "data:\n  clips:\n    - path: a",
      "configuration line 3: data.clips.0: the key \"start_seconds\" is needed "
        + "and has no default; add it"
    ),
    (
      "data:\n  clips:\n    - path: a\n      start_second: 1",
      "configuration line 4: data.clips.0.start_second: unknown key \"start_second\"; "
        + "did you mean \"start_seconds\"?"
    ),
    ("", "is empty; write the keys to set, or {} for all the defaults"),
    ("# nothing\n\n", "is empty; write the keys to set, or {} for all the defaults"),
    ("model", "configuration line 1: expected a mapping of keys, found \"model\""),
    (
      "model: {}\n\nmodel: {}\n",
      "configuration line 1: the key \"model\" is given more than once; keep one of them"
    ),
    (
      "model:\n  ? [a]\n  : 1", "configuration line 2: a key must be a plain word"
    ),
    (
      "initialize: *base",
      "configuration line 1: \"*base\" names no anchor above it; quote it if it is text"
    ),
    (
      "initialize: !!binary aGk=",
      "configuration line 1: the tag \"tag:yaml.org,2002:binary\" has no use here; leave it out"
    ),
  ])
  func mistakesAreNamedWithTheirPlace(yaml: String, expected: String) {
    #expect(sampleComplaint(yaml) == expected)
  }

  @Test(arguments: [
    ("model.layer_count", "expected key.path=value, such as model.layer_count=4"),
    ("model..x=1", "expected key.path=value with no empty key"),
    ("=1", "expected key.path=value with no empty key"),
    ("model.layr_count=1", "model.layr_count: unknown key \"layr_count\"; did you mean"),
    ("model.layer_count=x", "model.layer_count: expected a whole number, found \"x\""),
    ("model.layer_count.x=1", "model.layer_count: expected a whole number, found a mapping"),
    ("initialize.x=1", "initialize: is \"here\" and has no key \"x\""),
    ("data.train.3.split=a", "data.train: \"3\" is no index of this list, which takes 0 to 1"),
    ("data.train.-1.split=a", "data.train: \"-1\" is no index of this list"),
    ("data.train.99999999999999999999=a", "is no index of this list"),
    ("data.mean=[1", "is not YAML"),
    ("data.mean=*x", "names no anchor above it"),
  ])
  func mistakesInOverridesNameTheOverride(override: String, expected: String) {
    let message = sampleComplaint("initialize: here", override)
    #expect(message.hasPrefix("override \(override): "), "\(message)")
    #expect(message.contains(expected), "\(message)")
  }

  @Test func numbersThatNoTypeHoldsAreOutOfRange() {
    for yaml in [
      "training: {learning_rate: 1e400}", "training: {learning_rate: 1e-400}",
      "model: {dropout: 1e39}",
    ] {
      #expect(sampleComplaint(yaml).contains("expected a number whose size"))
    }
    for count in ["1e300", "9223372036854775808", "-1e19"] {
      let message = sampleComplaint("training: {step_count: \(count)}")
      #expect(message.contains("expected a whole number from"))
    }
    let digits = String(repeating: "9", count: 5_000)
    #expect(sampleComplaint("training: {step_count: \(digits)}").count < 200)
  }

  @Test func filesThatCannotBeReadSayWhy() throws {
    try withTemporaryFolder { folder in
      func failure(_ name: String, _ bytes: [UInt8]?) throws -> ConfigurationError? {
        let url = folder.appending(path: name)
        if let bytes { try Data(bytes).write(to: url) }
        do {
          _ = try ConfigurationFile<SampleOptions>(contentsOf: url)
          return nil
        } catch { return error }
      }
      for (name, words) in [("absent.yaml", "no such file"), ("", "can't be read: it is a folder")]
      {
        let error = try failure(name, nil)
        #expect(error?.description.hasSuffix(": \(words); expected a configuration") == true)
      }
      let latin = try failure("latin.yaml", Array("a: 1\nb: ".utf8) + [0xE9, 0x0A])
      #expect(latin?.reason == .syntax("is not UTF-8 text"))
      #expect(latin?.place == .line(2))
      let utf16 = try failure("utf16.yaml", [0xFF, 0xFE, 0x61, 0x00])
      #expect(utf16?.place == .line(1))
      let big = try failure("big.yaml", Array(repeating: 0x23, count: 300_000))
      #expect(big?.reason == .tooLarge(limit: "256 KiB"))
      let absent = folder.appending(path: "no/such/folder.yaml")
      #expect(throws: ConfigurationError.self) {
        try ConfigurationFile.write(SampleOptions(), to: absent)
      }
    }
  }

  @Test func nearestNamesAreNearAndNothingElseIs() {
    let keys = ["id", "layer_count", "learning_rate", "split"]
    #expect(nearestName(to: "LayerCount", among: keys) == "layer_count")
    #expect(nearestName(to: "learn_rate", among: keys) == "learning_rate")
    #expect(nearestName(to: "spilt", among: keys) == "split")
    #expect(nearestName(to: "lr", among: keys) == nil)
    #expect(nearestName(to: "", among: keys) == nil)
    #expect(nearestName(to: String(repeating: "x", count: 10_000), among: keys) == nil)
    #expect(editDistance(Array("kitten"), Array("sitting")) == 3)
    #expect(editDistance(Array("ab"), Array("ba")) == 1)
  }
}
