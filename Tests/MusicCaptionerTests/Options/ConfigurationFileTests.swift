import Foundation
import Testing

@testable import MusicCaptioner

struct ConfigurationFileTests {
  @Test func absentKeysKeepTheirDefaults() throws {
    #expect(try readSample("{}") == SampleOptions())
    let options = try readSample("model:\n  layer_count: 2\n")
    #expect(options.model.layerCount == 2)
    #expect(options.model.headCount == 12)
  }

  @Test func defaultsMayDifferFromTheTypesOwn() throws {
    var defaults = SampleOptions()
    defaults.model.headCount = 3
    defaults.training.tagLoss = .init(weight: 2, tagCount: 7)
    let yaml = "model: {layer_count: 1}\ntraining: {tag_loss: {weight: 3}}"
    let options = try ConfigurationFile(yaml: yaml, default: defaults).value
    #expect(options.model.headCount == 3)
    #expect(options.training.tagLoss == .init(weight: 3, tagCount: 7))
  }

  @Test func theDatasetsOfTheContractAreRead() throws {
    let options = try readSample(
      """
      data:
        train:
          - manifest: ../shared/data/synthetic-music/manifest.jsonl   # or .json, .csv
            format: manifest            # manifest | lp-musiccaps | musiccaps
            audio: ../shared/data/synthetic-music
            split: train
            captions: [writing, summary, paraphrase, attribute_prediction]
            sampling: balanced          # a tag uniformly, then a track that has it
          - manifest: b.json
            format: lp-musiccaps
        validation: []
      model: {precision: bfloat16}
      initialize: model.pth
      """)
    #expect(options.data.train.count == 2)
    #expect(options.data.train[0].sampling == .balanced)
    #expect(options.data.train[0].captions.last == "attribute_prediction")
    #expect(
      options.data.train[1] == SampleData.Source(manifest: "b.json", format: .lpMusicCaps))
    #expect(options.model.precision == .bfloat16)
    #expect(options.initialize == "model.pth")
  }

  @Test func listsReplaceAndMappingsMerge() throws {
    let options = try readSample("data: {train: [{manifest: x}]}\nlabels: {more: 2}")
    #expect(options.data.train == [SampleData.Source(manifest: "x")])
    #expect(options.labels == ["base": 1, "more": 2])
  }

  @Test func nullIsNilForOptionsAndDefaultsForSections() throws {
    let options = try readSample("training: {gradient_clip: null, tag_loss: {weight: 1}}\nmodel:\n")
    #expect(options.training.gradientClip == nil)
    #expect(options.training.tagLoss == .init(weight: 1, tagCount: 50))
    #expect(options.model == .init())
    #expect(try readSample("training: {gradient_clip: ~}").training.gradientClip == nil)
  }

  @Test func keysOfDictionariesAreKeptAsWritten() throws {
    #expect(try readSample("labels: {hipHop: 3, \"a b\": 4}").labels["hipHop"] == 3)
  }

  @Test(arguments: [
    ("layerCount", "layer_count"), ("topP", "top_p"), ("beta1", "beta1"), ("train", "train"),
    ("useFFTPlan", "use_fft_plan"), ("sampleURL", "sample_url"), ("layer_count", "layer_count"),
    ("int8", "int8"), ("noRepeatNGram", "no_repeat_n_gram"), ("Width", "width"), ("", ""),
  ])
  func propertiesBecomeSnakeCaseKeys(property: String, key: String) {
    #expect(configurationKey(forProperty: property) == key)
  }

  @Test(arguments: [
    ("1e-4", 1e-4), ("1E+2", 100), ("-2.5", -2.5), (".5", 0.5), ("3.", 3), ("6", 6),
    ("1_000.5", 1000.5), ("0", 0), ("-0.0", 0), ("0e999", 0), ("010", 10),
    ("5e-324", .leastNonzeroMagnitude),
  ])
  func numbersAreWhatAPersonTakesForOne(text: String, value: Double) throws {
    #expect(try readSample("training: {learning_rate: \(text)}").training.learningRate == value)
  }

  @Test(arguments: [("1e6", 1_000_000), ("2_000", 2000), ("4.0", 4), ("+7", 7), ("-3", -3)])
  func wholeNumbersMayBeWrittenWithExponents(text: String, value: Int) throws {
    #expect(try readSample("training: {step_count: \(text)}").training.stepCount == value)
  }

  @Test func theWholeRangeOfSeedsIsExact() throws {
    let seed = "18446744073709551615"
    #expect(try readSample("training: {seed: \(seed)}").training.seed == .max)
  }

  @Test func overridesApplyInOrderAndMakeWhatIsMissing() throws {
    let yaml = "data: {train: [{manifest: a, split: train}]}\nmodel: {layer_count: 2}"
    let options = try readSample(
      yaml, "model.layer_count=4", "model.layer_count=5", "data.train.0.split=valid",
      "data.train.1.manifest=b", "training.tag_loss.weight=1e-2", "data.mean=[1, 2.5]",
      "data.validation.0.manifest=c=d", "training.note=''", "initialize=null", "labels.x=9")
    #expect(options.model.layerCount == 5)
    #expect(options.data.train.map(\.split) == ["valid", nil])
    #expect(options.data.train.map(\.manifest) == ["a", "b"])
    #expect(options.training.tagLoss?.weight == 0.01)
    #expect(options.data.mean == [1, 2.5])
    #expect(options.data.validation == [SampleData.Source(manifest: "c=d")])
    #expect(options.labels == ["base": 1, "x": 9])
  }

  @Test func overridesReachIntoListsThatOnlyTheDefaultsHave() throws {
    let options = try readSample("{}", "data.train.0.sampling=balanced")
    #expect(options.data.train.map(\.manifest) == ["default.jsonl"])
    #expect(options.data.train[0].sampling == .balanced)
  }

  @Test func anEmptyOverrideOfTextIsRefusedAndQuotesGiveEmptyText() throws {
    #expect(try readSample("training: {note: a}", "training.note=''").training.note == "")
    #expect(sampleComplaint("{}", "training.note=").contains("expected text, found nothing (null)"))
  }

  @Test func aliasesAndMergeKeysAreWrittenOut() throws {
    let options = try readSample(
      """
      data:
        train:
          - &first {manifest: a, split: train, sampling: balanced}
        validation:
          - <<: *first
            split: "*first"
          - *first
      """)
    #expect(options.data.validation.map(\.split) == ["*first", "train"])
    #expect(options.data.validation.allSatisfy { $0.sampling == .balanced })
  }

  @Test func textMayLookLikeAnything() throws {
    let options = try readSample("training: {note: \"*x\\u0000\\U0001F3B5\"}\ninitialize: 007")
    #expect(options.training.note == "*x\0🎵")
    #expect(options.initialize == "007")
  }

  @Test func carriageReturnsAndAByteOrderMarkAreAccepted() throws {
    #expect(try readSample("\u{FEFF}model:\r\n  layer_count: 3\r\n").model.layerCount == 3)
  }

  @Test func problemsAreGivenFileAndLine() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "run.yaml")
      try Data("model:\n  layer_count: 2\n  head_count: 5\n".utf8).write(to: url)
      let file = try ConfigurationFile<SampleOptions>(
        contentsOf: url, overrides: ["data.mean=[1]"])
      func failure(_ path: String) -> String {
        file.located(OptionError(path, found: "5", expected: "a divisor of 768")).description
      }
      let problem = "expected a divisor of 768, found 5"
      #expect(failure("model.head_count") == "\(url.path):3: model.head_count: \(problem)")
      #expect(failure("model.dropout") == "\(url.path):1: model.dropout: \(problem)")
      #expect(
        failure("data.mean.0") == "\(url.path), override data.mean=[1]: data.mean.0: \(problem)")
      #expect(failure("training.seed") == "\(url.path): training.seed: \(problem)")
    }
  }
}
