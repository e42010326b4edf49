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
  /// - Parameter hasValidation: Whether there are validation tracks.
  func settingsWithoutEffect(hasValidation: Bool) -> [SettingWithoutEffect] {
    settingsOfTraining(hasValidation: hasValidation) + settingsOfModel + settingsOfData
      + settingsOfGeneration
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
    let reason = "generation.sampling is \(generation.sampling)"
    if generation.sampling {
      return changed(\.generation.beamWidth, "generation.beam_width", reason)
        + changed(\.generation.earlyStopping, "generation.early_stopping", reason)
    }
    return changed(\.generation.temperature, "generation.temperature", reason)
      + changed(\.generation.topK, "generation.top_k", reason)
      + changed(\.generation.topP, "generation.top_p", reason)
      + changed(\.generation.seed, "generation.seed", reason)
  }

  /// The settings that differ from the sizes and features of the model to start from.
  func settingsWithoutEffect(besides bundle: ModelBundle) throws -> [SettingWithoutEffect] {
    guard initialize != nil else { return [] }
    let taken = Set(["vocab_size", "tag_count"])
    return try Self.differences(
      model, ModelConfiguration(), bundle.model.configuration, section: "model"
    ).filter { setting in
      !taken.contains(String(setting.key.dropFirst(6))) && !setting.key.hasSuffix("_token_id")
    } + Self.differences(audio, AudioFeatureOptions(), bundle.audio, section: "audio")
  }

  private static func differences<Options: Encodable>(
    _ wanted: Options, _ defaults: Options, _ actual: Options, section: String
  ) throws -> [SettingWithoutEffect] {
    let (defaults, actual) = (
      try ConfigurationNodeEncoder.node(for: defaults),
      try ConfigurationNodeEncoder.node(for: actual)
    )
    return try ConfigurationNodeEncoder.node(for: wanted).entries?.compactMap { entry in
      let (key, value) = (entry.key, entry.value)
      guard value != defaults[key], value != actual[key] else { return nil }
      return SettingWithoutEffect(
        key: "\(section).\(key)", reason: "the model of `initialize` has its own")
    } ?? []
  }
}
