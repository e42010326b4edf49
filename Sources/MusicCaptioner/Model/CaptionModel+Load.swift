extension Layer {
  /// The values of all parameters by name, to be written to a file.
  public var namedTensors: NamedTensors {
    NamedTensors(namedParameters.lazy.map { (name: $0.name, tensor: $0.parameter.value) })
  }
}

extension CaptionModel {
  /// Takes all values from `tensors`. Strict: missing, unexpected and mis-shaped ones are errors,
  /// reported together; so are values that aren't numbers, which some precisions would turn into words.
  ///
  /// Constants that follow from the sizes (sinusoids, the output bias, which is 0 in official files) may
  /// be missing, and tensors that only the official code stores (a mel filter bank, copies of the embedding
  /// table) may be present. All names may have one prefix, as those of a part of a larger module have.
  func load(_ given: NamedTensors) throws {
    let prefix = try given.prefix(before: Self.landmark)
    var tensors = prefix.isEmpty ? given : try given.without(prefix: prefix)
    if tensors[Self.tableName] == nil,
      let copy = Self.tableCopies.first(where: { tensors[$0] != nil })
    {
      tensors[Self.tableName] = tensors[copy]
    }
    let parameters = namedParameters
    let required = parameters.filter { $0.parameter.isTrained || tensors[$0.name] != nil }
    try tensors.check(
      required.map { ($0.name, $0.parameter.shape) },
      allowingUnexpected: { Self.derivedNames.contains($0) || Self.tableCopies.contains($0) })
    if let table = tensors[Self.tableName] {
      for name in Self.tableCopies {
        if let copy = tensors[name], !copy.isIdentical(to: table) {
          throw ModelError(.untiedEmbedding(name), file: tensors.source ?? name)
        }
      }
    }
    for named in parameters {
      if let value = tensors[named.name] {
        guard Kernels.sumOfSquares(value).isFinite else {
          throw CheckpointError(.notFinite(named.name), file: tensors.source ?? "tensors in memory")
        }
        named.parameter.value = value
      } else {
        named.parameter.initialize(seed: 0, name: named.name)
      }
    }
  }

  /// Every caption model has it, and no other part of a larger module does.
  private static let landmark = "audio_encoder.conv1.weight"

  private static let tableName = "bart.model.shared.weight"

  /// Where the official code stores copies of that table.
  private static let tableCopies = [
    "bart.model.encoder.embed_tokens.weight", "bart.model.decoder.embed_tokens.weight",
    "bart.lm_head.weight",
  ]

  /// Tensors that only the official code's checkpoints hold; here they follow from the audio options.
  static let derivedNames: Set<String> = [
    "audio_encoder.mel_encoder.spec_fn.window", "audio_encoder.mel_encoder.mel_scale.fb",
  ]
}
