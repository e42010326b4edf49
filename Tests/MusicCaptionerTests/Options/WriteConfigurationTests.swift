import Foundation
import Testing

@testable import MusicCaptioner

struct WriteConfigurationTests {
  @Test func theFileIsCompleteOrderedAndReadable() throws {
    var options = SampleOptions()
    options.training.learningRate = 1e-5
    options.data.train.append(.init(manifest: "b c.json", format: .lpMusicCaps))
    options.data.mean = [0.1, -40]
    options.labels = ["z": 1, "a b": 2, "no": 3]
    #expect(
      try ConfigurationFile.yaml(options) == """
        model:
          layer_count: 6
          head_count: 12
          dropout: 0.1
          precision: float32
        training:
          learning_rate: 1.0e-05
          step_count: 1000
          seed: 0
          small: 1
          gradient_clip: 1.0
          tag_loss: null
          is_dry_run: false
          note: ""
        data:
          train:
            - manifest: default.jsonl
              format: manifest
              audio: null
              split: null
              captions: [writing]
              sampling: uniform
            - manifest: b c.json
              format: lp-musiccaps
              audio: null
              split: null
              captions: [writing]
              sampling: uniform
          validation: []
          clips: []
          mean: [0.1, -40.0]
        initialize: null
        labels:
          a b: 2
          "no": 3
          z: 1

        """)
  }

  @Test func whatIsWrittenReadsBackEqual() throws {
    var options = SampleOptions()
    options.model = .init(layerCount: -3, headCount: .max, dropout: .leastNonzeroMagnitude)
    options.training.learningRate = .greatestFiniteMagnitude
    options.training.seed = .max
    options.training.tagLoss = .init(weight: 0.1 + 0.2, tagCount: .min)
    options.training.gradientClip = nil
    options.data.train = []
    options.data.clips = [.init(path: "- a", startSeconds: 1e300)]
    options.data.mean = (0..<60).map { 1 / Float($0 + 3) }
    options.labels = ["base": 0, "": 1, "a: b": 2, "<<": 3, "*x": 4, "hipHop": 5, "1": 6]
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "config.yaml")
      try ConfigurationFile.write(options, to: url)
      #expect(try ConfigurationFile<SampleOptions>(contentsOf: url).value == options)
    }
  }

  @Test func anyTextSurvives() throws {
    let texts = [
      "", " ", "a ", " a", "null", "~", "Yes", "n", "1", "1e-4", "0x1F", "1:30", "2020-01-01",
      "a: b", "a #b", "#", "-", "- a", "[a", "{", "*a", "&a", "!a", "%a", "@", "`", "'", "\"", "\\",
      "a\nb", "\n", "\r\n", "\t", "\0", "\u{85}", "\u{2028}", "a\u{FEFF}", "é", "e\u{301}", "🎵",
      "\u{E000}", "../a b/c.json", "./x", ".", "...", "---", "/tmp", "a,b", "=", "<<", "_", ".5",
      "\u{10FFFF}", "\u{FFFE}", "\u{1F}", "true ", "TRUE", "a/b-c+d",
      String(repeating: "x ", count: 300),
    ]
    for text in texts {
      var options = SampleOptions()
      options.training.note = text
      options.data.train[0].captions = [text, text]
      options.initialize = text
      let yaml = try ConfigurationFile.yaml(options)
      #expect(try readSample(yaml) == options, "\(text.debugDescription)")
    }
  }

  @Test(arguments: ["\u{FEFF}a", "a\u{10FFFD}"])
  func textThatWouldNotComeBackIsRefused(_ text: String) {
    var options = SampleOptions()
    options.initialize = text
    #expect(throws: ConfigurationError.self) { try ConfigurationFile.yaml(options) }
  }

  @Test func numbersThatAreNotFiniteAreRefused() {
    var options = SampleOptions()
    options.training.learningRate = .nan
    #expect(
      throws: ConfigurationError(
        OptionError("training.learning_rate", found: "nan", expected: "a finite number"))
    ) { try ConfigurationFile.yaml(options) }
  }

  @Test func otherContainersReadBackToo() throws {
    struct Wrapped: Options {
      var matrix: [[Int]] = [[1, 2], []]
      var holes: [Int?] = [1, nil]
      var optionals: [SampleTraining.TagLoss?] = [nil, .init()]
      var sections: [String: SampleTraining.TagLoss] = ["a": .init()]
      var maps: [[String: [Int]]] = [["a": [1]], [:]]
      var set: Set<Int> = [3]
    }
    var value = Wrapped()
    #expect(try ConfigurationFile(yaml: "{}", default: value).value == value)
    value.holes = [nil, 2]
    value.matrix = [[], [[5]][0]]
    value.sections["b"] = .init(weight: 9)
    let yaml = try ConfigurationFile.yaml(value)
    #expect(try ConfigurationFile(yaml: yaml, default: Wrapped()).value == value, "\(yaml)")
    let partial = "sections: {b: {weight: 9}}\noptionals: [{tag_count: 1}]"
    let read = try ConfigurationFile(yaml: partial, default: Wrapped()).value
    #expect(read.sections["b"] == .init(weight: 9))
    #expect(read.optionals == [.init(tagCount: 1)])
    #expect(throws: ConfigurationError.self) {
      try ConfigurationFile(yaml: "optionals: [{tag_cout: 1}]", default: Wrapped())
    }
  }
}
