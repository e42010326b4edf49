import Foundation
import Testing

@testable import MusicCaptioner

struct HostileConfigurationTests {
  @Test func aliasBombsAreRefusedBeforeTheyGrow() {
    var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...20 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      yaml += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(sampleComplaint(yaml).contains("at most 50000 values"))
    // As keys, which a parser that expands them would hash.
    yaml = "a0: &a0 [x, x]\n"
    for level in 1...60 { yaml += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    for use in ["? *a60\n: 1", "{*a60, x}: 1", "b: {*a60 : 1}", "b: {[*a60, *a60]: 1}"] {
      let message = sampleComplaint(yaml + use + "\n")
      #expect(message.contains("at most") || message.contains("a key must be"), "\(message)")
    }
    // A chain of aliases nests deeper at each link.
    yaml = "a0: &a0 [x]\n"
    for level in 1...80 { yaml += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(sampleComplaint(yaml).contains("at most 64 levels of nesting"))
    #expect(sampleComplaint("a: &a [*a]\n").contains("names no anchor above it"))
  }

  @Test(arguments: ["[", "{a: ", "- ", "? "])
  func deepNestingIsRefused(_ opening: String) {
    for depth in [100, 900, 20_000] {
      let message = sampleComplaint("a:\n  " + String(repeating: opening, count: depth))
      let words = ["level", "is not YAML", "a key must be a plain word"]
      #expect(words.contains { message.contains($0) }, "\(message)")
      #expect(!message.contains("\n"))
    }
  }

  @Test(arguments: [
    "model:\n\tlayer_count: 1", "model: [", "model: {layer_count: 1", "model: \"abc", "- a\nb: 1",
    "a: b: c", "%YAML 9.9\n---\na: 1", "a: 1\n---\nb: 2", "a: \0", "a: \u{7}", "&", "a: &x", "*",
    "a: *", "a: @b", "a: `b", "? ", ": ", "---\n...\n", "a: |\n\t x", "!!", "a: !<", "\u{10FFFD}",
    "a: \"\\U0010FFFD\"", "a: \"\\uD800\"", "<<: 3", "<<: [3]", "a: !!float 3", "\"\": 1",
    "a: 'x", "model: !!str {a: 1}", "[]: 1", "{}: 1", "a: *a:", "{a}", "{,}", "[,]", "%", "...",
  ])
  func brokenTextIsOneLineOfComplaint(_ yaml: String) {
    let message = sampleComplaint(yaml)
    #expect(message != "no error")
    #expect(!message.contains { $0.isNewline }, "\(message)")
    #expect(message.count < 400)
  }

  @Test func tabsAreNamed() {
    let message = sampleComplaint("model:\n\tlayer_count: 1")
    #expect(message.hasPrefix("configuration line 2: is not YAML"), "\(message)")
    #expect(message.contains("spaces, not tabs"), "\(message)")
  }

  @Test func everyTruncationOfAGoodFileIsReadOrRefused() throws {
    var options = SampleOptions()
    options.training.note = "two\nlines"
    options.data.train[0].audio = "é: #"
    let yaml = try ConfigurationFile.yaml(options)
    for length in 0...yaml.utf8.count {
      let data = Data(yaml.utf8.prefix(length))
      guard let text = String(validating: data, as: UTF8.self) else { continue }
      #expect(!sampleComplaint(text).contains { $0.isNewline })
    }
  }

  @Test func randomBytesNeverTrap() {
    let seed: UInt64 = 0x5EED
    var state = seed
    let alphabet = Array("{}[]:,-?&*!|>'\"%@` \n\ta1e.#<~_=\\u".unicodeScalars)
    for _ in 0..<1_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<24 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      let message = sampleComplaint(String(text))
      #expect(!message.contains { $0.isNewline }, "seed \(seed): \(String(text).debugDescription)")
      _ = sampleComplaint("{}", "data.mean=" + String(text))
      _ = sampleComplaint("{}", String(text))
    }
  }

  @Test func aFileFullOfKeysIsRead() {
    let many = (0..<20_000).map { "k\($0): 1" }.joined(separator: "\n  ")
    #expect(sampleComplaint("labels:\n  " + many) == "no error")
    #expect(sampleComplaint("model:\n  " + many).contains("unknown key \"k0\""))
  }

  @Test func nestedKeysAreRefused() {
    // Keys that hold mappings whose keys hold mappings: each level is hashed again by the next.
    let leaves = Array(repeating: "x", count: 60_000).joined(separator: ",")
    for (opening, closing) in [("{? ", "}"), ("{[", "]}"), ("? ", "")] {
      let yaml =
        "a:\n  " + String(repeating: opening, count: 900) + "[" + leaves + "]"
        + String(repeating: closing, count: 900)
      #expect(sampleComplaint(yaml).contains("at most 64 levels of nesting"))
    }
  }
}
