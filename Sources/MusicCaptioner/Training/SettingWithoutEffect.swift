/// A setting that differs from its default but changes nothing because of another setting.
struct SettingWithoutEffect: Equatable, CustomStringConvertible {
  /// The dotted key path.
  let key: String
  let reason: String

  var description: String { "\(key) has no effect: \(reason)" }
}

extension RunConfiguration {
  /// All settings that have no effect in a run. They are reported because the user expects an
  /// effect.
  func settingsWithoutEffect(in run: PreparedRun) throws -> [SettingWithoutEffect] {
    try settingsWithoutEffect(hasValidation: run.validation != nil)
      + settingsWithoutEffect(besides: run.bundle)
  }

  /// The settings that have no effect because of other settings.
  ///
  /// - Parameter hasValidation: Whether there are tracks to validate on.
  func settingsWithoutEffect(hasValidation: Bool) throws -> [SettingWithoutEffect] {
    settingsOfTraining(hasValidation: hasValidation) + settingsOfModel + settingsOfData
      + (try settingsOfGeneration)
  }

  private func changed<Value: Equatable>(
    _ keyPath: KeyPath<RunConfiguration, Value>, _ key: String, _ reason: String
  ) -> [SettingWithoutEffect] {
    self[keyPath: keyPath] == RunConfiguration()[keyPath: keyPath]
      ? [] : [SettingWithoutEffect(key: key, reason: reason)]
  }

  private func settingsOfTraining(hasValidation: Bool) -> [SettingWithoutEffect] {
    var found: [SettingWithoutEffect] = []
    if !hasValidation {
      let reason = "there is no data.validation"
      found += changed(\.training.validateEverySteps, "training.validate_every_steps", reason)
      found += changed(\.training.validationMetrics, "training.validation_metrics", reason)
      found += changed(\.training.bestBy, "training.best_by", reason)
      found += changed(
        \.training.earlyStoppingPatience, "training.early_stopping_patience", reason)
      found += changed(\.training.sampleCaptions, "training.sample_captions", reason)
      found += changed(\.data.validationLimit, "data.validation_limit", reason)
    }
    if training.validationMetrics.isEmpty {
      found += changed(
        \.training.validationCaptionLimit, "training.validation_caption_limit",
        "training.validation_metrics is empty, so no captions are scored")
    }
    if training.tagLossWeight == 0 {
      let reason = "training.tag_loss_weight is 0, so tags are not learned"
      found += changed(\.data.tagCount, "data.tag_count", reason)
      found += changed(\.training.tagBalance, "training.tag_balance", reason)
    }
    if training.tagOnlyEpochs >= training.epochs {
      found.append(
        SettingWithoutEffect(
          key: "training.epochs",
          reason: "training.tag_only_epochs is as many, so captions are never learned"))
    }
    return found
  }

  private var settingsOfModel: [SettingWithoutEffect] {
    var found: [SettingWithoutEffect] = []
    for (keyPath, key) in [
      (\RunConfiguration.model.vocabularySize, "vocab_size"),
      (\.model.startTokenID, "bos_token_id"), (\.model.paddingTokenID, "pad_token_id"),
      (\.model.endTokenID, "eos_token_id"),
      (\.model.decoderStartTokenID, "decoder_start_token_id"),
    ] { found += changed(keyPath, "model.\(key)", "it is the tokenizer's") }
    found += changed(\.model.tagCount, "model.tag_count", "data.tag_count says it")
    if !model.summarizesClip {
      found += changed(
        \.model.summaryDropout, "model.summary_dropout", "model.clip_summary is off")
    }
    if data.tagCount == 0 {
      found += changed(\.model.tagSource, "model.tag_source", "data.tag_count is 0")
    }
    if initialize != nil || tokenizer.path != nil {
      let reason = "the tokenizer is given, not learned"
      found += changed(\.tokenizer.vocabularySize, "tokenizer.vocabulary_size", reason)
      found += changed(\.tokenizer.minimumFrequency, "tokenizer.minimum_frequency", reason)
    }
    if initialize != nil {
      let reason = "the model of `initialize` is past its first weights"
      found += changed(\.standardizeAudio, "standardize_audio", reason)
      found += changed(\.training.calibrationClips, "training.calibration_clips", reason)
    } else if standardizeAudio {
      let reason = "standardize_audio measures it"
      found += changed(\.audio.mean, "audio.mean", reason)
      found += changed(\.audio.deviation, "audio.deviation", reason)
    }
    return found
  }

  private var settingsOfData: [SettingWithoutEffect] {
    var found: [SettingWithoutEffect] = []
    if data.augmentation.timeMasks == 0 {
      found += changed(
        \.data.augmentation.timeMaskFrames, "data.augmentation.time_mask_frames",
        "data.augmentation.time_masks is 0")
    }
    if data.augmentation.frequencyMasks == 0 {
      found += changed(
        \.data.augmentation.frequencyMaskMels, "data.augmentation.frequency_mask_mels",
        "data.augmentation.frequency_masks is 0")
    }
    return found
  }

  private var settingsOfGeneration: [SettingWithoutEffect] {
    get throws {
      let keys = Dictionary(uniqueKeysWithValues: generation.unusedKeys.map { ($0.key, $0.why) })
      return try Self.changes(of: generation, from: [DecodingOptions()]).compactMap { key in
        keys[key].map { why in
          SettingWithoutEffect(
            key: "generation.\(key)",
            reason: why == .withOneBeam
              ? "generation.beam_width is 1" : "generation.sampling is \(generation.sampling)")
        }
      }
    }
  }

  /// The settings that differ from the sizes and features of the model to start from.
  func settingsWithoutEffect(besides bundle: ModelBundle) throws -> [SettingWithoutEffect] {
    guard initialize != nil else { return [] }
    let defaults = (ModelConfiguration(), AudioFeatureOptions())
    let sizes = try Self.changes(of: model, from: [defaults.0, bundle.model.configuration])
      .filter { !["vocab_size", "tag_count"].contains($0) && !$0.hasSuffix("_token_id") }
    let features = try Self.changes(of: audio, from: [defaults.1, bundle.audio])
    return (sizes.map { "model.\($0)" } + features.map { "audio.\($0)" }).map {
      SettingWithoutEffect(key: $0, reason: "the model of `initialize` has its own")
    }
  }

  /// The keys whose values differ from those in all of `others`.
  private static func changes<Section: Options>(
    of section: Section, from others: [Section]
  ) throws -> [String] {
    let others = try others.map { try ConfigurationNodeEncoder.node(for: $0) }
    let entries = try ConfigurationNodeEncoder.node(for: section).entries ?? []
    return entries.filter { entry in others.allSatisfy { $0[entry.key] != entry.value } }
      .map(\.key)
  }
}
