import Foundation
import Testing

@testable import MusicCaptioner

/// The files in `Configs/`.
@Suite struct ShippedConfigurationTests {
  private static let names = ["", "experiments/"].flatMap { folder in
    let files = try? FileManager.default.contentsOfDirectory(
      atPath: Checkout.url("Configs/\(folder)").path)
    return (files ?? []).filter { $0.hasSuffix(".yaml") }.sorted().map { folder + $0 }
  }

  private func read(_ name: String) throws -> RunConfiguration {
    try ConfigurationFile(
      contentsOf: Checkout.url("Configs/\(name)"), default: RunConfiguration()
    ).value
  }

  @Test func allAreThere() {
    for name in [
      "quickstart", "synthetic-music", "pretrain-lp-musiccaps", "finetune-musiccaps",
      "supervised-musiccaps", "pseudocaptions-loop", "own-music", "experiments/pretrain",
      "experiments/supervised", "experiments/transfer",
    ] {
      #expect(Self.names.contains("\(name).yaml"))
    }
  }

  @Test(arguments: names) func eachReadsAndMakesSense(name: String) throws {
    try read(name).validate()
  }

  /// arXiv 2307.16372, section 4.2, and the official code (DESIGN.md, section 2).
  @Test(arguments: ["pretrain-lp-musiccaps", "finetune-musiccaps", "supervised-musiccaps"])
  func theOfficialOnesHaveTheOfficialNumbers(name: String) throws {
    let configuration = try read("\(name).yaml")
    let training = configuration.training
    let isPretraining = name == "pretrain-lp-musiccaps"
    #expect(training.batchSize == (isPretraining ? 256 : 64))
    #expect(training.epochs == (isPretraining ? 4096 : 100))
    #expect(training.warmupEpochs == (isPretraining ? 125 : 20))
    #expect(training.learningRate == 1e-4 && training.minimumLearningRate == 1e-9)
    #expect(training.weightDecay == 0.01 && training.decayVectors)
    #expect((training.beta1, training.beta2, training.epsilon) == (0.9, 0.999, 1e-8))
    #expect(training.labelSmoothing == 0.1)
    #expect(training.gradientAccumulationSteps == 1 && training.maximumGradientNorm == nil)
    #expect(training.tagLossWeight == 0 && training.calibrationClips == 0)
    #expect(configuration.data.maximumTokens == (isPretraining ? 110 : 128))
    #expect(configuration.data.augmentation == AugmentationOptions())
    #expect(configuration.data.crop == .random)
    #expect(configuration.data.tagCount == 0)
    if isPretraining {
      #expect(configuration.data.drawsPerEpoch == 1 << 13)
      #expect(configuration.data.train.map(\.sampling) == [.balanced])
      #expect(configuration.data.train.map(\.format) == [.lpMusicCaps])
      let kinds: Set<CaptionKind> = [.writing, .summary, .paraphrase, .attributePrediction]
      #expect(Set(configuration.data.train[0].captions) == kinds)
    } else {
      #expect(configuration.data.drawsPerEpoch == nil)
      #expect(configuration.data.train.map(\.format) == [.musicCaps])
    }
    // A pretrained model brings its own sizes and features.
    #expect((configuration.initialize != nil) == (name == "finetune-musiccaps"))
    #expect(configuration.model == ModelConfiguration())
    if configuration.initialize == nil {
      #expect(configuration.audio.spectrum == .realPart)
      #expect(configuration.tokenizer.path != nil)
    }
    #expect(!configuration.standardizeAudio)
  }

  /// A comparison of what models learn from is one only where all else is the same.
  @Test func theLadderInMiniatureComparesLikeWithLike() throws {
    let pretraining = try read("experiments/pretrain.yaml")
    let supervised = try read("experiments/supervised.yaml")
    let transfer = try read("experiments/transfer.yaml")
    #expect(supervised.model == pretraining.model && supervised.audio == pretraining.audio)
    #expect(supervised.data.augmentation == pretraining.data.augmentation)
    #expect(supervised.data.train == transfer.data.train)
    #expect(supervised.data.validation == transfer.data.validation)
    #expect(supervised.generation == transfer.generation)
    let splits = try #require(
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: Checkout.url("Configs/experiments/splits.json")))
        as? [String: [String]])
    let ids = splits.values.flatMap { $0 }
    #expect(Set(ids).count == ids.count && ids.count == 1_800, "no clip is in two splits")
  }

  /// A configuration that can't be used without data that isn't here has to say so.
  @Test(arguments: names) func theReadmeSaysWhatEachNeeds(name: String) throws {
    let readme = try String(contentsOf: Checkout.url("README.md"), encoding: .utf8)
    let link = name.hasPrefix("experiments/") ? "(Docs/EXPERIMENTS.md)" : "(Configs/\(name))"
    let row = try #require(
      readme.split(separator: "\n").first { $0.hasPrefix("| [") && $0.contains(link) })
    let text = try String(contentsOf: Checkout.url("Configs/\(name)"), encoding: .utf8)
    #expect(row.contains("../shared") == text.contains("shared/data"))
  }

  @Test func quickstartNeedsNoFiles() throws {
    let configuration = try read("quickstart.yaml")
    #expect(configuration.synthesizedMusic != nil && configuration.initialize == nil)
    #expect(configuration.data.train.isEmpty && configuration.tokenizer.path == nil)
  }
}
