import Foundation
import Testing

@testable import MusicCaptioner

/// What somebody sets counts, or they are told that it doesn't.
@Suite struct SettingsWithoutEffectTests {
  private func found(_ overrides: String..., hasValidation: Bool = true) throws -> [String] {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "run.yaml")
      try Data("{}".utf8).write(to: file)
      return try RunConfiguration(contentsOf: file, overrides: overrides)
        .settingsWithoutEffect(hasValidation: hasValidation).map(\.key)
    }
  }

  @Test func settingsThatOthersMakeUselessAreFound() throws {
    #expect(try found() == [] && found(hasValidation: false) == [])
    #expect(
      try found(
        "training.early_stopping_patience=3", "training.validate_every_steps=5",
        hasValidation: false)
        == ["training.validate_every_steps", "training.early_stopping_patience"])
    #expect(try found("data.tag_count=4") == ["data.tag_count"])
    #expect(try found("data.tag_count=4", "training.tag_loss_weight=0.1") == [])
    #expect(try found("model.vocab_size=9") == ["model.vocab_size"])
    #expect(try found("model.summary_dropout=0.1") == ["model.summary_dropout"])
    #expect(try found("model.summary_dropout=0.1", "model.clip_summary=true") == [])
    #expect(try found("tokenizer.vocabulary_size=9") == [])
    #expect(
      try found("tokenizer.vocabulary_size=9", "tokenizer.path=x") == ["tokenizer.vocabulary_size"])
    #expect(
      try found("initialize=x", "standardize_audio=true", "training.calibration_clips=2")
        == ["standardize_audio", "training.calibration_clips"])
    #expect(
      try found("data.augmentation.time_mask_frames=2")
        == ["data.augmentation.time_mask_frames"])
    #expect(try found("generation.temperature=0.5") == ["generation.temperature"])
    #expect(try found("generation.temperature=0.5", "generation.sampling=true") == [])
    #expect(
      try found("generation.beam_width=2", "generation.sampling=true") == ["generation.beam_width"])
    #expect(
      try found("training.tag_only_epochs=100", "training.tag_loss_weight=1", "data.tag_count=1")
        == ["training.epochs"])
  }

  @Test func dataBesideSynthesizedMusicIsRefused() throws {
    for key in ["train", "validation"] {
      var configuration = RunConfiguration()
      configuration.synthesizedMusic = SynthesizedMusicOptions()
      var source = DatasetOptions()
      source.manifest = "mine.jsonl"
      if key == "train" {
        configuration.data.train = [source]
      } else {
        configuration.data.validation = [source]
      }
      #expect {
        try configuration.validate()
      } throws: { error in
        "\(error)".contains("data.\(key)") && "\(error)".contains("synthesized_music")
      }
    }
  }

  @Test func sizesBesideAModelToStartFromAreFound() throws {
    var configuration = try TinyRun.configuration()
    let bundle = try TinyRun.prepared(configuration).bundle
    configuration.initialize = "model"
    // The same sizes change nothing, and are no reason to complain.
    #expect(
      try configuration.settingsWithoutEffect(besides: bundle).map(\.key).contains("model.d_model")
        == false)
    configuration.model.width = 512
    configuration.audio.melCount = 64
    let keys = try configuration.settingsWithoutEffect(besides: bundle).map(\.key)
    #expect(keys.contains("model.d_model") && keys.contains("audio.mel_count"))
  }

  @Test(arguments: [
    "quickstart", "synthetic-music", "pretrain-lp-musiccaps", "finetune-musiccaps",
    "supervised-musiccaps", "pseudocaptions-loop", "experiments/pretrain",
    "experiments/supervised", "experiments/transfer",
  ])
  func shippedConfigurationsHaveNone(name: String) throws {
    let configuration = try RunConfiguration(
      contentsOf: Checkout.url("Configs/\(name).yaml"))
    let hasValidation =
      !configuration.data.validation.isEmpty || configuration.synthesizedMusic != nil
    #expect(try configuration.settingsWithoutEffect(hasValidation: hasValidation) == [])
  }
}
